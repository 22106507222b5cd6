/** The table of the items of mixes: a row per config and item, a column per metric. */
import type { ConfigAnalysis, ItemAnalysis } from '../analysis/analysis.ts'
import { itemMetrics } from '../analysis/item-figures.ts'
import { oneLine } from '../format/plain-text.ts'
import type { Markdown } from '../markdown/markdown.ts'
import type { Context } from './context.ts'
import { emptyCell, figureText, hasValue, sharedDecimals } from './figure-text.ts'
import { metricHead } from './metric-table.ts'

interface Row {
  readonly member: ConfigAnalysis
  readonly item: ItemAnalysis
}

/** Null if no config has a mix that was measured. */
export function itemTable(members: readonly ConfigAnalysis[], context: Context): Markdown | null {
  const { words, labels, tables } = context
  const rows = members.flatMap((member) =>
    (member.items ?? []).map((item): Row => ({ member, item })),
  )
  if (rows.length === 0) return null
  const columns = itemMetrics.flatMap((id) => {
    const figures = rows.flatMap(({ item }) => item.figures.get(id) ?? [])
    const [first] = figures.filter(hasValue)
    if (first === undefined) return []
    const decimals = sharedDecimals(figures.filter(hasValue))
    return [{ id, decimals, head: metricHead(first.metric, members, context) }]
  })
  return tables.make(
    [words.text('column.config'), words.text('column.item'), ...columns.map(({ head }) => head)],
    rows.map(({ member, item }) => [
      labels.short(member.config.key),
      oneLine(item.name),
      ...columns.map(({ id, decimals }) => {
        const figure = item.figures.get(id)
        return figure === undefined ? emptyCell : figureText(figure, decimals, words)
      }),
    ]),
  )
}
