/**
 * Builds Markdown that is safe and stable. Input: text from outside, and syntax trees (mdast). Output: Markdown
 * that never treats such text as structure, and that stays the same if it is parsed and written again. Knows nothing
 * about experiments.
 */
import type { Nodes, PhrasingContent, Root, RootContent, Table, Text } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkStringify from 'remark-stringify'
import { unified } from 'unified'
import { ExpError } from '../errors/exp-error.ts'
import { quoted } from '../errors/quote.ts'
import { oneLine, printable } from '../format/plain-text.ts'
import { splitActiveText } from './active-text.ts'
import { findSlowReport } from './slow-markup.ts'

/** Text that is Markdown, and is inserted into a template unchanged; any other string is escaped. */
export class Markdown {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

/** Characters that may be markup within a line, and white space at its end, which may be lost. */
const specialAnywhere = /[\p{Cc}\ufeff!#&*<@[\\\]_`|~]|:(?! )|(?:^|[wW])\.|\s$/u
/** Characters that may be markup at the start of a line, or after a bracket. */
const specialAtStart = /^(?:[-+=(>: ]|\d+(?:\)|\.(?!\d)))/

/**
 * True if the text needs neither escaping nor parsing, except at the start of a line. Most texts are plain, and
 * skipping the processor for them saves a fifth of the time of `exp report --all`.
 */
function isPlain(value: string): boolean {
  return value !== '' && !specialAnywhere.test(value)
}

function isPlainAtStart(value: string): boolean {
  return !specialAtStart.test(value)
}

const processor = unified()
  .use(remarkParse)
  .use(remarkGfm, { tablePipeAlign: false })
  .use(remarkStringify, {
    bullet: '-',
    emphasis: '*',
    rule: '-',
    listItemIndent: 'one',
    handlers: {
      text: ({ value }: Text, _parent, state, info) =>
        isPlain(value) && (isPlainAtStart(value) || !/[\n\]]/.test(info.before))
          ? value
          : // The default also escapes `_` between letters or digits, where it is not markup.
            state.safe(value, info).replace(/(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])/g, '_'),
    },
  })
  .freeze()

/**
 * @throws `ExpError` if parsing the text takes far longer than is usual for its length: a template or a page may come
 *   from a stranger
 */
export function parseMarkdown(text: string): Root {
  const slow = findSlowReport(text)
  if (slow === undefined) return processor.parse(text)
  const line = text.split('\n')[slow.line - 1]?.slice(0, 80) ?? ''
  throw new ExpError(
    'invalid-input',
    `the Markdown at ${quoted(line)} ${slow.problem}`,
    slow.remedy,
  )
}

export function writeMarkdown(root: Root): string {
  return processor.stringify(root)
}

/** The Markdown of one block, without a line end. */
export function block(node: RootContent): Markdown {
  return blocks([node])
}

export function blocks(nodes: readonly RootContent[]): Markdown {
  return new Markdown(writeMarkdown({ type: 'root', children: [...nodes] }).trimEnd())
}

/** The Markdown of one line. */
export function inline(children: readonly PhrasingContent[]): Markdown {
  return block({ type: 'paragraph', children: [...children] })
}

/** The text that `footnoteReference` with the same identifier refers to. */
function footnoteDefinition(identifier: string, children: PhrasingContent[]): RootContent {
  return {
    type: 'footnoteDefinition',
    identifier,
    label: identifier,
    children: [{ type: 'paragraph', children }],
  }
}

/** The content of a table cell: plain text, or nodes. */
export type Cell = string | readonly PhrasingContent[]

export function nodes(cell: Cell): PhrasingContent[] {
  return typeof cell === 'string' ? text(cell) : separateReferences(cell)
}

/**
 * Puts a space between adjacent footnote references: without it, references to notes 2 and 1 would look like one to
 * note 21.
 */
function separateReferences(children: readonly PhrasingContent[]): PhrasingContent[] {
  return children.flatMap((node, index) =>
    node.type === 'footnoteReference' && children[index - 1]?.type === 'footnoteReference'
      ? [{ type: 'text', value: ' ' }, node]
      : [node],
  )
}

/** Text on one line; text that GitHub would act on becomes inline code. Empty for text that shows nothing. */
export function text(value: string): PhrasingContent[] {
  return splitActiveText(oneLine(value)).map(({ isActive, value }) => ({
    type: isActive ? 'inlineCode' : 'text',
    value,
  }))
}

export function strong(value: string): PhrasingContent[] {
  const children = text(value)
  return children.length === 0 ? [] : [{ type: 'strong', children }]
}

