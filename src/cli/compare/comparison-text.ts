/** The comparison that `exp compare` prints: the figures of both sides of each pair, and the change with its interval. */
import type { Analysis, Change, Comparison } from '../../analysis/analysis.ts'
import { modelsDiffer } from '../../analysis/ranking.ts'
import { columns } from '../../format/plain-text.ts'
import { scorePrefix } from '../../metrics/catalog.ts'
import {
  changeInterval,
  changeText,
  figureText,
  sharedDecimals,
  unitText,
} from '../../report/figure-text.ts'
import type { Templates } from '../../report/report.ts'
import type { TerminalWords } from '../terminal-words.ts'

/** The metrics in the table, in this order. A metric without a value on both sides has no row. */
const shown = [
  'qps',
  'throughput',
  'latencyMean',
  'latencyP95',
  'ttftMean',
  'decodeSpeed',
  'okRate',
]

/** The metrics in the table if the two sides have different models; scores follow the first two. */
const shownOfModels = [
  'decodeSpeed',
  'outputTokens',
  'prefillSpeed',
  'throughput',
  'latencyMean',
  'ttftMean',
  'okRate',
]

const indent = '  '

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
  const scores = [...changes.keys()].filter((id) => id.startsWith(scorePrefix))
  const ids = isOfModels ? shownOfModels.toSpliced(2, 0, ...scores) : shown
  return ids.flatMap((id) => {
    const change = changes.get(id)
    return change?.value === undefined ? [] : [row(change, change.value, templates, words)]
  })
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
