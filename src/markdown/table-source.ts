/** Tables without a detour through the writer of Markdown, which takes ten times as long. */
import { block, type Cell, Markdown, nodes, table } from './markdown.ts'
import { plainSource } from './plain-source.ts'

/** The block that `table` comes to. */
export function tableSource(header: readonly Cell[], rows: readonly (readonly Cell[])[]): Markdown {
  const lines = [header, ...rows].map((row) => rowSource(header.map((_, at) => row[at] ?? '')))
  if (header.length === 0 || lines.includes(undefined)) return block(table(header, rows))
  lines.splice(1, 0, `|${' - |'.repeat(header.length)}`)
  return new Markdown(lines.join('\n'))
}

/** Undefined where any cell is to be written with more care. */
function rowSource(cells: readonly Cell[]): string | undefined {
  const sources = cells.map((cell) => plainSource(nodes(cell)))
  return sources.includes(undefined) ? undefined : `| ${sources.join(' | ')} |`
}
