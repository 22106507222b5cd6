/**
 * The figures of configs beside each other, without comparing them: of a run with `--try`, and of the levels of a load.
 */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { decimalsFor, fixed } from '../../format/number.ts'
import { columns } from '../../format/plain-text.ts'
import { type CatalogueMetric, metrics } from '../../metrics/catalog.ts'
import { unitText } from '../../report/figure-text.ts'
import type { Templates } from '../../report/report.ts'
import type { Output } from '../safe-output.ts'
import { fitsInto } from '../wrap.ts'

/** A table with a row for each config. Where a terminal is too narrow for it, each figure has a line of its own. */
export function figureLines(
  configs: readonly Pick<ConfigAnalysis, 'config' | 'figures'>[],
  { metricWords }: Pick<Templates, 'metricWords'>,
  output: Output,
): readonly string[] {
  const shown = metrics.filter(
    ({ id, terminalTables }) =>
      terminalTables.includes('try') && configs.some(({ figures }) => figures.has(id)),
  )
  const titles = shown.map((metric) => `${metricWords.label(metric)}${unitText(metric.unit)}`)
  const rows = configs.map(({ config, figures }) => ({
    label: config.label,
    cells: shown.map((metric) => figureCell(metric, figures)),
  }))
  const table = columns([['', ...titles], ...rows.map(({ label, cells }) => [label, ...cells])])
  if (fitsInto(table, output)) return table
  return rows.flatMap(({ label, cells }) => [
    label,
    ...columns(titles.map((title, index) => [`  ${title}`, cells[index] ?? ''])),
  ])
}

function figureCell({ id, unit }: CatalogueMetric, figures: ConfigAnalysis['figures']): string {
  const figure = figures.get(id)
  if (figure?.value !== undefined)
    return fixed(figure.value, unit === 'count' ? 0 : decimalsFor([figure.value]))
  return figure?.absence?.code === 'too-few' ? `n<${figure.absence.minSamples}` : '–'
}
