/** Tables of figures without a detour through the writer of Markdown, which takes ten times as long. */
import type { PhrasingContent } from 'mdast'
import { block, type Cell, Markdown, nodes, table } from './markdown.ts'
import { isPlain } from './plain-markdown.ts'

/** The block that `table` comes to. */
export function tableSource(header: readonly Cell[], rows: readonly (readonly Cell[])[]): Markdown {
  const lines = [header, ...rows].map((row) => rowSource(header.map((_, at) => row[at] ?? '')))
  if (header.length === 0 || lines.includes(undefined)) return block(table(header, rows))
  lines.splice(1, 0, `|${' - |'.repeat(header.length)}`)
  return new Markdown(lines.join('\n'))
}

/** Undefined where any cell is to be written with more care. */
function rowSource(cells: readonly Cell[]): string | undefined {
  const sources = cells.map(cellSource)
  return sources.includes(undefined) ? undefined : `| ${sources.join(' | ')} |`
}

/** Of plain pieces, each set off from the one before by a space or the bracket of a footnote. */
function cellSource(cell: Cell): string | undefined {
  let source = ''
  for (const node of nodes(cell)) {
    const piece = pieceSource(node)
    const joins =
      source === '' || piece?.startsWith(' ') === true || piece?.startsWith('[') === true
    if (piece === undefined || !joins) return undefined
    source += piece
  }
  return source === '' ? undefined : source
}

function pieceSource(node: PhrasingContent): string | undefined {
  switch (node.type) {
    case 'text':
      return isPlain(node.value) ? node.value : undefined
    case 'inlineCode':
      return isTrimmed(node.value) && !/[`|\\\p{Cc}]/u.test(node.value)
        ? `\`${node.value}\``
        : undefined
    case 'strong': {
      const [only, ...more] = node.children
      const isPlainText = only?.type === 'text' && isTrimmed(only.value) && isPlain(only.value)
      return isPlainText && more.length === 0 ? `**${only.value}**` : undefined
    }
    case 'footnoteReference':
      return /^\d+$/.test(node.identifier) ? `[^${node.identifier}]` : undefined
    default:
      return undefined
  }
}

function isTrimmed(value: string): boolean {
  return value !== '' && value.trim() === value
}
