/** Figures, changes, intervals and doubts as text. */
import { notSampledText } from './not-sampled.ts'
import type { PhrasingContent } from 'mdast'
import type { Change } from '../analysis/analysis.ts'
import type { Absence, Doubt, Figure, Interval } from '../analysis/figure.ts'
import {
  asWritten,
  decimalsFor,
  durationText,
  fixed,
  integer,
  percentChange,
  ratio,
  percentage,
  signed,
  writtenDecimals,
} from '../format/number.ts'
import { Markdown } from '../markdown/markdown.ts'
import type { Unit } from '../metrics/metric.ts'
import type { Words } from '../templates/words.ts'
import type { Context } from './context.ts'

/** Shown instead of a blank cell. */
export const emptyCell = '—'

/**
 * The number of decimals to print in all cells of one row or column, so that its figures line up. Recorded figures
 * keep every decimal that their document has.
 * @param significant digits of the smallest measured figure
 */
export function sharedDecimals(figures: readonly Figure[], significant?: number): number {
  const valued = figures.filter(hasValue)
  const recorded = valued.filter(({ basedOn }) => basedOn === 'document')
  const measured = valued.filter(({ basedOn }) => basedOn !== 'document')
  return Math.max(
    ...recorded.flatMap(documentDecimals),
    measured.length === 0 ? 0 : measuredDecimals(measured, significant),
    0,
  )
}

/**
 * The decimals of a document's figure, of each of its runs, and of its spread, which may be computed from a percentage.
 */
function documentDecimals({ value, runs, spread }: Valued): readonly number[] {
  const decimals = runs?.map((run) => writtenDecimals(run.value)) ?? [writtenDecimals(value)]
  if (spread === undefined) return decimals
  return [...decimals, Math.min(writtenDecimals(spread.value), Math.max(2, ...decimals))]
}

/**
 * The decimals for three significant digits of the smallest figure, and at least one below 1,000: 138.8, 470.2, but
 * 1,840. If figures are compared by difference, the largest one decides, because another may be almost 0. Times are
 * stored in microseconds, so a time below that is a rounding error and is printed as 0.0.
 */
function measuredDecimals(figures: readonly Valued[], significant = 3): number {
  const values = figures.map(({ value }) => Math.abs(value))
  const isDifference = figures.some(({ metric }) => metric.change === 'difference')
  const decisive = isDifference ? Math.max(...values) : Math.min(...values)
  if (decisive < 0.001 && figures.every(({ metric }) => metric.unit === 'ms')) return 1
  const decimals = decimalsFor(isDifference ? [decisive] : values, significant)
  return significant === 3 && decimals === 0 && decisive < 1000 ? 1 : decimals
}

export type Valued = Figure & { readonly value: number }

export function hasValue(figure: Figure | undefined): figure is Valued {
  return figure?.value !== undefined
}

/** A figure without its unit, or the reason why it has no value. */
export function figureText(figure: Figure, decimals: number, words: Words): string {
  if (!hasValue(figure)) return absenceText(figure.absence, words)
  const value = valueText(figure, decimals)
  return figure.approximate ? words.text('quantity.approximately', { value }) : value
}

/** A figure with the runs or the spread that its document gives: `5.23 (3 runs: 5.18–5.30)`, `475 ± 9 (SD, 5 runs)`. */
export function figureWithRuns(figure: Figure, decimals: number, words: Words): string {
  const value = figureText(figure, decimals, words)
  const { runs, spread, metric } = figure
  const digits = (each: number) => (metric.unit === '%' ? percentage(each) : fixed(each, decimals))
  if (runs !== undefined) {
    const values = runs.map((run) => run.value)
    return words.text('quantity.runs', {
      value,
      runs: integer(runs.length),
      low: digits(Math.min(...values)),
      high: digits(Math.max(...values)),
    })
  }
  if (spread === undefined) return value
  return words.text('quantity.spread', {
    value,
    spread: digits(spread.value),
    kind: spread.kind === undefined ? '' : words.text(`spread.${spread.kind}`),
    runs: spread.runs === undefined ? '' : integer(spread.runs),
  })
}

function valueText({ value, metric, counts }: Valued, decimals: number): string {
  if (metric.unit === '%') {
    const digits = percentage(value)
    return counts ? `${digits} (${integer(counts.part)}/${integer(counts.whole)})` : digits
  }
  if (metric.unit === 'count' && Number.isInteger(value)) return integer(value)
  return fixed(value, decimals)
}

/**
 * The reason why a figure has no value.
 * @param length `short` for cells, whose footnotes give the whole reason
 */
export function absenceText(
  absence: Absence | undefined,
  words: Words,
  length: 'short' | 'whole' = 'short',
): string {
  if (!absence) return words.text('quantity.unknown')
  switch (absence.code) {
    case 'too-few':
      return words.text('absence.too-few', { n: absence.n, min: absence.minSamples })
    case 'none-ok':
      return words.text('absence.none-ok', { window: durationText(absence.windowMs) })
    case 'short-window':
      return words.text('absence.short-window', {
        window: durationText(absence.windowMs),
        latency: durationText(absence.latencyMs),
      })
    case 'audit':
      return words.text('absence.audit', { audit: absence.audit })
    case 'not-sampled':
      return length === 'short'
        ? words.text('absence.not-sampled')
        : words.text('absence.not-sampled-because', {
            reason: notSampledText(absence.reason, words),
          })
    default:
      return words.text(`absence.${absence.code}`)
  }
}

