/** The parts of mean latency of each config, and the parts of the differences between configs. */
import { areLevelsOfOneLoad } from '../analysis/design-pairs.ts'
import type { Parts, TimeDifference } from '../analysis/analysis.ts'
import type { GapPart } from '../diagnosis/gap.ts'
import { latencyPartIds, type LatencyPartId } from '../metrics/catalog.ts'
import type { Context } from './context.ts'
import { decimalsFor, fixed, signed } from '../format/number.ts'
import { groupsOf } from './labels.ts'
import { type Cell, strong } from '../markdown/markdown.ts'
import type { LatencyPartsView } from './view.ts'

/**
 * The table of latency parts, with a row for each config and each difference; null if no config has all parts. Each row
 * is rounded so that its parts add up to its total. Differences are rounded from exact differences: differences of
 * rounded parts could have the wrong sign.
 */
export function latencyParts(context: Context): LatencyPartsView | null {
  const { words, labels, tables } = context
  const { rows, decimals } = printedParts(context)
  if (rows.length === 0) return null
  const reported = reportedDifferences(context).map(withFasterAsBase)
  const printed = reported.map(({ parts }) => printedRow(parts, decimals))
  const differences = reported.map((difference, index) =>
    differenceRows(difference, printed[index] ?? [], decimals, context),
  )
  const header = [
    words.text('column.config'),
    ...latencyPartIds.map((id) => context.metricWords.labelOf(id)),
    words.text('column.total'),
  ]
  return {
    table: tables.make(header, [
      ...rows.map(({ config, values }) => [
        labels.full(config),
        ...values.map((value) => fixed(value, decimals)),
      ]),
      ...differences.flat(),
    ]),
    decode: reported.flatMap(({ config, base, decode }, index) => {
      const total = printed[index]?.[latencyPartIds.indexOf('decode')]
      if (!decode || total === undefined || total <= 0 || largestPart(decode) < 10 ** -decimals)
        return []
      const [moreTokens = 0, slowerTokens = 0] = printedDecode(decode, total, decimals)
      return [
        {
          config: labels.full(config),
          base: labels.full(base),
          total: signed(total, decimals),
          moreTokens: signed(moreTokens, decimals),
          slowerTokens: signed(slowerTokens, decimals),
        },
      ]
    }),
    named: reported.length > 1,
    shares: differences.some((each) => each.length > 1),
  }
}

interface Row {
  readonly config: string
  /** The parts and, last, their sum; in ms. */
  readonly values: readonly number[]
}

export interface PrintedParts {
  readonly rows: readonly Row[]
  readonly decimals: number
}

/** The rows of the configs that have all parts, rounded as the table shows them. */
export function printedParts({ analysis }: Pick<Context, 'analysis'>): PrintedParts {
  const { configs } = analysis.breakdown
  const smallest = Math.min(...configs.map(({ total }) => total))
  const decimals = smallest < 100 ? Math.min(2, decimalsFor([smallest])) : 0
  return {
    rows: configs.map(({ config, parts }) => ({ config, values: printedRow(parts, decimals) })),
    decimals,
  }
}

/** The rounded parts and, last, their sum. */
function printedRow(parts: Parts, decimals: number): readonly number[] {
  const values = roundedToSum(
    latencyPartIds.map((id) => parts[id]),
    decimals,
  )
  return [...values, sum(values)]
}

/** A difference between two mean latencies as the table prints it, in ms. */
export interface PrintedGap {
  readonly ms: number
  readonly decimals: number
  /** Each part with its rounding in the table. They add up to `ms`. */
  readonly parts: Readonly<Record<GapPart, number>>
}

/** Undefined if the configs have no difference in parts, or if the rounded difference is not positive. */
export function printedGap(
  context: Pick<Context, 'analysis'>,
  config: string,
  base: string,
): PrintedGap | undefined {
  const { decimals } = printedParts(context)
  const difference = context.analysis.breakdown.differences
    .map(withFasterAsBase)
    .find((each) => each.config === config && each.base === base)
  const ms = Number((difference?.total ?? NaN).toFixed(decimals))
  return difference !== undefined && ms > 0
    ? { ms, decimals, parts: partsOfGap(difference, decimals) }
    : undefined
}

