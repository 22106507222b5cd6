/**
 * The one policy on secrets in text: `exp validate`, stored results, reports, locks and the rooms that talk to servers
 * all use it. Input: any text. Output: the text without secrets. The time is linear in the length of any text. This
 * room imports no other.
 */
import { isSecretName, isSecretNumberName } from './secret-name.ts'

/** Replaces a secret. */
export const redacted = '[redacted]'

type Replace = (secret: string) => string
const redact: Replace = () => redacted

/**
 * The text of a log, an error, a setting or a command without secrets: values of secret names, `token: x`, `--token x`;
 * credentials in URLs and headers; keys with a known form.
 */
export function withoutSecrets(text: string): string {
  const clean = replaceValues(text, assignmentInMachineText, plainValue, redact)
  return replaceCredentials(
    clean.replace(userOfAddress, redacted),
    (_, token) => token.length >= minBearerLength,
    redact,
  )
}

/**
 * A text by a person, without secrets. Unlike `withoutSecrets`, it keeps the text after a colon, because `The key:
 * short prompts` is no secret. It keeps the word after `basic`, unless this word looks like credentials.
 */
export function withoutCredentials(text: string): string {
  if (!mayHoldCredentials.test(text)) return text
  const clean = replaceValues(text, assignmentInProse, plainValue, redact)
  return replaceCredentials(clean, looksLikeCredentials, redact)
}

/** True if the value of this setting is a secret, by its name (`DB_PASSWORD`), or contains one (`--token x`). */
export function isSecretSetting(name: string, value: string): boolean {
  const assignment = `${name}=${value}`
  return withoutSecrets(value) !== value || withoutCredentials(assignment) !== assignment
}

/** Values of options and other settings. */
type Setting = string | number | boolean | readonly string[]

/** The value of a setting of this name without credentials; all of it is replaced if the name is secret. */
export function settingWithoutCredentials(value: Setting, name: string): Setting {
  if (typeof value === 'string') return isSecretName(name) ? redacted : withoutCredentials(value)
  if (typeof value === 'number') return isSecretNumberName(name) ? redacted : value
  if (typeof value === 'boolean') return value
  return value.map((text) => (isSecretName(name) ? redacted : withoutCredentials(text)))
}

/**
 * A JSON value without credentials: removes them from all strings and keys, and replaces the values of secret names.
 */
export function jsonWithoutCredentials(value: unknown, name = ''): unknown {
  if (typeof value === 'string' || typeof value === 'number')
    return settingWithoutCredentials(value, name)
  if (Array.isArray(value)) return value.map((inner) => jsonWithoutCredentials(inner, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      withoutCredentials(key),
      jsonWithoutCredentials(inner, key),
    ]),
  )
}

/** A line of a YAML file with each character of a secret replaced by `*`, so that column numbers stay the same. */
export function maskSecrets(line: string): string {
  const mask: Replace = (secret) => '*'.repeat(secret.length)
  const clean = replaceValues(line, assignmentInMachineText, yamlValue, mask)
  return replaceCredentials(clean.replace(userOfAddress, mask), looksLikeCredentials, mask)
}

const urlUser = /(?<=[a-z0-9]:\/\/)[^\s/?#"']+(?=@)/gi
/** `user:password@host` without a scheme, but not the digest of an image. */
const userOfAddress = /(?<![^\s"',=[\]])[^\s:/?#@"',=[\]]+:[^\s/?#@"',=[\]]+(?=@(?!sha256:)[\w.-])/g
/** Keys of OpenAI, Hugging Face, GitHub, GitLab, Slack, AWS and Google; PEM files. */
const keyForms =
  /\b(?:sk-[\w-]{16,}|hf_\w{16,}|gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,})|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)/g
/**
 * A JSON web token. If a word only begins like one, matches the whole word, so that no part of it is searched again.
 */
