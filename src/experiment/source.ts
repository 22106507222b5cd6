/** A YAML text, read without trust: its value, where each part of it stands, and what is wrong with it as YAML. */
import type { Document, Node } from 'yaml'
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, visit } from 'yaml'
import type { Problem } from './problem.ts'
import { quoted, visible } from './visible.ts'
import { rangeOf, tooDeep, yamlFinding } from './yaml-findings.ts'
import type { Finding } from './finding.ts'

export type Path = readonly (string | number)[]

export interface Source {
  readonly file: string
  readonly text: string
  /** Plain objects, arrays and scalars; no object has an inherited key among its own. */
  readonly value: unknown
  /**
   * The finding, placed at the value at `path`, or at its key. Where nothing stands at `path`, at the
   * nearest key above it.
   */
  problem(path: Path, finding: Finding, part?: 'key' | 'value'): Problem
  /** Keys of the mapping at `path` in the file's order (objects put whole numbers first); none if it is no mapping. */
  keys(path: Path): readonly string[]
  /** Whether a key or an item is written at `path`. */
  has(path: Path): boolean
}

const mostYamlProblems = 8
const mostAliases = 100

/**
 * Never throws. With `source` absent the text could not be read as one YAML document at all.
 * @param longest the most that is read, in UTF-16 code units
 */
export function readSource(
  file: string,
  text: string,
  longest: number,
): { readonly source?: Source; readonly problems: readonly Problem[] } {
  const at = (finding: Finding): Problem => ({
    severity: 'error',
    file: visible(file),
    line: 1,
    column: 1,
    length: 1,
    ...printable(finding),
  })
  if (text.length > longest)
    return {
      problems: [
        at({
          code: 'too-large',
          message: `the file has ${text.length} characters; at most ${longest} are read`,
          hint: 'is this the right file?',
        }),
      ],
    }
  try {
    return readDocument(file, text, at)
  } catch (error) {
    // The YAML library recurses; a text made of brackets alone can exhaust the stack.
    if (!(error instanceof RangeError)) throw error
    return { problems: [at(tooDeep)] }
  }
}

function readDocument(file: string, text: string, at: (finding: Finding) => Problem) {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  })
  const [document] = documents
  const place = (start: number, end: number, finding: Finding): Problem => ({
    ...at(finding),
    ...span(text, lines, start, end),
  })
  if (!Array.isArray(documents) || document === undefined || isNothing(document))
    return {
      problems: [
        at({
          code: 'empty',
          message: 'the file is empty',
          hint: '`exp init NAME` writes a commented experiment to start from',
        }),
      ],
    }
  const errors = documents.flatMap((one) => [...one.errors, ...one.warnings])
  if (errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return { problems: [at(tooDeep)] }
  const problems = firstOfEachLine(
    errors.map((error) => place(...rangeOf(error, text), yamlFinding(error, text))),
  ).slice(0, mostYamlProblems)
  const [, second] = documents
  if (second !== undefined)
    problems.push(
      place(...startOf(second), {
        code: 'many-documents',
        message: 'a second YAML document begins here',
        hint: 'keep one experiment a file: take out the `---` line and what follows it',
      }),
    )
  problems.push(...reservedKeys(document, place))
  // After most syntax errors the rest of the tree is guesswork, and so would be what is said of it.
  if (problems.some(({ code }) => code !== 'duplicate-key' && code !== 'many-documents'))
    return { problems }
  try {
    const value: unknown = document.toJS({ maxAliasCount: mostAliases })
    return { source: sourceOf(file, text, document, value, place), problems }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    const finding: Finding = {
      code: 'alias',
      message: 'the aliases of this file make too much of it, or name no anchor',
      hint: 'write the values out; configs inherit by `from`',
    }
    return { problems: [...problems, place(...firstAlias(document), finding)] }
  }
}

function sourceOf(
  file: string,
  text: string,
  document: Document,
  value: unknown,
  place: (start: number, end: number, finding: Finding) => Problem,
): Source {
  return {
    file,
    text,
    value,
    problem(path, finding, part = 'value') {
      const { key, node } = find(document, path)
      const marked = part === 'value' && hasOwnText(node) ? node : (key ?? node)
      const [start, end] = marked?.range ?? [0, 1]
      // Of an indented block without a key, the beginning is enough.
      return place(start, marked === key || hasOwnText(marked) ? end : start, finding)
    },
    keys(path) {
      const { node: written, found } = find(document, path)
      const node = isAlias(written) ? written.resolve(document) : written
      return found && isMap(node) ? node.items.map(({ key }) => keyText(key)) : []
    },
    has: (path) => find(document, path).found,
  }
}

interface Place {
  readonly key?: Node
  readonly node?: Node
  readonly found: boolean
}

/** What stands at the path, aliases followed; where it leads nowhere, the last that it led to. */
function find(document: Document, path: Path): Place {
  let place: Place = {
    ...(document.contents === null ? {} : { node: document.contents }),
    found: true,
  }
  for (const step of path) {
    const node = isAlias(place.node) ? place.node.resolve(document) : place.node
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === String(step))
      if (pair === undefined) return { ...place, found: false }
      place = { ...asNode('key', pair.key), ...asNode('node', pair.value), found: true }
    } else if (isSeq(node) && Number(step) < node.items.length) {
      const item = node.items[Number(step)]
      place = { ...asNode('node', item), found: true }
    } else return { ...place, found: false }
  }
  return place
}

function asNode<K extends string>(name: K, value: unknown): Partial<Record<K, Node>> {
  const node = isScalar(value) || isMap(value) || isSeq(value) || isAlias(value)
  // Built by a computed key, which the type of an object literal does not follow.
  return node ? ({ [name]: value } as Partial<Record<K, Node>>) : {}
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}

/** A scalar or a `{…}` on one line is marked itself; an indented block is better shown by its key. */
function hasOwnText(node: Node | undefined): boolean {
  if (isScalar(node)) return node.source !== '' && !String(node.type).startsWith('BLOCK')
  return isAlias(node) || ((isMap(node) || isSeq(node)) && node.flow === true)
}

function isNothing(document: Document): boolean {
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

/** `<<` would be an inheritance that `from` already is; `__proto__` is never a name that someone meant. */
function reservedKeys(
  document: Document,
  place: (start: number, end: number, finding: Finding) => Problem,
): readonly Problem[] {
  const problems: Problem[] = []
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || (key.value !== '<<' && key.value !== '__proto__')) return
      const [start = 0, end = 1] = key.range ?? []
      problems.push(
        place(start, end, {
          code: 'reserved-key',
          message: `${quoted(key.value)} cannot be a key here`,
          hint:
            key.value === '<<'
              ? 'merge keys are not read: let a config inherit by `from`'
              : 'give it another name',
        }),
      )
    },
  })
  return problems
}

function span(text: string, lines: LineCounter, start: number, end: number) {
  const { line, col } = lines.linePos(Math.min(start, text.length))
  const rest = text.slice(start, Math.max(start, end)).split(/\r?\n|\r/, 1)[0] ?? ''
  return {
    line: Math.max(1, line),
    column: Math.max(1, col),
    length: Math.max(1, rest.trimEnd().length),
  }
}

/** What follows an error on its line is mostly that error again. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  return problems.filter(
    ({ line }, index) => problems.findIndex((other) => other.line === line) === index,
  )
}

/** Messages quote what the file holds; here is where all of them are made fit to print. */
function printable({ message, hint, ...finding }: Finding) {
  return {
    ...finding,
    message: visible(message),
    ...(hint === undefined ? {} : { hint: visible(hint) }),
  }
}
