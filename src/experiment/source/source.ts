/**
 * Reads an untrusted YAML text. Output: its value, the position of each part, and its YAML problems.
 */
import type { Document, Node, Pair, YAMLMap } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, LineCounter, visit } from 'yaml'
import type { Limit } from '../../errors/limits.ts'
import { replaceHiddenCharacters } from '../../errors/quote.ts'
import { nestsTooDeep } from '../../json/json.ts'
import { tooManyMistakes, yamlTokens } from '../../json/yaml-depth.ts'
import type { ProblemDetails, Problem } from '../problem.ts'
import { explainFullWidth } from './typing-mistakes.ts'
import { commaProblems } from './commas.ts'
import { keyProblems, keyText, nodeOf } from './keys.ts'
import {
  causesAmong,
  documentsOf,
  firstUnclosed,
  keepTextAsWritten,
  notYaml,
  tooLarge,
  unclosedDetails,
  yamlProblemDetails,
} from './yaml.ts'

export type Path = readonly (string | number)[]

export interface Source {
  readonly file: string
  /** Plain objects, arrays and scalars. */
  readonly value: unknown
  /**
   * Places a problem at the position of the value at `path`, or of its key. If nothing is written at
   * `path`, the position is that of the nearest key above it.
   */
  problem(path: Path, details: ProblemDetails, part?: 'key' | 'value'): Problem
  /**
   * Keys of the mapping at `path`, in the file's order, which a JavaScript object does not keep for whole-number keys.
   * Empty if it is not a mapping.
   */
  keys(path: Path): readonly string[]
  /** True if a key or an item is written at `path`. */
  has(path: Path): boolean
  /** The text of the scalar at `path`, without quotes; undefined if it is not a scalar. */
  written(path: Path): string | undefined
  /** The line, from 1, of the value at `path`, or of the nearest value above it. */
  line(path: Path): number
}

const maxYamlProblems = 8
const maxAliases = 100

/** Never throws. `source` is absent if the text cannot be read as one YAML document, or is beyond the limit. */
export function readSource(
  file: string,
  text: string,
  limit: Limit,
): { readonly source?: Source; readonly problems: readonly Problem[] } {
  const problemAtStart = (details: ProblemDetails): Problem => ({
    severity: 'error',
    file: replaceHiddenCharacters(file),
    line: 1,
    column: 1,
    length: 1,
    ...printable(details),
  })
  if (text.length > limit.max)
    return {
      problems: [problemAtStart(tooLarge(text, limit))],
    }
  return readDocument(file, text, problemAtStart)
}

function readDocument(
  file: string,
  text: string,
  problemAtStart: (details: ProblemDetails) => Problem,
) {
  const parsed = yamlTokens(text)
  if ('failure' in parsed) return { problems: [problemAtStart(notYaml(parsed.failure))] }
  const { tokens } = parsed
  const unclosed = firstUnclosed(tokens, text)
  const documents = documentsOf(tokens, text)
  if (documents === undefined) return { problems: [problemAtStart(notYaml(tooManyMistakes))] }
  const [document] = documents
  let lines: LineCounter | undefined
  const problemAt = (start: number, end: number, details: ProblemDetails): Problem => {
    lines ??= linesOf(text)
    return { ...problemAtStart(details), ...span(text, lines, start, end) }
  }
  if (document === undefined || isEmpty(document))
    return {
      problems: [
        problemAtStart({
          code: 'empty',
          message: 'the file is empty',
          hint: '`exp init NAME` writes a commented experiment to start from',
        }),
      ],
    }
  const errors = documents.flatMap((each) => [...each.errors, ...each.warnings])
  const problems = firstOfEachLine([
    ...causesAmong(errors, unclosed)
      .slice(0, 100)
      .map((error) => problemAt(...error.pos, yamlProblemDetails(error, text))),
    ...(unclosed === undefined || errors.length === 0
      ? []
      : [problemAt(unclosed, unclosed + 1, unclosedDetails(text.slice(unclosed, unclosed + 1)))]),
  ]).slice(0, maxYamlProblems)
  const [, second] = documents
  if (second !== undefined)
    problems.push(
      problemAt(...startOf(second), {
        code: 'many-documents',
        message: 'a second YAML document begins here',
        hint: 'write one experiment per file: remove the `---` line and everything after it',
      }),
    )
  const commas = commaProblems(document, text, problemAt)
  problems.push(...(commas.length > 0 ? commas : keyProblems(document, problemAt)))
  // After most syntax errors the rest of the tree is a guess, so problems found in it would mislead.
  if (problems.some(({ code }) => code !== 'duplicate-key' && code !== 'many-documents'))
    return { problems }
  keepTextAsWritten(document)
  const read = valueOf(document)
  if ('value' in read)
    return { source: sourceOf(file, text, document, read.value, problemAt), problems }
  return { problems: [...problems, problemAt(...firstAlias(document), aliasDetails(read.failure))] }
}

