/** Names of objects in Kubernetes. */
import { createHash } from 'node:crypto'

const maxLength = 63
const digestLength = 8

/**
 * A name that is valid for objects and labels of Kubernetes (RFC 1123: a-z, 0-9 and `-`, at most 63 characters). Text
 * that is not a valid name is shortened to one, with a digest, so that different texts have different names.
 * @param parts joined by `-`; the first begins with a letter
 */
export function objectName(...parts: readonly string[]): string {
  const text = parts.join('-')
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-+$/, '')
  if (plain === text && plain.length <= maxLength) return plain
  const digest = createHash('sha256').update(text).digest('hex').slice(0, digestLength)
  return `${plain.slice(0, maxLength - digestLength - 1).replace(/-+$/, '')}-${digest}`
}
