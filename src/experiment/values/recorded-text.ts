/** Reads one figure as documents and tools print it: `~45.4s`, `100% (2/2)`, `475.08 ± 8.65 t/s`, `39%/61% CPU/GPU`. */
import { quoted } from '../../errors/quote.ts'
import type { Unit } from '../../metrics/metric.ts'
import type { RecordedValue } from '../experiment.ts'
import { convertAmount, halfWidth, hintForUnit, parseAmount } from './amount.ts'
import { type Reading, isRead } from './reading.ts'

/** One figure in the unit of its metric, with the spread that follows `±`. */
interface RecordedText extends RecordedValue {
  readonly spread?: number
}

const recordedForm =
  /^([~∼〜≈≃≅]|大?约|ca?\.|circa\b|about\b|around\b|roughly\b|approx(?:\.|imately|\b))?\s*(.*?)\s*(?:\(\s*([\d,]+)\s*(?:\/|(?:out )?of)\s*([\d,]+)\s*\))?$/i
const countsForm = /^([\d,]+)\s*(?:\/|(?:out )?of)\s*([\d,]+)$/
/** `3/4 (75%)`: the counts before their share. */
const countsFirst = /^([\d,]+\s*(?:\/|(?:out )?of)\s*[\d,]+)\s*\(([\d.]+ ?%)\)$/
/** `± 8.65` before or after the unit, perhaps with its own unit or in parentheses. */
const spreadForm = /^([^±]*?)\s*\(?\s*(?:±|\+\/?[-−])\s*(\d[\d,]*(?:\.\d+)?)\s*([^\d()]*)\)?$/
/** Used memory and its limit, as `docker stats` and `nvidia-smi` print it: `5615MiB / 15360MiB`. */
export const ofLimit = /^(\d[\d.,]* ?[KMGT]?i?B) ?\/ ?\d[\d.,]* ?[KMGT]?i?B$/i
/** `12.34m ± 2%`: benchstat puts the prefix of a unit after the number, and the unit into the head of the table. */
const thousandths = /^[\d.,]+ ?m ?± ?[\d.]+ ?%$/
/** The column PROCESSOR of `ollama ps`: `100% GPU`. */
const processorForm = /^(\d+(?:\.\d+)?) ?% ?(CPU|GPU)$/i
/** The same column for a model on CPU and GPU: `48%/52% CPU/GPU`; people also write `48% CPU / 52% GPU`. */
const processorsForm = /^(\d+(?:\.\d+)?) ?% ?\/ ?(\d+(?:\.\d+)?) ?% ?(CPU ?\/ ?GPU|GPU ?\/ ?CPU)$/i
const eachProcessorForm =
  /^(\d+(?:\.\d+)?) ?% ?(CPU|GPU) ?(?:[/,+]|and) ?(\d+(?:\.\d+)?) ?% ?(?!\2)(?:CPU|GPU)$/i

/** Reads one figure from a document, in the unit of its metric. */
export function parseRecorded(text: string | number, unit: Unit): Reading<RecordedText> {
  const written = halfWidth(String(text))
    .trim()
    .replaceAll(/\s{2,}/g, ' ')
    .replace(countsFirst, '$2 ($1)')
  const [, about = '', main = '', part, whole] = recordedForm.exec(written) ?? []
  const counts = countsOf(part, whole) ?? (unit === '%' ? countsIn(main) : undefined)
  if (counts !== undefined && !isPartOfWhole(counts))
    return {
      message: `${quoted(text)} is not a part and its whole`,
      hint: 'write the smaller count first, such as `3/4`',
    }
  const read = valueOf(counts !== undefined && part === undefined ? shareText(counts) : main, unit)
  if (!isRead(read)) return read
  const recorded = read.value
  if (counts !== undefined && !countsMatchShare(recorded.value, counts, unit))
    return {
      message: `${quoted(text)} contradicts itself: its counts do not match its percentage`,
      hint: 'copy both from the document again, or omit the counts',
    }
  return {
    value: {
      ...recorded,
      ...(counts === undefined ? {} : { counts }),
      ...(about === '' ? {} : { approximate: true }),
    },
  }
}

