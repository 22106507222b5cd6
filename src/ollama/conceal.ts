/** Keeps what we sent in headers out of what a server says of our requests: some repeat it in their errors. */
import { redacted } from '../secrets/secrets.ts'

/** Shorter ones are no secrets, and stand in many a sentence. */
const shortest = 6
const schemes = /^(bearer|basic|digest|token)$/i

/** @param headers values as they are sent, credentials and all */
export function createHeaderRedactor(
  headers: Readonly<Record<string, string>>,
): (text: string) => string {
  const secrets = Object.entries(headers)
    .filter(([name]) => name.toLowerCase() !== 'host')
    .flatMap(([, value]) => [value, ...value.split(/\s+/), ...basicPassword(value)])
    .filter((secret) => secret.length >= shortest && !schemes.test(secret))
    .toSorted((one, other) => other.length - one.length)
  if (secrets.length === 0) return (text) => text
  return (text) => {
    const clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, redacted), text)
    return clean.endsWith('…') ? withoutBegun(clean.slice(0, -1), secrets) : clean
  }
}

/** A text that was cut may end with the beginning of a secret. */
function withoutBegun(text: string, secrets: readonly string[]): string {
  for (const secret of secrets)
    for (let length = secret.length - 1; length > 2; length -= 1)
      if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${redacted}…`
  return `${text}…`
}

function basicPassword(value: string): readonly string[] {
  const encoded = /^basic\s+(\S+)$/i.exec(value)?.[1]
  if (encoded === undefined) return []
  const credentials = Buffer.from(encoded, 'base64').toString('utf8')
  return [credentials, credentials.slice(credentials.indexOf(':') + 1)]
}
