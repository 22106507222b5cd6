/** Adapts the YAML library: keeps the text of values that mean text, and translates the errors of the library. */
import { Composer, CST, isPair, isScalar, visit, type Document, type YAMLError } from 'yaml'
import { beyond, limits, type Limit } from '../../errors/limits.ts'
import { quoted } from '../../errors/quote.ts'
import { withoutStacks } from '../../json/yaml-depth.ts'
import type { ProblemDetails } from '../problem.ts'
import { fullWidthInLine, mistakeInLine } from './typing-mistakes.ts'

/**
 * Some places hold text although the schema accepts numbers and booleans too: `hardware`, `env`, the fields of samples,
 * and recorded figures. There, replaces such a value by its text in the file, so that `24.10` does not become `24.1`.
 * Leaves a value that JavaScript prints the same. Values in `expected` stay numbers, because checks compare them as
 * numbers, unless they have more digits than a number can hold.
 */
export function keepTextAsWritten(document: Document): void {
  visit(document, {
    Scalar(place, node, ancestors) {
      if (place === 'key' || !isNumberOrBoolean(node.value)) return
      if (node.source === undefined || node.source === String(node.value)) return
      const keys = ancestors.flatMap((each) =>
        isPair(each) && isScalar(each.key) ? [String(each.key.value)] : [],
      )
      if (isText(keys) || (isExpected(keys) && !isExact(node.value))) node.value = node.source
    },
  })
}

/** @param keys the keys on the path from the root of an experiment file or a dataset file to the value */
function isText(keys: readonly string[]): boolean {
  const [first, second, third, fourth] = keys
  if (isExpected(keys)) return false
  if (first === 'hardware' || first === 'samples') return keys.length === 2
  if (first === 'dataset') return second === 'samples' && keys.length === 3
  if (first !== 'configs') return false
  return third === 'env'
    ? keys.length === 4
    : third === 'recorded' &&
        fourth === 'metrics' &&
        (keys.length === 5 || (keys.length === 6 && keys.at(-1) === 'value'))
}

function isExpected(keys: readonly string[]): boolean {
  return keys.slice(keys.indexOf('samples') + 1)[0] === 'expected'
}

function isExact(value: unknown): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value)
}

/**
 * The YAML documents in a text; undefined if they have more mistakes than `limits.yamlMistakes`.
 * @param tokens those of the text; they are changed in place
 */
export function documentsOf(
  tokens: readonly CST.Token[],
  text: string,
): readonly Document[] | undefined {
  for (const token of tokens)
    if (token.type === 'document') CST.visit(token, (item) => joinListWithUnit(item, text))
  const composer = new Composer({ stringKeys: true, uniqueKeys: false })
  const isCounted = stopAfterMistakes(composer)
  return withoutStacks(() => {
    try {
      return [...composer.compose(tokens)]
    } catch (error) {
      if (error instanceof TooManyMistakes && isCounted) return undefined
      throw error
    }
  })
}

class TooManyMistakes extends Error {}

/**
 * Makes the composer throw `TooManyMistakes` after `limits.yamlMistakes`. The composer creates an object for each
 * mistake, and a text can have a million. Returns false if the composer has changed and cannot be stopped.
 */
function stopAfterMistakes(composer: Composer): boolean {
  const report: unknown = Reflect.get(composer, 'onError')
  if (typeof report !== 'function') return false
  let left = limits.yamlMistakes.max
  return Reflect.set(composer, 'onError', (...args: readonly unknown[]) => {
    left -= 1
    if (left < 0) throw new TooManyMistakes()
    Reflect.apply(report, composer, args)
  })
}

/**
 * The position of the first `{` or `[` that is never closed; undefined if all are closed. If several in its line are
 * open, the innermost, because the one around it cannot be closed before.
 */
export function firstUnclosed(tokens: readonly CST.Token[], text: string): number | undefined {
  const waiting: (CST.Token | null | undefined)[] = [...tokens]
  const offsets: number[] = []
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next?.type === 'document') waiting.push(next.value ?? null)
    else if (next !== null && 'items' in next)
      for (const { key, value } of next.items) waiting.push(key ?? null, value ?? null)
    if (next?.type !== 'flow-collection') continue
    const end = next.start.type.replace('-start', '-end')
    const isClosed = next.end.some(({ type }) => type === end)
    if (!isClosed) offsets.push(next.offset)
  }
  if (offsets.length === 0) return undefined
  const first = Math.min(...offsets)
  const lineEnd = text.indexOf('\n', first)
  return Math.max(...offsets.filter((offset) => lineEnd === -1 || offset < lineEnd))
}

export function unclosedDetails(bracket: string): ProblemDetails {
  const closing = bracket === '{' ? '}' : ']'
  return {
    code: 'yaml',
    message: `\`${bracket}\` is never closed`,
    hint: `add \`${closing}\` after its last entry`,
  }
}

