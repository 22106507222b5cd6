/** Finds YAML texts that nest so deeply, for example texts of brackets only, that the recursive library could overflow the stack. */
import type { CST } from 'yaml'
import { limits } from '../errors/limits.ts'

/** True if lists and mappings nest in more levels than `limits.depth`. Finds out without recursion. */
export function yamlNestsTooDeep(tokens: readonly CST.Token[]): boolean {
  return tokens.some(isTooDeep)
}

function isTooDeep(token: CST.Token): boolean {
  const waiting: [CST.Token | null | undefined, number][] = [[token, 0]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [inner, depth] = next
    if (depth > limits.depth.max) return true
    if (inner?.type === 'document') waiting.push([inner.value, depth])
    else if (inner !== null && inner !== undefined && 'items' in inner)
      for (const { key, value } of inner.items) waiting.push([key, depth + 1], [value, depth + 1])
  }
  return false
}
