/** Markdown out of mdast: the one processor that parses and writes it, and small builders for data blocks. */
import type { Nodes, PhrasingContent, Root, RootContent, Table, Text } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkStringify from 'remark-stringify'
import { unified } from 'unified'
import { addressParts } from './address.ts'
import { isPlain, isPlainAtStart } from './plain-markdown.ts'
import { plainSource } from './plain-source.ts'
import { oneLine, visible } from '../format/plain-text.ts'

/** Markdown made here or written for it; goes into a template as it is. Every other string is escaped. */
export class Markdown {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
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
          : // `_` between letters or digits opens and closes nothing; the default escapes it all the same.
            state.safe(value, info).replace(/(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])/g, '_'),
    },
  })
  .freeze()

export function parseMarkdown(text: string): Root {
  return processor.parse(text)
}

export function writeMarkdown(root: Root): string {
  return processor.stringify(root)
}

/** One block, without a line end after it. */
export function block(node: RootContent): Markdown {
  return blocks([node])
}

export function blocks(nodes: readonly RootContent[]): Markdown {
  return new Markdown(writeMarkdown({ type: 'root', children: [...nodes] }).trimEnd())
}

/** One line. */
export function inline(children: readonly PhrasingContent[]): Markdown {
  const plain = plainLine(children)
  return plain === undefined
    ? block({ type: 'paragraph', children: [...children] })
    : new Markdown(plain)
}

function plainLine(children: readonly PhrasingContent[]): string | undefined {
  const [first] = children
  return first?.type === 'text' && !isPlainAtStart(first.value) ? undefined : plainSource(children)
}

/** `footnoteReference` leads here. */
export function footnoteDefinition(identifier: string, children: PhrasingContent[]): Markdown {
  const plain = plainLine(children)
  if (plain !== undefined) return new Markdown(`[^${identifier}]: ${plain}`)
  const label = identifier
  return block({
    type: 'footnoteDefinition',
    identifier,
    label,
    children: [{ type: 'paragraph', children }],
  })
}

/** What stands in a table cell: text as it is, or nodes. */
export type Cell = string | readonly PhrasingContent[]

export function nodes(cell: Cell): PhrasingContent[] {
  return typeof cell === 'string' ? text(cell) : [...cell]
}

/** Text as one line, addresses as code so that they do not become links; nothing for text that shows nothing. */
export function text(value: string): PhrasingContent[] {
  return addressParts(oneLine(value)).map((part) =>
    part.address ? { type: 'inlineCode', value: part.value } : { type: 'text', value: part.value },
  )
}

export function strong(value: string): PhrasingContent[] {
  const children = text(value)
  return children.length === 0 ? [] : [{ type: 'strong', children }]
}

/** Inline code; plain text where a cell could not hold it as code. */
export function inlineCode(value: string): PhrasingContent[] {
  const line = oneLine(value)
  return /[|`\\]/.test(line) || line === '' ? text(line) : [{ type: 'inlineCode', value: line }]
}

export function footnoteReference(identifier: string): PhrasingContent {
  return { type: 'footnoteReference', identifier, label: identifier }
}

/** Nodes with text between them. */
export function join(parts: readonly Cell[], separator: string): PhrasingContent[] {
  return parts.flatMap((part, index) =>
    index === 0 ? nodes(part) : [{ type: 'text', value: separator }, ...nodes(part)],
  )
}

/** A table; its rows have as many cells as its header, whatever is passed. */
export function table(header: readonly Cell[], rows: readonly (readonly Cell[])[]): Table {
  const row = (cells: readonly Cell[]) => ({
    type: 'tableRow' as const,
    children: header.map((_, index) => ({
      type: 'tableCell' as const,
      children: nodes(cells[index] ?? ''),
    })),
  })
  return { type: 'table', align: header.map(() => null), children: [row(header), ...rows.map(row)] }
}

/** @param lang a plain word */
export function codeBlock(lang: string, lines: readonly string[]): Markdown {
  const value = visible(lines.join('\n'))
  return value === '' || value.includes('`')
    ? block({ type: 'code', lang, value })
    : new Markdown(`\`\`\`${lang}\n${value}\n\`\`\``)
}

/** Every node below `node`, itself first, in the order of the text. */
export function* everyNode(node: Nodes): Generator<Nodes> {
  yield node
  if ('children' in node) for (const child of node.children) yield* everyNode(child)
}

/** The inline Markdown of one line as nodes. */
export function parseInline(source: string): PhrasingContent[] {
  if (isPlain(source) && isPlainAtStart(source)) return [{ type: 'text', value: source }]
  const [, bold] = /^\*\*(\S|\S[^*]*\S)\*\* *$/.exec(source) ?? []
  if (bold !== undefined && isPlain(bold))
    return [{ type: 'strong', children: [{ type: 'text', value: bold }] }]
  const [first] = parseMarkdown(source).children
  return first?.type === 'paragraph' ? first.children.map(withoutPosition) : text(source)
}

function withoutPosition(node: PhrasingContent): PhrasingContent {
  return { ...node, position: undefined }
}

/** What a line of Markdown shows, without its marks. */
export function plainText({ source }: Markdown): string {
  return parseInline(source)
    .flatMap((node) => [...everyNode(node)])
    .map((node) => ('value' in node ? node.value : ''))
    .join('')
}