function valueOf(text: string, unit: Unit): Reading<RecordedText> {
  const share = unit === '%' ? gpuShareOf(text) : undefined
  if (share !== undefined) return { value: { value: share } }
  if (unit === 'ms' && thousandths.test(text))
    return {
      message: `the \`m\` in ${quoted(text)} may mean minutes or, as benchstat prints it, thousandths`,
      hint: 'write `min` or `ms`',
    }
  const { main, spread } = splitSpread(text.replace(ofLimit, '$1'), unit)
  const amount = parseAmount(main)
  if (!isRead(amount)) return amount
  const converted = convertAmount(amount.value, unit)
  const value = converted && withWrittenPrecision(converted, amount.value.value, main)
  if (value !== undefined && value < 0)
    return {
      message: `${quoted(text)} is negative`,
      hint: 'write the figure itself, not a change, or remove the line',
    }
  if (value === undefined)
    return {
      message: `${quoted(text)} is not ${unit === 'count' ? 'a whole number without a unit' : `an amount in \`${unit}\``}`,
      hint: unit === 'count' ? 'write only the number' : hintForUnit(amount.value, unit),
    }
  if (unit === '%' && value > 100)
    return {
      message: `${quoted(text)} is more than 100%`,
      hint: 'write a share of the whole, from `0%` to `100%`',
    }
  if (unit === 'count' && !Number.isInteger(value))
    return { message: `${quoted(text)} is not a count`, hint: 'write a whole number' }
  return { value: { value, ...(spread === undefined ? {} : { spread: spread(value) }) } }
}

/**
 * Rounds to two digits more than were written, unless the unit was converted by a power of ten: 4096 MiB are 4.29497
 * GB.
 */
function withWrittenPrecision(converted: number, written: number, text: string): number {
  const magnitude = Math.log10(converted / written)
  if (!(Math.abs(magnitude - Math.round(magnitude)) > 1e-9)) return converted
  const [number = ''] = /\d[\d.,]*/.exec(text) ?? []
  const digits = number.replaceAll(/\D/g, '').replace(/^0+/, '').length
  return Number(converted.toPrecision(digits + 2))
}

/**
 * The text without its spread, and the spread in the unit of the metric. `spread` turns the value into its spread,
 * because a spread may be a percentage of the value. If the units do not fit, nothing is split off, so that parsing the
 * text fails.
 */
function splitSpread(
  text: string,
  unit: Unit,
): { readonly main: string; readonly spread?: (value: number) => number } {
  const [, main, digits = '', spreadUnit = ''] = spreadForm.exec(text) ?? []
  if (main === undefined) return { main: text }
  const [amount, size] = [parseAmount(main), parseAmount(`${digits} ${spreadUnit}`)]
  const hasSeveralUnits = /[a-zµμ]\s*\d/i.test(main)
  // A spread without a unit is left out: the text before it is read or refused on its own.
  if (!isRead(amount) || !isRead(size)) return { main: spreadUnit === '' ? main : text }
  if (spreadUnit === '' && hasSeveralUnits) return { main: text }
  const isBare = amount.value.unit === ''
  if (!isBare && size.value.unit === '%' && unit !== '%')
    return { main, spread: (value) => (value * size.value.value) / 100 }
  const spread = convertAmount(
    spreadUnit === '' ? { ...size.value, unit: amount.value.unit } : size.value,
    unit,
  )
  if (spread === undefined && spreadUnit !== '' && !isBare) return { main: text }
  return {
    main: isBare ? `${main} ${spreadUnit}`.trim() : main,
    ...(spread === undefined ? {} : { spread: () => spread }),
  }
}

/**
 * The share on the GPU; undefined if `ollama ps` does not print such a text, or its two shares do not add up to 100 %.
 */
function gpuShareOf(text: string): number | undefined {
  const [, percent, processor = ''] = processorForm.exec(text) ?? []
  if (percent !== undefined) {
    const share = Number(percent)
    return share > 100 ? undefined : /gpu/i.test(processor) ? share : 100 - share
  }
  const both = processorsForm.exec(text)
  const each = eachProcessorForm.exec(text)
  const [first, second, order = ''] = both?.slice(1) ?? [each?.[1], each?.[3], each?.[2]]
  if (!(Math.abs(Number(first) + Number(second) - 100) < 1e-9)) return undefined
  return Number(/^gpu/i.test(order) ? first : second)
}

function countsIn(text: string) {
  const [, part, whole] = countsForm.exec(text) ?? []
  return countsOf(part, whole)
}

function countsOf(part: string | undefined, whole: string | undefined) {
  if (part === undefined || whole === undefined) return undefined
  return { part: Number(part.replaceAll(',', '')), whole: Number(whole.replaceAll(',', '')) }
}

function shareText({ part, whole }: { part: number; whole: number }): string {
  return `${String((100 * part) / whole)}%`
}

function isPartOfWhole({ part, whole }: { part: number; whole: number }): boolean {
  return whole > 0 && part <= whole
}

/** Allows for rounding: documents round shares to whole percents at most. */
function countsMatchShare(
  value: number,
  counts: { part: number; whole: number },
  unit: Unit,
): boolean {
  if (unit !== '%') return false
  return Math.abs((100 * counts.part) / counts.whole - value) <= 0.5
}