/** The value of a document as plain data, or why its aliases cannot be followed. */
function valueOf(document: Document): { readonly value: unknown } | { readonly failure: string } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases })
    if (!nestsTooDeep(value)) return { value }
    return {
      failure: 'an alias is part of the value that it names, or the aliases nest too deeply',
    }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    return { failure: 'an alias names no anchor, or the aliases expand to too much data' }
  }
}

function aliasDetails(message: string): ProblemDetails {
  return { code: 'alias', message, hint: 'write the values in full; configs inherit with `from`' }
}

function sourceOf(
  file: string,
  text: string,
  document: Document,
  value: unknown,
  problemAt: (start: number, end: number, details: ProblemDetails) => Problem,
): Source {
  return {
    file,
    value,
    problem(path, details, part = 'value') {
      const { key, node } = find(document, path)
      const written = isScalar(node) ? (node.source ?? '') : ''
      const isValue = part === 'value' && details.severity === undefined
      const explained = isValue ? explainFullWidth(details, written) : details
      const marked = part === 'value' && isUnderlined(node) ? node : (key ?? node)
      const [start, end] = marked?.range ?? [0, 1]
      // For an indented block without a key, mark its first character only.
      return problemAt(start, marked === key || isUnderlined(marked) ? end : start, explained)
    },
    keys(path) {
      const { node: written, found } = find(document, path)
      const node = isAlias(written) ? written.resolve(document) : written
      return found && isMap(node) ? node.items.map(({ key }) => keyText(key)) : []
    },
    has: (path) => find(document, path).found,
    written(path) {
      const { node, found } = find(document, path)
      return found && isScalar(node) ? node.source : undefined
    },
    line(path) {
      const [start = 0] = find(document, path).node?.range ?? []
      return linesOf(text).linePos(start).line
    },
  }
}

interface PathMatch {
  readonly key?: Node | undefined
  readonly node: Node | undefined
  readonly found: boolean
}

/**
 * The pair of each key of a mapping; the first one if a key is duplicated. Without this map, a search of many keys
 * takes quadratic time.
 */
const pairsOf = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()

function pairAt(map: YAMLMap, name: string): Pair | undefined {
  const pairs =
    pairsOf.get(map) ??
    new Map(map.items.toReversed().map((pair) => [keyText(pair.key), pair] as const))
  pairsOf.set(map, pairs)
  return pairs.get(name)
}

/** The node at the path, with aliases followed; if the path leads to no node, the last node on it. */
function find(document: Document, path: Path): PathMatch {
  let match: PathMatch = { node: document.contents ?? undefined, found: true }
  for (const step of path) {
    const node = isAlias(match.node) ? match.node.resolve(document) : match.node
    if (isMap(node)) {
      const pair = pairAt(node, String(step))
      if (pair === undefined) return { ...match, found: false }
      match = { key: nodeOf(pair.key), node: nodeOf(pair.value), found: true }
    } else if (isSeq(node) && Number(step) < node.items.length) {
      match = { node: nodeOf(node.items[Number(step)]), found: true }
    } else return { ...match, found: false }
  }
  return match
}

/** True if the node itself is underlined: a scalar or a `{…}`. For an indented block, its key is underlined instead. */
function isUnderlined(node: Node | undefined): boolean {
  if (isScalar(node)) return node.source !== '' && !String(node.type).startsWith('BLOCK')
  return isAlias(node) || ((isMap(node) || isSeq(node)) && node.flow === true)
}

function isEmpty(document: Document): boolean {
  const { contents, errors } = document
  return (
    errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null))
  )
}

function startOf(document: Document): [number, number] {
  const [start = 0, end = start] = document.contents?.range ?? document.range ?? []
  return [start, end]
}

function firstAlias(document: Document): [number, number] {
  let range: [number, number] = [0, 1]
  visit(document, {
    Alias(_, alias) {
      const [start = 0, end = 1] = alias.range ?? []
      range = [start, end]
      return visit.BREAK
    },
  })
  return range
}

/** Counts lines as editors do. The parser's own count is wrong after some syntax errors. */
function linesOf(text: string): LineCounter {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1))
    lines.addNewLine(end + 1)
  return lines
}

function span(text: string, lines: LineCounter, start: number, end: number) {
  const { line, col } = lines.linePos(Math.min(start, text.length))
  const firstLine = text.slice(start, Math.max(start, end)).split(/\r?\n|\r/, 1)[0] ?? ''
  return {
    line: Math.max(1, line),
    column: Math.max(1, col),
    length: Math.max(1, firstLine.trimEnd().length),
  }
}

/** Keeps the first problem of each line: the others on the line are mostly consequences of it. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  return problems.filter(
    ({ line }, index) => problems.findIndex((other) => other.line === line) === index,
  )
}

/** Replaces control characters, because messages quote the file. */
function printable({ message, hint, ...details }: ProblemDetails) {
  return {
    ...details,
    message: replaceHiddenCharacters(message),
    ...(hint === undefined ? {} : { hint: replaceHiddenCharacters(hint) }),
  }
}