/** Inline code; plain text if a table cell could not hold it as code. */
export function inlineCode(value: string): PhrasingContent[] {
  const line = oneLine(value)
  return /[|`\\]/.test(line) || line === '' ? text(line) : [{ type: 'inlineCode', value: line }]
}

export function footnoteReference(identifier: string): PhrasingContent {
  return { type: 'footnoteReference', identifier, label: identifier }
}

/** Joins cells with a separator. */
export function join(parts: readonly Cell[], separator: string): PhrasingContent[] {
  return parts.flatMap((part, index) =>
    index === 0 ? nodes(part) : [{ type: 'text', value: separator }, ...nodes(part)],
  )
}

/** The text of a cell without its markup and its footnotes. */
export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : textIn(cell)
}

/** The text of nodes without its markup and its footnotes. */
export function textIn(nodes: readonly Nodes[]): string {
  return nodes
    .map((node) => ('value' in node ? node.value : 'children' in node ? textIn(node.children) : ''))
    .join('')
}

/**
 * A table. Each row gets as many cells as the header: missing cells are empty, extra ones are dropped.
 * @param right the columns that are aligned to the right; none if absent
 */
export function table(
  header: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  right: readonly boolean[] = [],
): Table {
  const row = (cells: readonly Cell[]) => ({
    type: 'tableRow' as const,
    children: header.map((_, index) => ({
      type: 'tableCell' as const,
      children: nodes(cells[index] ?? ''),
    })),
  })
  return {
    type: 'table',
    align: header.map((_, index) => (right[index] === true ? 'right' : null)),
    children: [row(header), ...rows.map(row)],
  }
}

/** @param lang a word without special characters */
export function codeBlock(lang: string, lines: readonly string[]): Markdown {
  return block({ type: 'code', lang, value: printable(lines.join('\n')) })
}

/** The node and all its descendants, in the order of the text. */
export function* everyNode(node: Nodes): Generator<Nodes> {
  yield node
  if ('children' in node) for (const child of node.children) yield* everyNode(child)
}

/** Bold text that is bold whatever surrounds it, because it begins and ends with a letter or a digit. */
const bold = /\*\*([\p{L}\p{N}](?:[^*]*[\p{L}\p{N}])?)\*\*/gu

/** Parses one line of Markdown. */
export function parseInline(source: string): PhrasingContent[] {
  if (isPlain(source.replaceAll(bold, '$1')) && isPlainAtStart(source))
    return source.split(bold).flatMap((value, index): PhrasingContent[] => {
      const node: Text = { type: 'text', value }
      if (value === '') return []
      return index % 2 === 0 ? [node] : [{ type: 'strong', children: [node] }]
    })
  const [first] = parseMarkdown(source).children
  return first?.type === 'paragraph' ? first.children.map(withoutPosition) : text(source)
}

function withoutPosition(node: PhrasingContent): PhrasingContent {
  return { ...node, position: undefined }
}

/** The text that a line of Markdown shows, without its markup. */
export function plainText({ source }: Markdown): string {
  return textIn(parseInline(source))
}

/**
 * The footnotes of one report, numbered in the order of their first reference; equal notes share a number. Their names
 * begin with `exp-`, so that people's own footnotes do not replace them: Markdown uses the first definition of a name.
 */
export interface Footnotes {
  /** Returns a reference to the note with this text. */
  refer(note: Markdown): PhrasingContent
  /** The definitions of all notes, or `null` if no note was referred to. */
  definitions(): Markdown | null
}

export function footnotes(): Footnotes {
  const numbers = new Map<string, string>()
  return {
    refer: ({ source }) => {
      const number = numbers.get(source) ?? `exp-${numbers.size + 1}`
      numbers.set(source, number)
      return footnoteReference(number)
    },
    definitions: () => {
      if (numbers.size === 0) return null
      return blocks(
        [...numbers].map(([source, number]) => footnoteDefinition(number, parseInline(source))),
      )
    },
  }
}

/** Characters that may be markup anywhere in a line. `_` between letters or digits is not markup. */
const markupAnywhere = /[\\`*[\]<|~&!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g
/** Characters that may be markup only at the start of a line. */
const markupAtStart = /^(?:[#>=]|[-+](?=[-\s]|$)|:(?=-))/
const listNumber = /^(\d{1,9})([.)])(?=\s|$)/

/**
 * Returns one line of Markdown that shows exactly `text`, wherever a template inserts it except inside backticks.
 * Control codes are dropped, line breaks become spaces, and text that GitHub would act on becomes inline code. Empty
 * for text that shows nothing.
 */
export function escapeMarkdown(text: string): string {
  return splitActiveText(oneLine(text))
    .map(({ isActive, value }) =>
      isActive ? `\`${value}\`` : value.replace(markupAnywhere, '\\$&'),
    )
    .join('')
    .replace(markupAtStart, '\\$&')
    .replace(listNumber, '$1\\$2')
}
