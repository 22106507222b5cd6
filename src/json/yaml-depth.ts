/**
 * Refuses YAML that would take the YAML library too much time or memory: the library is recursive, and for each alias
 * it searches all anchors.
 */
import { Lexer, Parser, type CST } from 'yaml'
import { beyond, limits } from '../errors/limits.ts'

export const tooDeep = 'the file is nested too deeply'
export const tooManyMistakes = `the file is not YAML: it has more than ${limits.yamlMistakes.max} mistakes`

/** The tokens of a text, or the reason for refusing it: it nests too deeply, has too many lines, or is not YAML. */
export function yamlTokens(
  text: string,
): { readonly tokens: readonly CST.Token[] } | { readonly failure: string } {
  const { yamlParts } = limits
  const lines = text.split('\n').length
  if (lines > limits.lines.max) return { failure: `the file has ${beyond(limits.lines, lines)}` }
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let [mistakes, parts] = [0, 0]
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token)
      if (!unlimitedTokens.has(token.type)) mistakes += 1
    }
    parts += 1
    if (parts > yamlParts.max)
      return { failure: `the file has more than ${yamlParts.max} ${yamlParts.unit}` }
    // The parser takes nested tokens from its stack by recursion. A level has up to three of them.
    if (parser.stack.length > 3 * limits.depth.max) return { failure: tooDeep }
    if (mistakes > limits.yamlMistakes.max) return { failure: tooManyMistakes }
  }
  for (const token of parser.end()) tokens.push(token)
  const failure = failureOf(tokens)
  return failure === undefined ? { tokens } : { failure }
}

/**
 * Tokens that may occur any number of times around the document of a file. All others count toward
 * `limits.yamlMistakes`: the first document too, for which the limit leaves room.
 */
const unlimitedTokens: ReadonlySet<string> = new Set(['comment', 'newline', 'space'])

/**
 * Calls `parse` without recording the stacks of errors. The library creates an error object for each mistake, and a
 * text of 4 MB can have a million: their stacks would need several gigabytes.
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

/** The reason for refusing the tokens: they nest too deeply, or have too many aliases. */
function failureOf(tokens: readonly CST.Token[]): string | undefined {
  const { depth: levels, yamlAliases } = limits
  let aliases = 0
  const waiting = tokens.map((token): [CST.Token | null | undefined, number] => [token, 0])
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [inner, depth] = next
    if (depth > levels.max) return tooDeep
    if (inner?.type === 'alias') aliases += 1
    if (inner?.type === 'document') waiting.push([inner.value, depth])
    else if (inner !== null && inner !== undefined && 'items' in inner)
      for (const { key, value } of inner.items) waiting.push([key, depth + 1], [value, depth + 1])
  }
  return aliases > yamlAliases.max ? `the file has ${beyond(yamlAliases, aliases)}` : undefined
}
