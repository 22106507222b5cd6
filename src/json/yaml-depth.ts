/**
 * Finds YAML texts that nest so deeply that the recursive library could overflow the stack, for example texts of brackets
 * only.
 */
import { Lexer, Parser, type CST } from 'yaml'
import { beyond, limits } from '../errors/limits.ts'

export const tooDeep = 'the file is nested too deeply'
export const tooManyMistakes = `the file is not YAML: it has more than ${limits.yamlMistakes.max} mistakes`

/** The tokens of a text; or why it is not read: it nests too deeply, has too many lines, or is no YAML at all. */
export function yamlTokens(
  text: string,
): { readonly tokens: readonly CST.Token[] } | { readonly failure: string } {
  const { yamlLines } = limits
  const lines = text.split('\n').length
  if (lines > yamlLines.max) return { failure: `the file has ${beyond(yamlLines, lines)}` }
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let others = 0
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token)
      if (!uncounted.has(token.type)) others += 1
    }
    // The parser takes nested tokens from its stack by recursion. A level has up to three of them.
    if (parser.stack.length > 3 * limits.depth.max) return { failure: tooDeep }
    if (others > limits.yamlMistakes.max) return { failure: tooManyMistakes }
  }
  for (const token of parser.end()) tokens.push(token)
  return tokens.some(isTooDeep) ? { failure: tooDeep } : { tokens }
}

/** Tokens that may occur any number of times around the one document of a file. */
const uncounted: ReadonlySet<string> = new Set(['comment', 'newline', 'space'])

/**
 * The result of parsing. The library makes an error object for each mistake, and a text of 4 MB can have a million:
 * their stacks, which nobody reads, would need several gigabytes.
 */
export function withoutStacks<Result>(parse: () => Result): Result {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return parse()
  } finally {
    Error.stackTraceLimit = before
  }
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
