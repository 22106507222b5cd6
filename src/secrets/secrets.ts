/**
 * The one policy on secrets: which names mean that a value is secret, and how secrets are removed from text.
 * It imports no other room: `exp validate`, stored results, reports and the rooms that talk to servers all use it.
 */

/** Replaces a secret. */
export const redacted = '[redacted]'

/** A name that contains one of these words always means a secret. */
const clearlySecret = /secret|passw|passphrase|credential|authorization|cookie/i
/** Words that mean a secret only if a word of the name ends with them: `API_KEY` and `apikey`, but not `KEYBOARD`. */
const secretWord = /(?:keys?|token)$|^(?:auth|oauth|pass|pwd)$/
/** In a name with one of these words, `TOKENS` means credentials. In any other, it means a number of tokens: `MAX_TOKENS`. */
const credentialWord = /^(?:api|access|auth|refresh|bearer)$/
/** Ollama's switch for signed requests; its value is true or false. */
const harmless = /^OLLAMA_AUTH$/i

/** True if a variable, header, field or option of this name holds a secret. */
export function isSecretName(name: string): boolean {
  if (harmless.test(name)) return false
  if (clearlySecret.test(name)) return true
  const words = wordsOf(name)
  return (
    words.some((word) => secretWord.test(word)) ||
    (words.includes('tokens') && words.some((word) => credentialWord.test(word)))
  )
}

/** The words of `HTTP_API_KEY2`, `http-api-key` or `HTTPApiKey`, in lower case and without numbers. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})|(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1$3 $2$4')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
}

const urlCredentials = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"']*@/gi

/** The text without the user names and passwords of URLs. */
export function withoutUrlCredentials(text: string): string {
  return text.replace(urlCredentials, `$1${redacted}@`)
}

const authorizationValue =
  /\b(authorization["']?\s*[:=]\s*["']?)(?:(?:basic|bearer|digest|token)\s+)?[^\s"',}\]]+/gi
const bearerValue = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi
/** A name that may be secret and its value: `api_key=x`, `"token": "x"`. A number is not a secret. */
const assignment =
  /\b([\w-]*(?:key|token|secret|passw|passphrase|credential|authorization|cookie|auth|pass|pwd)[\w-]*)(["']?\s*[:=]\s*["']?)(?!\[redacted|\d+\b)([^\s"',}\]&]+)/gi

/** The text without URL credentials, authorization headers, and values that are assigned to secret names. */
export function withoutSecrets(text: string): string {
  return withoutAssignedSecrets(
    withoutUrlCredentials(text)
      .replace(authorizationValue, `$1${redacted}`)
      .replace(bearerValue, `$1 ${redacted}`),
  )
}

function withoutAssignedSecrets(text: string): string {
  return text.replace(assignment, (_, name: string, between: string, value: string) =>
    // The value of a harmless name may itself assign a secret: `tokens=key=x`.
    isSecretName(name)
      ? `${name}${between}${redacted}`
      : `${name}${between}${withoutAssignedSecrets(value)}`,
  )
}
