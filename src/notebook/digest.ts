import { createHash } from 'node:crypto'

/** The SHA-256 digest of the bytes as `sha256:<hex>`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
