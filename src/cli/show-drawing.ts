/** Draws the hypotheses and the mean latency with characters and without colour, as wide as the terminal. */
import stringWidth from 'string-width'
import type { Analysis, HypothesisResult } from '../analysis/analysis.ts'
import { oneLine } from '../format/plain-text.ts'
import { integer } from '../format/number.ts'
import { latencyPartIds } from '../metrics/catalog.ts'
import type { TerminalWords } from './terminal-words.ts'

/** The minimum and maximum width of a drawing in characters; if the minimum does not fit, nothing is drawn. */
const [minCells, maxCells] = [16, 60]

/** Characters of different weight: a reader can distinguish the parts of a bar without colour. */
const partCharacters = ['░', '▞', '▒', '▓', '█'] as const

/**
 * A bar for each config whose latency is known in parts, all on one scale, with a line that explains the characters.
 * @param partName the name of a part
 */
export function latencyDrawing(
  { breakdown, configs }: Analysis,
  partName: (id: string) => string,
  columns: number,
): readonly string[] {
  const labels = new Map(configs.map(({ config }) => [config.key, oneLine(config.label)]))
  const bars = breakdown.configs.map(({ config, parts, total }) => ({
    label: labels.get(config) ?? config,
    parts: latencyPartIds.map((id) => Math.max(0, parts[id])),
    total,
    text: `${integer(total)} ms`,
  }))
  const longest = Math.max(...bars.map(({ total }) => total))
  const labelWidth = widthOf(bars.map(({ label }) => label))
  const textWidth = widthOf(bars.map(({ text }) => text))
  const cells = Math.min(maxCells, columns - labelWidth - textWidth - 6)
  if (bars.length === 0 || cells < minCells || !(longest > 0)) return []
  const legend = latencyPartIds.map((id, index) => `${partCharacters[index] ?? ''} ${partName(id)}`)
  return [
    ...bars.map(({ label, parts, text }) => {
      const drawn = padded(bar(parts, cells / longest), cells)
      return `  ${padded(label, labelWidth)}  ${drawn} ${text.padStart(textWidth)}`
    }),
    `  ${legend.join('  ')}`,
  ]
}

/** Each part ends at the rounded sum of all parts up to it, so that rounding errors do not add up. */
function bar(parts: readonly number[], scale: number): string {
  let end = 0
  let sum = 0
  return parts
    .map((part, index) => {
      const start = end
      sum += part
      end = Math.round(sum * scale)
      return (partCharacters[index] ?? '').repeat(end - start)
    })
    .join('')
}

/** A hypothesis and its measured value as text, with and without the interval. */
export interface ShownClaim {
  readonly result: HypothesisResult
  readonly measured: string
  readonly withInterval: string
}

/**
 * Draws, for each measured hypothesis, its interval and the values for which it holds. Hypotheses in one unit share a
 * scale. Leaves out the intervals as text if they do not fit.
 */
export function claimsDrawing(
  claims: readonly ShownClaim[],
  words: TerminalWords,
  columns: number,
): readonly string[] {
  const texts = (hasInterval: boolean) =>
    claims.map(({ result, measured, withInterval }) => ({
      result,
      measured: hasInterval ? withInterval : measured,
    }))
  const whole = claimLines(texts(true), words, columns)
  return whole.length > 0 ? whole : claimLines(texts(false), words, columns)
}

/** Empty if the drawing does not fit. */
function claimLines(
  claims: readonly Pick<ShownClaim, 'result' | 'measured'>[],
  words: TerminalWords,
  columns: number,
): readonly string[] {
  const drawn = claims.flatMap((claim) => {
    const range = rangeOf(claim.result)
    return range === undefined ? [] : [{ ...claim, range, head: claim.result.hypothesis.id }]
  })
  const headWidth = widthOf(drawn.map(({ head }) => head))
  const textWidth = widthOf(drawn.map(({ measured }) => measured))
  const cells = Math.min(maxCells, columns - headWidth - textWidth - 6)
  if (drawn.length === 0 || cells < minCells) return []
  const scales = new Map<string, Scale>()
  for (const { result, range } of drawn) {
    const known = scales.get(unitOf(result))
    scales.set(unitOf(result), {
      low: Math.min(known?.low ?? Infinity, ...range.all),
      high: Math.max(known?.high ?? -Infinity, ...range.all),
    })
  }
  const lines = drawn.map(({ result, range, head, measured }) => {
    const scale = scales.get(unitOf(result)) ?? { low: 0, high: 1 }
    return `  ${padded(head, headWidth)}  ${intervalLine(range, scale, cells)}  ${measured}`
  })
  return [...lines, `  ${words.text('show.claimLegend')}`]
}

interface Scale {
  readonly low: number
  readonly high: number
}

interface Range {
  readonly measured: number
  readonly interval?: Scale
  /** The values for which the hypothesis holds; open at an end that is absent. */
  readonly target: Partial<Scale>
  /** All values that the drawing must hold. */
  readonly all: readonly number[]
}

/** Undefined for a hypothesis without a measured value. */
function rangeOf({
  hypothesis: { claim },
  measured,
  interval,
}: HypothesisResult): Range | undefined {
  if (measured === undefined) return undefined
  const target: Partial<Scale> =
    claim.kind === 'same'
      ? { low: -claim.band, high: claim.band }
      : claim.threshold.comparator.startsWith('<')
        ? { high: claim.threshold.value }
        : { low: claim.threshold.value }
  const neutral = claim.kind === 'ratio' ? [100] : claim.kind === 'value' ? [] : [0]
  const ends = interval === undefined ? [] : [interval.low, interval.high]
  const all = [measured, ...ends, ...neutral, target.low, target.high].filter(
    (value) => value !== undefined,
  )
  return {
    measured,
    ...(interval !== undefined && { interval: { low: interval.low, high: interval.high } }),
    target,
    all: all.filter(Number.isFinite),
  }
}

/** Claims with the same unit are drawn on one scale. */
function unitOf({ hypothesis: { claim }, figure: { metric } }: HypothesisResult): string {
  if (claim.kind === 'value') return metric.id
  if (claim.kind === 'ratio') return 'ratio'
  return metric.change === 'ratio' ? 'change' : metric.unit
}

/**
 * Draws `░` for values for which the hypothesis holds, `│` for the limit, `━` for the interval, and `◆` for the
 * measured value.
 */
function intervalLine({ measured, interval, target }: Range, scale: Scale, cells: number): string {
  const width = scale.high - scale.low
  const at = (value: number): number => {
    const share = width > 0 ? (value - scale.low) / width : 0.5
    return Math.min(cells - 1, Math.max(0, Math.round(share * (cells - 1))))
  }
  const from = target.low === undefined ? 0 : at(target.low)
  const to = target.high === undefined ? cells - 1 : at(target.high)
  const line = Array.from({ length: cells }, (_, cell): string =>
    cell >= from && cell <= to ? '░' : '·',
  )
  if (interval !== undefined) line.fill('━', at(interval.low), at(interval.high) + 1)
  for (const end of [target.low, target.high]) if (end !== undefined) line[at(end)] = '│'
  line[at(measured)] = '◆'
  return line.join('')
}

function widthOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => stringWidth(text)))
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)))
}