/** The errors without those that follow from a tab, or from an unclosed bracket before them. */
export function causesAmong(
  errors: readonly YAMLError[],
  unclosed = Infinity,
): readonly YAMLError[] {
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT')
  const found = tabs.length > 0 ? tabs : errors
  // Below a line that YAML reads as a key of several lines, the keys are refused too.
  const first = found.findIndex(({ code }) => code === 'BLOCK_AS_IMPLICIT_KEY')
  const follows = ({ code }: YAMLError, index: number) =>
    first !== -1 && index > first && code.endsWith('IMPLICIT_KEY')
  return found.filter((error, index) => error.pos[0] < unclosed && !follows(error, index))
}

/** Joins a list and the text after it into one text: people write `[5.21, 5.30, 5.18] tokens/s`, which YAML refuses. */
function joinListWithUnit(item: CST.CollectionItem, text: string): void {
  const { value } = item
  if (value?.type !== 'flow-collection' || value.start.type !== 'flow-seq-start') return
  const at = value.end.findIndex((each) => CST.isScalar(each))
  const unit = value.end[at]
  if (unit === undefined) return
  const { offset, indent, end } = value
  const source = text.slice(offset, unit.offset + unit.source.length)
  item.value = { type: 'scalar', offset, indent, source, end: end.slice(at + 1) }
}

export function isNumberOrBoolean(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

/** The problem of a text that is longer than the limit. */
export function tooLarge(text: string, limit: Limit): ProblemDetails {
  return {
    code: 'too-large',
    message: `the file has ${beyond(limit, text.length)}`,
    hint: limit.remedy,
  }
}

/** The problem of a text that is not read as YAML. */
export function notYaml(message: string): ProblemDetails {
  return { code: 'yaml', message, hint: 'is this the right file?' }
}

/** A plain message for an error of the library, with a hint at the likely mistake. */
export function yamlProblemDetails(
  { code, message, pos }: YAMLError,
  text: string,
): ProblemDetails {
  if (code === 'TAB_AS_INDENT')
    return { code: 'tab', message: 'this line is indented with a tab', hint: 'indent with spaces' }
  if (code === 'TAG_RESOLVE_FAILED' || code === 'BAD_DIRECTIVE')
    return { code: 'tag', message: shortened(message), hint: 'remove the tag' }
  if (code === 'BAD_ALIAS' || code === 'ALIAS_PROPS')
    return { code: 'alias', message: shortened(message), hint: 'write the value in full' }
  const fullWidth = fullWidthAt(text, pos[0])
  const explained = fullWidth ?? mistakeInLine(lineAt(text, pos[0]))
  if (explained !== undefined) return { code: 'yaml', ...explained }
  if (code === 'BAD_INDENT')
    return {
      code: 'yaml',
      message: 'this line is indented differently from the others at its level',
      hint: 'indent it like the keys or entries beside it',
    }
  const [, quote] = /^Missing closing (["'])/.exec(message) ?? []
  if (quote !== undefined)
    return {
      code: 'yaml',
      message: `the closing ${quoted(quote)} is missing`,
      hint: `add ${quoted(quote)} at the end of the text`,
    }
  if (code === 'NON_STRING_KEY')
    return { code: 'yaml', message: 'a mapping cannot be a key', hint: yamlHint(text, pos[0]) }
  return { code: 'yaml', message: shortened(message), hint: yamlHint(text, pos[0]) }
}

/**
 * Explains full-width punctuation in the line of an error. If the error is at the start of a line, looks at the line
 * before, too.
 */
function fullWidthAt(text: string, offset: number) {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const previous = text.slice(text.lastIndexOf('\n', start - 2) + 1, start)
  const isAtStart = text.slice(start, offset).trim() === ''
  return fullWidthInLine(lineAt(text, start)) ?? (isAtStart ? fullWidthInLine(previous) : undefined)
}

function lineAt(text: string, offset: number): string {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? ''
}

/** Most of these errors are values without quotes that YAML reads as something else. */
function yamlHint(text: string, offset: number): string {
  const line = lineAt(text, offset)
  const [, threshold] = /:\s*(>(?=[=\s\d])[^#,}\]]*)/.exec(line) ?? []
  if (threshold !== undefined) return `put the threshold in quotes: \`"${threshold.trim()}"\``
  if (/[:,[]\s*-\s*[,}\]]/.test(line)) return 'write a value, or remove the key if it is not known'
  if (line.includes('{{')) return 'put the prompt in quotes, or on its own lines after `|`'
  if (/[:\-,{[]\s*[@`%&*!|>]/.test(line)) return 'put the value in quotes'
  if (/:\s[^"'#]*:\s/.test(line)) return 'put a value that contains `: ` in quotes'
  return 'look for a missing quote, bracket or colon, or a wrong indent'
}

/** The library's message without a leading capital. It may quote much of the file, so it is cut to 120 characters. */
function shortened(text: string): string {
  const short = text.length > 120 ? `${text.slice(0, 119)}…` : text
  return short.slice(0, 1).toLowerCase() + short.slice(1)
}
