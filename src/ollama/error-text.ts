/**
 * Cleans texts that come from a server or the system, so that they can be stored and shown: no control codes, a limited
 * length, and none of the secrets that requests sent in headers, because some servers repeat them in errors.
 */
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { parseJson } from '../json/json.ts'
import { redacted } from '../secrets/secrets.ts'

const maxLength = 500
/** Control codes, and characters that reorder or hide text. */
const controlCodes =
  /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]+/gu

/** Cutting a text may leave the first half of a surrogate pair at its end. */
const halfPair = /[\ud800-\udbff]$/

/** One line of at most 500 characters without control codes; may be empty. */
export function cleanText(text: string): string {
  const clean = stripVTControlCharacters(text.slice(0, 4 * maxLength))
    .replace(controlCodes, ' ')
    .trim()
  return clean.length <= maxLength
    ? clean
    : `${clean.slice(0, maxLength - 1).replace(halfPair, '')}…`
}

const errorBody = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) })

/** The message of a body in Ollama's error format `{"error": …}`, or undefined for any other body. */
export function errorOfBody(body: string): string | undefined {
  const parsed = errorBody.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { error } = parsed.data
  return cleanText(typeof error === 'string' ? error : error.message)
}

/** True if a body is a web page, by its content type or its first characters. */
export function isWebPage(contentType: string | undefined, body: string): boolean {
  return contentType?.includes('text/html') === true || /^\s*<(!doctype|html)/i.test(body)
}

/** Shorter header values are not secrets, and may be common words. */
const minSecretLength = 6
const authorizationScheme = /^(bearer|basic|digest|token)$/i

/**
 * Returns a function that replaces the values of these headers in a text. If the text was cut in the middle of a
 * value, the fragment of the value at the end of the text is replaced too.
 * @param headers the values as they are sent, credentials included
 */
export function createHeaderRedactor(
  headers: Readonly<Record<string, string>>,
): (text: string) => string {
  const secrets = Object.entries(headers)
    .filter(([name]) => name.toLowerCase() !== 'host')
    .flatMap(([, value]) => [value, ...value.split(/\s+/), ...basicCredentials(value)])
    .filter((secret) => secret.length >= minSecretLength && !authorizationScheme.test(secret))
    .toSorted((one, other) => other.length - one.length)
  if (secrets.length === 0) return (text) => text
  return (text) => {
    const clean = secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, redacted), text)
    return clean.endsWith('…') ? withoutSecretAtEnd(clean.slice(0, -1), secrets) : clean
  }
}

function withoutSecretAtEnd(text: string, secrets: readonly string[]): string {
  for (const secret of secrets)
    for (let length = secret.length - 1; length > 2; length -= 1)
      if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${redacted}…`
  return `${text}…`
}

function basicCredentials(value: string): readonly string[] {
  const encoded = /^basic\s+(\S+)$/i.exec(value)?.[1]
  if (encoded === undefined) return []
  const credentials = Buffer.from(encoded, 'base64').toString('utf8')
  return [credentials, credentials.slice(credentials.indexOf(':') + 1)]
}
