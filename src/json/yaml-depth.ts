/** Finds YAML texts that nest so deeply, for example texts of brackets only, that the recursive library could overflow the stack. */
import { Lexer, Parser, type CST } from 'yaml'
import { limits } from '../errors/limits.ts'

/** The tokens of a text; undefined if its lists and mappings nest in more levels than `limits.depth`. */
export function yamlTokens(text: string): readonly CST.Token[] | undefined {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    // The parser takes nested tokens from its stack by recursion. A level has up to three of them.
    if (parser.stack.length > 3 * limits.depth.max) return undefined
  }
  for (const token of parser.end()) tokens.push(token)
  return tokens.some(isTooDeep) ? undefined : tokens
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
