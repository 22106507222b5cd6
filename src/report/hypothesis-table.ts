/**
 * The hypotheses: target, measured value and verdict. Also, for the answer, how far a measured value is from its
 * target.
 */
import type { HypothesisResult } from '../analysis/analysis.ts'
import type { Interval } from '../analysis/figure.ts'
import type { Comparator, Objective } from '../experiment/threshold.ts'
import { metricById, type Metric } from '../metrics/catalog.ts'
import type { Context } from './context.ts'
import { absenceText } from './figure-text.ts'
import { asWritten, decimalsFor, fixed, signed } from '../format/number.ts'
import type { Markdown } from '../markdown/markdown.ts'
import type { Words } from '../templates/words.ts'

/** Null without hypotheses. */
export function hypothesisTable({ analysis, words, tables }: Context): Markdown | null {
  if (analysis.hypotheses.length === 0) return null
  const intervals = analysis.hypotheses.some(({ interval }) => interval !== undefined)
  const header = [
    words.text('column.hypothesis'),
    words.text('column.target'),
    // A demo has no measured values to show.
    ...(analysis.standIn
      ? []
      : [words.text(intervals ? 'column.measuredInterval' : 'column.measured')]),
    words.text('column.verdict'),
  ]
  return tables.make(
    header,
    analysis.hypotheses.map((result) => [
      `${result.hypothesis.id} ${result.hypothesis.statement}`,
      claimTarget(result, words),
      ...(analysis.standIn ? [] : [measuredText(result, words)]),
      words.text(`verdict.${result.verdict.code}`),
    ]),
  )
}

/** The target; for a claim about a factor with its levels. */
function claimTarget(result: HypothesisResult, words: Words): string {
  const target = targetText(result, words)
  const { factor } = result.hypothesis.claim
  if (factor === undefined) return target
  return words.text('factor.target', {
    factor: factor.name,
    from: factor.from,
    to: factor.to,
    target,
  })
}

const signs: Readonly<Record<Comparator, string>> = { '<=': '≤', '<': '<', '>=': '≥', '>': '>' }

/** `≥ 80%`, `±5 points`. */
export function targetText(
  { hypothesis: { claim }, figure }: HypothesisResult,
  words: Words,
): string {
  if (claim.kind === 'same')
    return `±${withChangeUnit(asWritten(claim.band), figure.metric, words)}`
  const { comparator, value } = claim.threshold
  return `${signs[comparator]} ${targetValue(claim.kind, value, figure.metric, words)}`
}

/** An objective with its metric: `P95 latency ≤ 2000 ms`. */
export function objectiveText(
  { metric: id, threshold: { comparator, value } }: Objective,
  { metricWords }: Pick<Context, 'metricWords'>,
): string {
  const metric = metricById(id)
  if (metric === undefined) return ''
  return `${metricWords.label(metric)} ${signs[comparator]} ${inUnitOf(value, metric)}`
}

/** `≤ 2000 ms`. */
export function thresholdText({ metric: id, threshold: { comparator, value } }: Objective): string {
  const metric = metricById(id)
  return metric === undefined ? '' : `${signs[comparator]} ${inUnitOf(value, metric)}`
}

/** The target with the file's digits, in the unit of the measured value. */
function targetValue(
  kind: 'change' | 'ratio' | 'value',
  value: number,
  metric: Metric,
  words: Words,
): string {
  const written = asWritten(value)
  if (kind === 'ratio') return `${written}%`
  if (kind === 'value') return inUnitOf(value, metric)
  return withChangeUnit(value > 0 ? `+${written}` : written, metric, words)
}

/** A value in the metric's own unit, with the file's digits. */
function inUnitOf(value: number, metric: Metric): string {
  const written = asWritten(value)
  return metric.unit === '%' ? `${written}%` : withUnit(written, metric)
}

/** Adds the unit in which the metric changes. */
function withChangeUnit(value: string, { change, unit }: Metric, words: Words): string {
  if (change === 'ratio') return `${value}%`
  return unit === '%' ? words.text('quantity.points', { value }) : `${value} ${unit}`
}

/** @param digits the number as text */
function withUnit(digits: string, { unit }: Metric): string {
  return unit === 'count' ? digits : `${digits} ${unit}`
}

