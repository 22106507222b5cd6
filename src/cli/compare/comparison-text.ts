/**
 * The comparison that `exp compare` prints: the figures of both sides of each pair, and the change with its interval.
 */
import type { Analysis, Change, Comparison } from '../../analysis/analysis.ts'
import { minRounds } from '../../analysis/figure-interval.ts'
import type { Obstacle } from '../../analysis/obstacle.ts'
import { modelsDiffer } from '../../analysis/ranking.ts'
import { columns } from '../../format/plain-text.ts'
import {
  changeInterval,
  changeText,
  figureText,
  sharedDecimals,
  unitText,
} from '../../report/figure-text.ts'
import { labelsOf } from '../../report/labels.ts'
import { noLimit } from '../../report/limit.ts'
import type { Templates } from '../../report/report.ts'
import { reasonText } from '../../report/verdict-notes.ts'
import type { Output } from '../safe-output.ts'
import { fitsInto } from '../wrap.ts'
import type { TerminalWords } from '../terminal-words.ts'

const indent = '   '
/**
 * The families whose rows come first if the models differ. Latencies then also differ because the answers differ in
 * length.
 */
const firstOfModels: ReadonlySet<string> = new Set(['speed', 'tokens', 'score'])

/** One table for each comparison. If the terminal is too narrow for the columns, each metric takes two lines. */
export function comparisonLines(
  { comparisons, configs }: Analysis,
  templates: Templates,
  words: TerminalWords,
  output: Pick<Output, 'isTerminal' | 'columns'>,
): readonly string[] {
  const labels = new Map(configs.map(({ config }) => [config.key, config.label]))
  const isOfModels = ({ base, config }: Comparison) =>
    modelsDiffer(configs.filter((each) => [base, config].includes(each.config.key)))
  const tables = comparisons.flatMap((comparison) => {
    const [base = '', config = ''] = [comparison.base, comparison.config].map(
      (key) => labels.get(key) ?? key,
    )
    const rows = rowsOf(comparison, isOfModels(comparison), templates)
    return rows.length === 0 ? [] : [{ base, config, rows }]
  })
  const wide = tables.map((table) => wideTable(table, words))
  const isWide = fitsInto(wide.flat(), output)
  const marks = new Set(tables.flatMap(({ rows }) => rows.map(({ mark }) => mark)))
  return [
    ...(isWide ? wide : tables.map((table) => narrowTable(table))).flatMap((lines) => [
      ...lines,
      '',
    ]),
    ...(marks.size === 0
      ? []
      : [legend(marks, words), ...reasonLines(tables, configs, templates), '']),
  ]
}

/** The reasons why changes are not compared, each once. */
function reasonLines(
  tables: readonly Table[],
  configs: Analysis['configs'],
  { words }: Templates,
): readonly string[] {
  const context = {
    words,
    labels: labelsOf(
      configs.map(({ config }) => config),
      noLimit,
    ),
  }
  const reasons = tables.flatMap(({ rows }) =>
    rows.flatMap(({ obstacle }) => (obstacle === undefined ? [] : [reasonText(obstacle, context)])),
  )
  return [...new Set(reasons)].map((reason) => `${signs.notCompared} ${reason}`)
}

interface Table {
  readonly base: string
  readonly config: string
  readonly rows: readonly Row[]
}

interface Row {
  readonly mark: Mark
  readonly label: string
  readonly from: string
  readonly to: string
  readonly change: string
  /** Empty without an interval. */
  readonly interval: string
  readonly obstacle: Obstacle | undefined
}

type Mark = keyof typeof signs

const signs = {
  better: '✅',
  worse: '❌',
  same: '≈ ',
  differs: '≠ ',
  unknown: '❔',
  untested: '· ',
  notCompared: '⛔',
} as const

function wideTable({ base, config, rows }: Table, words: TerminalWords): readonly string[] {
  const header = ['', '', base, config, words.text('compare.change'), '']
  return columns([
    header,
    ...rows.map(({ mark, label, from, to, change, interval }) => [
      signs[mark],
      label,
      from,
      to,
      change,
      interval,
    ]),
  ])
}

function narrowTable({ base, config, rows }: Table): readonly string[] {
  const figures = columns(
    rows.map(({ from, to, change, interval }) => [
      `${indent}${from} → ${to}`,
      `${change} ${interval}`,
    ]),
  )
  return [
    `${base} → ${config}`,
    ...rows.flatMap(({ mark, label }, index) => [`${signs[mark]} ${label}`, figures[index] ?? '']),
  ]
}

/** The meaning of the signs that are shown, in the order of `signs`. */
function legend(marks: ReadonlySet<Mark>, words: TerminalWords): string {
  return Object.entries(signs)
    .flatMap(([mark, sign]) => {
      const known = [...marks].find((each) => each === mark)
      if (known === undefined) return []
      const meaning =
        known === 'untested'
          ? words.text('compare.untested', { rounds: minRounds })
          : words.text(`compare.${known}`)
      return [`${sign.trim()} ${meaning}`]
    })
    .join('  ')
}

function rowsOf(
  { changes }: Comparison,
  isOfModels: boolean,
  templates: Templates,
): readonly Row[] {
  const table = isOfModels ? 'compareModels' : 'compare'
  const shown = [...changes.values()].filter(
    ({ metric }) =>
      metric.terminalTables.includes(table) || (isOfModels && metric.family === 'score'),
  )
  const isFirst = ({ metric }: Change) => isOfModels && firstOfModels.has(metric.family)
  return [...shown.filter(isFirst), ...shown.filter((change) => !isFirst(change))].flatMap(
    (change) => (change.value === undefined ? [] : [row(change, change.value, templates)]),
  )
}

function row(change: Change, value: number, { words: reportWords, metricWords }: Templates): Row {
  const { metric, from, to, interval } = change
  const decimals = sharedDecimals([from, to])
  return {
    mark: markOf(change),
    label: `${metricWords.label(metric)}${unitText(metric.unit)}`,
    from: figureText(from, decimals, reportWords),
    to: figureText(to, decimals, reportWords),
    change: changeText(change, value, reportWords),
    interval: interval === undefined ? '' : changeInterval(change, interval, reportWords),
    obstacle: change.obstacle,
  }
}

/** A change without an interval, after too few rounds, was not tested. */
function markOf({ mark, interval, obstacle, differs }: Change): Mark {
  if (obstacle !== undefined) return 'notCompared'
  if (differs === true) return 'differs'
  return interval === undefined ? 'untested' : mark
}
