/** The table of conversation turns: a row per config and turn, a column per metric, and one for cache hits. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { TurnAnalysis } from '../analysis/turn.ts'
import { turnMetrics } from '../analysis/turn-figures.ts'
import { integer, percentage } from '../format/number.ts'
import type { Markdown } from '../markdown/markdown.ts'
import type { Context } from './context.ts'
import { emptyCell, figureText, hasValue, sharedDecimals } from './figure-text.ts'
import { metricHead } from './metric-table.ts'

/** Null without conversations that were measured. */
export function turnTable(members: readonly ConfigAnalysis[], context: Context): Markdown | null {
  const { words, labels, tables } = context
  const rows = members.flatMap((member) => (member.turns ?? []).map((turn) => ({ member, turn })))
  if (rows.length === 0) return null
  const columns = turnMetrics.flatMap((id) => {
    const figures = rows.flatMap(({ turn }) => turn.figures.get(id) ?? []).filter(hasValue)
    const [first] = figures
    if (first === undefined) return []
    const head = metricHead(first.metric, members, context)
    return [{ id, head, decimals: sharedDecimals(figures) }]
  })
  return tables.make(
    [
      words.text('column.config'),
      words.text('column.turn'),
      ...columns.map(({ head }) => head),
      words.text('column.cachedPrompt'),
    ],
    rows.map(({ member, turn }) => [
      labels.short(member.config.key),
      integer(turn.number),
      ...columns.map(({ id, decimals }) => {
        const figure = turn.figures.get(id)
        return figure === undefined ? emptyCell : figureText(figure, decimals, words)
      }),
      cachedText(turn, context),
    ]),
  )
}

function cachedText({ cached }: TurnAnalysis, { words }: Context): string {
  if (cached === undefined || cached.promptTokens === 0) return words.text('turn.cacheUnknown')
  return words.text('turn.cached', {
    share: percentage((cached.cachedTokens / cached.promptTokens) * 100),
    cached: integer(cached.cachedTokens),
    whole: integer(cached.promptTokens),
    requests: integer(cached.requests),
  })
}
