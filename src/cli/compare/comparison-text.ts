/** The comparison that `exp compare` prints: the figures of both sides of each pair, and the change with its interval. */
import type { Analysis, Change, Comparison } from '../../analysis/analysis.ts'
import { modelsDiffer } from '../../analysis/ranking.ts'
import { columns } from '../../format/plain-text.ts'
import {
  changeInterval,
  changeText,
  figureText,
  sharedDecimals,
  unitText,
} from '../../report/figure-text.ts'
import type { Templates } from '../../report/report.ts'
import type { TerminalWords } from '../terminal-words.ts'

const indent = '  '
/** These rows come first for different models, whose latencies also differ because their answers differ in length. */
const firstOfModels: ReadonlySet<string> = new Set(['speed', 'tokens', 'score'])

/** One table for each config, which is compared with the first. */
export function comparisonLines(
  { comparisons, configs }: Analysis,
  templates: Templates,
  words: TerminalWords,
): readonly string[] {
  const labels = new Map(configs.map(({ config }) => [config.key, config.label]))
  const isOfModels = ({ base, config }: Comparison) =>
    modelsDiffer(
      configs.map((each) => each.config).filter(({ key }) => [base, config].includes(key)),
    )
  return comparisons.flatMap((comparison) => {
    const [base, config] = [comparison.base, comparison.config].map((key) => labels.get(key) ?? key)
    const rows = rowsOf(comparison, isOfModels(comparison), templates, words)
    if (rows.length === 0) return []
    const header = [indent, base ?? '', config ?? '', words.text('compare.change'), '', '']
    return [...columns([header, ...rows]), '']
  })
}

function rowsOf(
  { changes }: Comparison,
  isOfModels: boolean,
  templates: Templates,
  words: TerminalWords,
): readonly (readonly string[])[] {
  const table = isOfModels ? 'compareModels' : 'compare'
  const shown = [...changes.values()].filter(
    ({ metric }) =>
      metric.terminalTables.includes(table) || (isOfModels && metric.family === 'score'),
  )
  const isFirst = ({ metric }: Change) => isOfModels && firstOfModels.has(metric.family)
  return [...shown.filter(isFirst), ...shown.filter((change) => !isFirst(change))].flatMap(
    (change) => (change.value === undefined ? [] : [row(change, change.value, templates, words)]),
  )
}

function row(
  change: Change,
  value: number,
  { words: reportWords, metricWords }: Templates,
  words: TerminalWords,
): readonly string[] {
  const { metric, from, to, interval } = change
  const decimals = sharedDecimals([from, to])
  return [
    `${indent}${metricWords.label(metric)}${unitText(metric.unit)}`,
    figureText(from, decimals, reportWords),
    figureText(to, decimals, reportWords),
    changeText(change, value, reportWords),
    interval === undefined ? '' : changeInterval(change, interval, reportWords),
    words.text(markOf(change)),
  ]
}

/** A change without an interval, after too few rounds, was not tested. */
function markOf({ mark, interval, obstacle }: Change) {
  if (obstacle !== undefined) return 'compare.notCompared'
  return interval === undefined ? 'compare.untested' : (`compare.${mark}` as const)
}