/** A reference to a footnote with the whole reason of an absence, if it has one. */
export function absenceNotes(
  { absence }: Figure,
  { footnotes, words }: Context,
): readonly PhrasingContent[] {
  if (absence?.code !== 'not-sampled') return []
  return [
    footnotes.refer(
      words.markdown('absence.not-sampled-because', {
        reason: notSampledText(absence.reason, words),
      }),
    ),
  ]
}

/** The unit for the head of a column or row; empty for counts and percentages, whose cells show it. */
export function unitText(unit: Unit): string {
  return unit === 'count' || unit === '%' ? '' : ` (${unit})`
}

/** The unit as it follows a number: ` ms`, `/s`; empty for counts and percentages. */
export function unitAfter(unit: Unit): string {
  if (unit === 'count' || unit === '%') return ''
  return unit === '1/s' ? '/s' : ` ${unit}`
}

/** A change in the unit in which its metric changes: `+8.3%`, `-2.5 points`, `+12.0 ms`, `-3,503 ms`. */
export function changeText(
  { metric, interval }: Pick<Change, 'metric' | 'interval'>,
  value: number,
  words: Words,
): string {
  if (metric.change === 'ratio') return percentChange(value, interval?.high)
  if (metric.unit === '%') return words.text('quantity.points', { value: signed(value) })
  const size = signed(value, differenceDecimals(interval ?? { low: value, high: value }))
  return `${size}${unitAfter(metric.unit)}`
}

/** One decimal, or none if an end has three digits before its decimal point. */
function differenceDecimals({ low, high }: Pick<Interval, 'low' | 'high'>): number {
  return Math.min(1, decimalsFor([Math.max(Math.abs(low), Math.abs(high))]))
}

/** The interval of a change: `(+53.6%, +63.0%)`, marked if it is unpaired. */
export function changeInterval(
  { metric, unpaired }: Pick<Change, 'metric' | 'unpaired'>,
  interval: Interval,
  words: Words,
): string {
  const { low, high } = interval
  const decimals = metric.unit === '%' ? 1 : differenceDecimals(interval)
  const form = (end: number) =>
    metric.change === 'ratio' ? percentChange(end, high) : signed(end, decimals)
  return markedIfUnpaired(`(${form(low)}, ${form(high)})`, unpaired, words)
}

/** An interval; with a mark if its two sides are not paired. */
export function markedIfUnpaired(
  interval: string,
  unpaired: boolean | undefined,
  words: Words,
): string {
  return unpaired === true && interval !== ''
    ? words.text('change.unpaired', { interval })
    : interval
}

/**
 * A ratio and its interval: `6.2x` and `(6.1x, 6.3x)`. They have one more digit if two significant digits would hide
 * the width of the interval, or on which side of 1 an end lies: `1.06x` and `(0.97x, 1.15x)`.
 */
export function ratioTexts(
  value: number,
  interval: Interval | undefined,
): { readonly value: string; readonly interval: string } {
  if (interval === undefined || value >= 99.5)
    return { value: ratio(value), interval: interval ? ratioEnds(interval, ratio) : '' }
  const fewest = decimalsFor([value], 2)
  const showsWidth = (decimals: number) => {
    const [low, middle, high] = [interval.low, value, interval.high].map((each) =>
      Number(each.toFixed(decimals)),
    )
    const hides1 = [interval.low, interval.high].some(
      (end) => end !== 1 && Number(end.toFixed(decimals)) === 1,
    )
    return low !== middle && middle !== high && !hides1
  }
  const decimals = [fewest, fewest + 1].find(showsWidth) ?? fewest + 1
  const form = (each: number) => `${fixed(each, decimals)}x`
  return { value: form(value), interval: ratioEnds(interval, form) }
}

function ratioEnds({ low, high }: Interval, form: (value: number) => string): string {
  return `(${form(low)}, ${form(high)})`
}

/** References to one footnote per doubt about a figure, in the order of the doubts. */
export function doubtNotes({ doubts }: Figure, context: Context): readonly PhrasingContent[] {
  return doubts.map((doubt) => context.footnotes.refer(doubtText(doubt, context)))
}

/** The word `doubt.<code>`; for a check, followed by `audit.<id>`, which says what was found. */
export function doubtText({ code, details }: Doubt, { words }: Pick<Context, 'words'>): Markdown {
  const values = Object.fromEntries(
    Object.entries(details).map(([name, value]) => {
      if (typeof value !== 'number') return [name, value]
      return [
        name,
        code === 'sampleTimeBelowLatency' ? asWritten(value) : auditNumberText(name, value),
      ]
    }),
  )
  const note = words.markdownById(`doubt.${code}`, {
    ...values,
    // empty, so that the word omits `0 of 0 trials`
    ...(details['checked'] === 0 ? { checked: '' } : {}),
  })
  if (code !== 'audit' && code !== 'auditUnclear') return note
  const found = words.markdownById(`audit.${String(details['audit'])}`, values)
  return new Markdown(note.source + found.source)
}

/**
 * A number that an audit found. The end of its name decides the format: a change in percent, a percentage, points, or a
 * mean number of requests. Any other number has two decimals, or none if all numbers of the range are whole. Detectable
 * changes above 100 % become `>100%`.
 * @param range all numbers of the range that the text shows, which get the same number of decimals
 */
export function auditNumberText(
  name: string,
  value: number,
  range: readonly number[] = [value],
): string {
  if (/changePercent$/i.test(name)) return `${signed(value)}%`
  if (/detectablePercent$/i.test(name) && value > 100) return '>100%'
  if (/percent$/i.test(name)) return `${fixed(value, 1)}%`
  if (/points$/i.test(name)) return fixed(value, 1)
  const isWhole = range.every(Number.isInteger) && !/(?:inFlight|pausing)$/.test(name)
  return fixed(value, isWhole ? 0 : 2)
}
