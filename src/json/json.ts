/** Parses JSON, writes it in canonical form, and computes digests of that form. Pure. */
import { createHash } from 'node:crypto'
import { limits } from '../errors/limits.ts'

/**
 * The value of a JSON text, or `undefined` if the text is not JSON. JSON itself cannot express `undefined`.
 * @param onError called with the parser's reason if the text is not JSON; its result is returned
 */
export function parseJson(
  text: string,
  onError: (reason: string) => unknown = () => undefined,
): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return onError(error instanceof Error ? error.message : String(error))
  }
}

/**
 * True if lists and objects nest in more levels than `limits.depth`, which could overflow the stack of a reader.
 */
export function nestsTooDeep(value: unknown, depth = 0): boolean {
  if (depth > limits.depth.max) return true
  if (typeof value !== 'object' || value === null) return false
  const values: readonly unknown[] = Object.values(value)
  return values.some((each) => nestsTooDeep(each, depth + 1))
}

/** JSON without white space, with the keys of every object in code-unit order and `undefined` values left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(value))
}

/** A copy of a JSON value with the keys of every object in code-unit order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]))
}

/** `sha256:…` of the value's canonical JSON. */
export function jsonDigest(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`
}
