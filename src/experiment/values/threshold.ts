/** Thresholds of claims as written: `<= -30%`, `>= 80%`, `<= 500ms`. */
import { alternatives, quoted } from '../../errors/quote.ts'
import type { Metric } from '../../metrics/catalog.ts'
import type { Comparator } from '../threshold.ts'
import type { Amount } from './amount.ts'
import { convertAmount, formatAmount, halfWidth, otherExamples, parseAmount } from './amount.ts'
import type { Reading } from './reading.ts'
import { isRead } from './reading.ts'

export interface WrittenThreshold {
  readonly comparator: Comparator
  readonly amount: Amount
}

export const claimKinds = ['change', 'ratio', 'same', 'value'] as const
export type ClaimKind = (typeof claimKinds)[number]

const thresholdForm = /^(<=|>=|<|>|[≤≥≦≧])\s*(.*)$/

/** Reads a comparator and an amount. Whether the unit fits depends on the claim: see `claimAmount`. */
export function parseThreshold(text: string): Reading<WrittenThreshold> {
  const examples = otherExamples(text, ['"<= -30%"', '">= 80%"', '"<= 500ms"'])
  const hint = `write a comparison and an amount, such as ${examples}`
  const [, comparator, rest = ''] = thresholdForm.exec(halfWidth(text).trim()) ?? []
  if (comparator === undefined)
    return { message: `${quoted(text)} has no comparison`, hint: withComparison(text) ?? hint }
  const amount = parseAmount(rest)
  if (!isRead(amount)) return { message: `${quoted(text)} is not a threshold`, hint }
  return { value: { comparator: comparators[comparator] ?? '<=', amount: amount.value } }
}

/** A hint for `=<` and `=>`, as other languages write them, and for an amount without a comparison. */
function withComparison(text: string): string | undefined {
  const [, sign, rest = ''] = /^=([<>])\s*(.*)$/.exec(halfWidth(text).trim()) ?? []
  if (sign !== undefined) return `did you mean ${quoted(`${sign}= ${rest}`)}?`
  if (!isRead(parseAmount(text))) return undefined
  const written = ['<=', '>='].map((comparator) => `"${comparator} ${text.trim()}"`)
  return `put a comparison before it: ${alternatives(written)}`
}

const comparators: Readonly<Record<string, Comparator>> = {
  '<=': '<=',
  '≤': '<=',
  '≦': '<=',
  '<': '<',
  '>=': '>=',
  '≥': '>=',
  '≧': '>=',
  '>': '>',
}

/**
 * The amount in the unit that a claim of this kind compares in: percent for changes and ratios (`0.8x` is 80),
 * points for changes of shares, otherwise the metric's own unit.
 */
export function claimAmount(amount: Amount, kind: ClaimKind, metric: Metric): Reading<number> {
  const hint = `write ${example(kind, metric, amount)}`
  if (kind === 'ratio' && metric.change === 'difference')
    return {
      message: `${quoted(metric.id)} is compared by difference, not by ratio`,
      // A ratio such as `0.8x` cannot be converted into a difference, so the hint shows another number.
      hint: `claim its \`change\`, or that it stays the \`same\`: ${example('same', metric, { ...amount, unit: 'x' })}`,
    }
  const value = converted(amount, kind, metric)
  if (value !== undefined) return { value }
  return {
    message:
      amount.unit === ''
        ? `${nouns[kind]} of ${quoted(metric.id)} needs a unit`
        : `${quoted(amount.unit)} is not a unit for ${nouns[kind]} of ${quoted(metric.id)}`,
    hint,
  }
}

const nouns: Readonly<Record<ClaimKind, string>> = {
  change: 'a change',
  ratio: 'a ratio',
  same: 'a band',
  value: 'a value',
}

function converted(amount: Amount, kind: ClaimKind, metric: Metric): number | undefined {
  if (kind === 'value') return convertAmount(amount, metric.unit)
  if (metric.change === 'ratio') {
    if (kind === 'ratio' && amount.unit === 'x') return Number((amount.value * 100).toPrecision(15))
    return convertAmount(amount, '%')
  }
  if (metric.unit !== '%') return convertAmount(amount, metric.unit)
  return amount.unit === 'pp' ? amount.value : undefined
}

/**
 * An example of a valid threshold that claims an improvement.
 * @param written the amount in the file. The example keeps its number if the amount has no unit, or percent for points.
 */
function example(kind: ClaimKind, metric: Metric, written: Amount): string {
  const isPercent = kind !== 'value' && metric.unit === '%' && written.unit === '%'
  const keepsNumber = written.unit === '' || isPercent
  const other = (usual: number, instead: number) =>
    !keepsNumber && Math.abs(written.value) === usual ? instead : usual
  const up = metric.direction === 'higher'
  if (kind === 'value') {
    const number = keepsNumber ? written.value : other(500, 250)
    return `\`"${up ? '>=' : '<='} ${formatAmount(number, metric.unit)}"\`: it is measured in ${metric.unit}`
  }
  if (kind === 'ratio') return `\`">= ${other(80, 75)}%"\` or \`">= ${other(0.8, 0.75)}x"\``
  const number = keepsNumber ? Math.abs(written.value) : other(5, 10)
  const amount =
    metric.change === 'ratio'
      ? `${number}%`
      : metric.unit === '%'
        ? `${number}pp`
        : formatAmount(number, metric.unit)
  const why = amount.endsWith('pp') ? ': shares and scores change in points' : ''
  return `\`${kind === 'same' ? amount : `"${up ? '>= ' : '<= -'}${amount}"`}\`${why}`
}
