/** Figures, changes and intervals as cells say them. */
import type { Change } from '../analysis/analysis.ts'
import type { Absence, Figure, Interval } from '../analysis/figure.ts'
import type { Unit } from '../metrics/unit.ts'
import {
  decimalsFor,
  duration,
  fixed,
  integer,
  percentChange,
  ratio,
  share,
  signed,
  writtenDecimals,
} from '../format/number.ts'
import type { Words } from '../templates/words.ts'

/** Decimals that all figures of one row or column share, so that they can be read down or across. */
export function sharedDecimals(figures: readonly Figure[], significant?: number): number {
  const valued = figures.filter(hasValue)
  const recorded = valued.filter(({ of }) => of === 'document')
  const measured = valued.filter(({ of }) => of !== 'document')
  return Math.max(
    ...recorded.map(({ value }) => writtenDecimals(value)),
    measured.length === 0 ? 0 : measuredDecimals(measured, significant),
    0,
  )
}

/** One more than three digits where the first of them says little: 138.8, 470.2, but 1,840. */
function measuredDecimals(figures: readonly Valued[], significant = 3): number {
  const values = figures.map(({ value }) => value)
  const decimals = decimalsFor(values, significant)
  const smallest = Math.min(...values.map(Math.abs))
  return significant === 3 && decimals === 0 && smallest < 1000 ? 1 : decimals
}

export type Valued = Figure & { readonly value: number }

export function hasValue(figure: Figure | undefined): figure is Valued {
  return figure?.value !== undefined
}

/** A figure without its unit, or why there is none. */
export function figureText(figure: Figure, decimals: number, words: Words): string {
  if (!hasValue(figure)) return absenceText(figure.absence, words)
  const value = valueText(figure, decimals)
  return figure.approximate ? words.say('quantity.approximately', { value }) : value
}

function valueText({ value, metric, counts, of }: Valued, decimals: number): string {
  if (metric.unit === '%') {
    const digits = share(value)
    return counts ? `${digits} (${integer(counts.part)}/${integer(counts.whole)})` : digits
  }
  if (metric.unit === 'count' && of !== 'document' && Number.isInteger(value)) return integer(value)
  return fixed(value, decimals)
}

/** Why a figure is not there. */
export function absenceText(absence: Absence | undefined, words: Words): string {
  if (!absence) return words.say('quantity.unknown')
  switch (absence.code) {
    case 'too-few':
      return words.say('absence.too-few', { n: absence.n, min: absence.least })
    case 'none-ok':
      return words.say('absence.none-ok', { window: duration(absence.windowMs) })
    case 'audit':
      return words.say('absence.audit', { audit: absence.audit })
    default:
      return words.say(`absence.${absence.code}`)
  }
}

/** The unit as a column or row head carries it; nothing for counts and shares, whose cells say it themselves. */
export function unitText(unit: Unit): string {
  return unit === 'count' || unit === '%' ? '' : ` (${unit})`
}

/** A change in the form of its metric: `+8.3%`, `-2.5 个百分点`, `+12.0 ms`; `value` is the change's own. */
export function changeText(change: Pick<Change, 'metric'>, value: number, words: Words): string {
  if (change.metric.change === 'ratio') return percentChange(value)
  if (change.metric.unit === '%') return words.say('quantity.points', { value: signed(value) })
  return `${signed(value)} ${change.metric.unit}`
}

/** `(+53.6%, +63.0%)`, in the form of the change it belongs to. */
export function changeInterval(change: Pick<Change, 'metric'>, { low, high }: Interval): string {
  const form = change.metric.change === 'ratio' ? percentChange : (value: number) => signed(value)
  return `(${form(low)}, ${form(high)})`
}

/** `(6.1x, 6.3x)`. */
export function ratioInterval({ low, high }: Interval): string {
  return `(${ratio(low)}, ${ratio(high)})`
}
