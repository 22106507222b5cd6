/** The charts of a report, as data, and the Markdown that shows them. */
import type { Chart } from '../charts/chart.ts'
import { oneLine } from '../format/plain-text.ts'
import { block, type Markdown } from '../markdown/markdown.ts'
import { claimsChart } from './claims-chart.ts'
import type { Context } from './context.ts'
import { timeChart } from './time-chart.ts'
import { historyChart } from './history-chart.ts'

/** The charts that a report shows, each at most once; empty for a version without charts. */
export function chartsOf(context: Context): readonly Chart[] {
  if (!context.version.hasCharts) return []
  return [timeChart(context), claimsChart(context), historyChart(context)].filter(
    (chart) => chart !== undefined,
  )
}

/** The file of a chart, relative to the report: `charts/v1.1/time.en.svg`. */
export function chartFile(kind: Chart['kind'], version: string, locale: string): string {
  return `charts/${version}/${kind}.${locale}.svg`
}

/** The longest text that replaces a picture; figures beyond it are in the tables. */
const maxAlt = 1500

/** The image of one kind of chart; null if the report has none. */
export function chartImage(
  charts: readonly Chart[],
  kind: Chart['kind'],
  { version, locale }: Context,
): Markdown | null {
  const chart = charts.find((each) => each.kind === kind)
  if (chart === undefined) return null
  const url = chartFile(kind, version.version, locale)
  const alt = oneLine(chart.alt).slice(0, maxAlt)
  return block({ type: 'paragraph', children: [{ type: 'image', url, alt }] })
}