function partsOfGap({ parts, decode }: ReportedDifference, decimals: number): PrintedGap['parts'] {
  const printed = printedRow(parts, decimals)
  const valueOf = (id: LatencyPartId) => printed[latencyPartIds.indexOf(id)] ?? 0
  const [moreTokens = 0, slowerTokens = valueOf('decode')] =
    decode === undefined ? [] : printedDecode(decode, valueOf('decode'), decimals)
  return {
    wait: valueOf('wait'),
    load: valueOf('load'),
    prefill: valueOf('prefill'),
    moreTokens,
    slowerTokens,
    outside: valueOf('outside'),
  }
}

/** Splits the decode time that the table shows into two parts that add up to it. */
function printedDecode(
  { moreTokens, slowerTokens }: NonNullable<TimeDifference['decode']>,
  total: number,
  decimals: number,
): readonly number[] {
  return roundedToSum([moreTokens, slowerTokens], decimals, total)
}

/** The difference with the faster config as the base, so that its total is not negative. */
function withFasterAsBase(difference: TimeDifference): ReportedDifference {
  const { base, config, parts, total, decode } = difference
  if (total >= 0) return difference
  const { wait, load, prefill, decode: decoding, outside } = parts
  return {
    base: config,
    config: base,
    total: -total,
    parts: {
      wait: -wait,
      load: -load,
      prefill: -prefill,
      decode: -decoding,
      outside: -outside,
    },
    ...(decode && {
      decode: { moreTokens: -decode.moreTokens, slowerTokens: -decode.slowerTokens },
    }),
  }
}

type ReportedDifference = Pick<TimeDifference, 'base' | 'config' | 'parts' | 'total' | 'decode'>

/**
 * The differences that the table shows, without pairs that cannot be compared. For each group except the baseline's:
 * the difference between its last config and the baseline. If there are no such groups, each config is compared with
 * its `from`; if there are no such pairs either, levels of a load are compared.
 */
function reportedDifferences({
  analysis: { breakdown },
  experiment,
}: Context): readonly TimeDifference[] {
  const { baseline, configs, series = [] } = experiment
  const comparable = breakdown.differences.filter(({ obstacle }) => obstacle === undefined)
  const others = [...groupsOf(configs).values()].filter((group) =>
    group.every(({ key }) => key !== baseline),
  )
  const across = others.flatMap((group) => {
    const found = comparable.filter(
      ({ base, config }) => base === baseline && group.some(({ key }) => key === config),
    )
    return found.slice(-1)
  })
  if (across.length > 0) return across
  const inherited = comparable.filter(({ base, config }) =>
    configs.some(({ key, from }) => key === config && from === base),
  )
  const isOfLevels = ({ base, config }: TimeDifference) => areLevelsOfOneLoad(series, base, config)
  return inherited.length > 0 ? inherited : comparable.filter(isOfLevels)
}

function largestPart({ moreTokens, slowerTokens }: NonNullable<TimeDifference['decode']>): number {
  return Math.max(Math.abs(moreTokens), Math.abs(slowerTokens))
}

function differenceRows(
  { base, config, parts: exact, total }: ReportedDifference,
  printedValues: readonly number[],
  decimals: number,
  { words, labels }: Context,
): readonly (readonly Cell[])[] {
  const head = strong(
    words.text('parts.difference', { config: labels.full(config), base: labels.full(base) }),
  )
  const first = [head, ...printedValues.map((value) => signed(value, decimals))]
  // Shares mean nothing if the difference is tiny, or if a part became clearly shorter.
  const parts = latencyPartIds.map((id) => exact[id])
  if (total < 10 ** -decimals * 10 || parts.some((value) => value < -0.1 * total)) return [first]
  const shares = roundedToSum(
    parts.map((value) => (value / total) * 100),
    1,
  )
  return [
    first,
    [words.text('parts.shares'), ...shares.map((value) => `${fixed(value, 1)}%`), '100%'],
  ]
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/**
 * Rounds values so that they add up to their rounded sum (largest remainder method): rounds all values down, then
 * raises those with the largest remainders by one unit. Never changes a value's sign.
 * @param total the sum to reach, less than one unit from the exact sum; by default the exact sum, rounded
 */
export function roundedToSum(
  values: readonly number[],
  decimals: number,
  total?: number,
): readonly number[] {
  const unit = 10 ** decimals
  const scaled = values.map((value) => value * unit)
  const floors = scaled.map(Math.floor)
  const missing = Math.round(total === undefined ? sum(scaled) : total * unit) - sum(floors)
  const byRemainder = scaled
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index)
  const raised = new Set(byRemainder.slice(0, missing).map(({ index }) => index))
  return floors.map((value, index) => (value + (raised.has(index) ? 1 : 0)) / unit)
}