const webToken = /\beyJ[\w-]{8,}(\.eyJ[\w-]{8,}(?:\.[\w-]*)?)?/g
const bearer = /\b(bearer|basic)(\s+)([\w.~+/=-]+)/gi
const minBearerLength = 8
/** A text without any of these holds nothing that `withoutCredentials` replaces; most prose is such a text. */
const mayHoldCredentials = /[=@_-]|AKIA|AIza|eyJ|authorization|bearer|basic|cookie|["']\s*:/i

function replaceCredentials(
  text: string,
  isCredential: (scheme: string, token: string) => boolean,
  replace: Replace,
): string {
  return text
    .replace(urlUser, replace)
    .replace(keyForms, replace)
    .replace(webToken, (word: string, claims?: string) =>
      claims === undefined ? word : replace(word),
    )
    .replace(bearer, (all: string, scheme: string, space: string, token: string) =>
      isCredential(scheme, token) ? `${scheme}${space}${replace(token)}` : all,
    )
}

/** True for a token with a digit, and for `user:password` in base 64, but not for a word. */
function looksLikeCredentials(scheme: string, token: string): boolean {
  return scheme.toLowerCase() === 'basic'
    ? /^[ -~]+:[ -~]*$/.test(Buffer.from(token, 'base64').toString('latin1'))
    : /\d/.test(token)
}

/**
 * A name, and the characters between it and its value: `api_key=x`, `"token": "x"`, `\"token\":\"x\"`, `--token x`,
 * `["--token", "x"]`.
 */
const assignmentInMachineText =
  /(?<![\w-])([\w-]+)\\?["']?\s*[:=]\s*|(?<![^\s"'`=,[])(-{1,2}[a-z][\w-]*)(?:\s+|\\?["']\s*,\s*)(?=[^\s-])/gi
/** The assignments that people write: with `=`, in JSON, in headers and in options. */
const assignmentInProse =
  /(?<![\w-])([\w-]+)(?:\\?["']?\s*=\s*|\\?["']\s*:\s*|(?<=authorization|cookie|\bx-[\w-]{1,60})\s*:\s*)|(?<![^\s"'`=,[])(-{1,2}[a-z][\w-]*)(?:\s+|\\?["']\s*,\s*)(?=[^\s-])/gi

/**
 * A value, in the first defined group. It is a list or an object, or in quotes, or it ends at the next space, comma or
 * closing bracket. An authorization such as `Bearer x` has two words.
 */
const plainValue =
  /([[{][^}\]\n]*)|"((?:[^"\\\n]|\\.)*)|'([^'\n]*)|\\"((?:(?!\\")[^\n])*)|(digest\s+\w+=[^\n]*|(?:(?:basic|bearer|negotiate|token)\s+)?[^\s"',}\]&]+)/iy
/** Like `plainValue`, but a value without quotes ends with its line, or with its entry of a list or a mapping. */
const yamlValue =
  /([[{][^}\]\n]*)|"((?:[^"\\\n]|\\.)*)|'([^'\n]*)|\\"((?:(?!\\")[^\n])*)|([^\n,}\]]+)/y
/** A value that was replaced before. It is skipped, because `plainValue` would take it for a list of secrets. */
const replacedBefore = /[\\"']*(?:\w+\s+)?\[redacted/y
/** A reference to a variable of the environment. */
const reference = /^(?:\w+\s+)?\$\{\w+\}?$/
const number = /^[\d.]+$/

function replaceValues(text: string, names: RegExp, values: RegExp, replace: Replace): string {
  let clean = ''
  let end = 0
  for (const match of text.matchAll(names)) {
    const [assignment, field, option = ''] = match
    const name = field ?? option.replace(/^-+/, '')
    if (match.index < end || !isSecretName(name)) continue
    const from = match.index + assignment.length
    replacedBefore.lastIndex = from
    if (replacedBefore.test(text)) continue
    values.lastIndex = from
    const found = values.exec(text)
    const secret = found?.slice(1).find(Boolean) ?? ''
    const isOrdinary = number.test(secret) && !isSecretNumberName(name)
    if (secret === '' || isOrdinary || reference.test(secret)) continue
    const start = values.lastIndex - secret.length
    clean += text.slice(end, start) + replace(secret)
    end = values.lastIndex
  }
  return clean + text.slice(end)
}