/** The measured value with its interval, or why there is none. */
export function measuredText(result: HypothesisResult, words: Words): string {
  const { figure, base, interval } = result
  if (result.measured === undefined) {
    const missing = figure.value === undefined ? figure.absence : base?.absence
    return absenceText(missing, words)
  }
  if (figure.metric.family === 'capacity') return capacityText(result.measured, interval, words)
  const value = withClaimUnit(result, result.measured, words)
  return interval ? `${value} ${intervalText(result, interval, words)}` : value
}

/** A capacity as the figures show it, and the bounds that are proven. */
function capacityText(measured: number, interval: Interval | undefined, words: Words): string {
  const value = asWritten(measured)
  const { low = 0, high = Infinity } = interval ?? {}
  if (low === high) return value
  const proven = [
    ...(low > 0 ? [words.text('capacity.low', { level: asWritten(low) })] : []),
    ...(high < Infinity ? [words.text('capacity.high', { level: asWritten(high) })] : []),
  ]
  return proven.length === 0
    ? words.text('capacity.notProven', { level: value })
    : `${value} (${proven.join(words.text('join.list'))})`
}

/** A value as text, in the unit of the claim. */
function withClaimUnit(
  { hypothesis: { claim }, figure: { metric } }: HypothesisResult,
  value: number,
  words: Words,
): string {
  switch (claim.kind) {
    case 'ratio':
      return `${fixed(value, 1)}%`
    case 'value':
      return roundedWithUnit(value, metric)
    case 'change':
    case 'same':
      return metric.change === 'ratio' ? `${signed(value)}%` : signedWithUnit(value, metric, words)
  }
}

function roundedWithUnit(value: number, metric: Metric): string {
  if (metric.unit === '%') return `${fixed(value, 1)}%`
  return withUnit(valueDigits(value), metric)
}

function valueDigits(value: number): string {
  return fixed(value, Math.max(decimalsFor([value]), Math.abs(value) < 1000 ? 1 : 0))
}

function signedWithUnit(value: number, { unit }: Metric, words: Words): string {
  return unit === '%'
    ? words.text('quantity.points', { value: signed(value) })
    : `${signed(value)} ${unit}`
}

function intervalText(result: HypothesisResult, { low, high }: Interval, words: Words): string {
  const { metric } = result.figure
  const { kind } = result.hypothesis.claim
  const withoutUnit =
    kind === 'value' ? metric.unit !== '%' : kind !== 'ratio' && metric.change === 'difference'
  const form = (value: number) => {
    if (!withoutUnit) return withClaimUnit(result, value, words)
    return kind === 'value' ? valueDigits(value) : signed(value)
  }
  return `(${form(low)}, ${form(high)})`
}

/** How far the measured value is from the target, and on which side; undefined if nothing was measured or judged. */
export function gapText(
  { hypothesis: { claim }, measured: value, figure: { metric }, verdict }: HypothesisResult,
  words: Words,
): string | undefined {
  if (verdict.code === 'none' || value === undefined) return undefined
  const inPoints =
    metric.unit === '%' ||
    (claim.kind !== 'value' && (claim.kind === 'ratio' || metric.change === 'ratio'))
  const say = (id: 'gap.missing' | 'gap.spare' | 'gap.beyond', distance: number) => {
    const digits = fixed(Math.abs(distance), 1)
    return words.text(id, {
      distance: inPoints
        ? words.text('quantity.points', { value: digits })
        : claim.kind === 'value'
          ? roundedWithUnit(Math.abs(distance), metric)
          : withUnit(digits, metric),
    })
  }
  if (claim.kind === 'same') {
    const beyond = Math.abs(value) - claim.band
    return beyond > 0 ? say('gap.beyond', beyond) : words.text('gap.none')
  }
  const { comparator, value: threshold } = claim.threshold
  const distance = value - threshold
  const isMet = distance === 0 || comparator.startsWith('<') === distance < 0
  return say(isMet ? 'gap.spare' : 'gap.missing', distance)
}

/** The smallest change that the run can detect, without a sign. */
export function detectableText(
  { figure: { metric } }: HypothesisResult,
  value: number,
  words: Words,
): string {
  if (metric.change === 'ratio') return `${fixed(value, 1)}%`
  return metric.unit === '%'
    ? words.text('quantity.points', { value: fixed(value, 1) })
    : roundedWithUnit(value, metric)
}
