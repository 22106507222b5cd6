/**
 * Figures as documents and the output of tools have them: `~45.4s`, `100% (2/2)`, `475.08 ± 8.65 t/s`,
 * `39%/61% CPU/GPU`; and figures of several runs: `[5.21, 5.30, 5.18] tokens/s`.
 */
import { quoted } from '../../errors/quote.ts'
import type { Metric } from '../../metrics/catalog.ts'
import type { Unit } from '../../metrics/metric.ts'
import type { RecordedFigure, RecordedSpread, RecordedValue } from '../experiment.ts'
import { convertAmount, halfWidth, hintForUnit, parseAmount } from './amount.ts'
import { type Reading, isRead } from './reading.ts'

type WrittenValue = string | number

/** A figure as the file has it: a value, the values of several runs, or a value with what its spread is. */
export type WrittenFigure =
  WrittenValue | readonly WrittenValue[] | ({ readonly value: WrittenValue } & SpreadKind)

/** What a document says about its spreads. */
export interface SpreadKind {
  readonly spread?: RecordedSpread['kind'] | undefined
  readonly runs?: number | undefined
}

/** A failed reading of a figure. `at` leads from the figure to the part that is wrong. */
export interface FigureProblem {
  readonly message: string
  readonly hint: string
  readonly at: readonly (string | number)[]
}

/**
 * Reads a figure of any form. The figure of several runs is their mean.
 * @param document what the document says about all its spreads; a figure may say something else about its own
 */
export function readFigure(
  metric: Metric,
  written: WrittenFigure,
  document: SpreadKind = {},
): { readonly value: RecordedFigure } | FigureProblem {
  const parts = runsIn(written)
  if (parts !== undefined) return readRuns(metric, written, parts)
  const { value: text, ...own } = isWithKind(written) ? written : { value: String(written) }
  const at = isWithKind(written) ? ['value'] : []
  const reading = parseRecorded(text, metric.unit)
  if (!isRead(reading)) return { ...reading, at }
  const { spread, ...value } = reading.value
  if (spread === undefined && (own.spread !== undefined || own.runs !== undefined))
    return {
      at,
      message: `${quoted(text)} has no spread`,
      hint: 'write it after the value, such as `475 ± 9 tokens/s`',
    }
  if (spread === undefined) return { value: { metric: metric.id, ...value } }
  if (isSet(metric)) return { ...oneNumber(metric, text), at }
  const { spread: kind, runs } = { ...document, ...own }
  return {
    value: {
      metric: metric.id,
      ...value,
      spread: {
        value: spread,
        ...(kind === undefined ? {} : { kind }),
        ...(runs === undefined ? {} : { runs }),
      },
    },
  }
}

function isWithKind(
  written: WrittenFigure,
): written is Extract<WrittenFigure, { readonly value: WrittenValue }> {
  return typeof written === 'object' && 'value' in written
}

/** True for numbers that the experimenter sets, such as the number of users, and that therefore have no spread. */
function isSet({ family }: Metric): boolean {
  return family === 'appliedLoad' || family === 'count'
}

function oneNumber({ id }: Metric, written: unknown) {
  return {
    message: `${quoted(written)} is not one number, but ${quoted(id)} is set, not measured`,
    hint: 'write one number',
  }
}

/** The text of one run, and its place in a list. */
interface Run {
  readonly text: WrittenValue
  readonly at: readonly number[]
}

const listForm = /^\[(.*)\]\s*(.*)$/s

/** The runs in a list, or in a text such as `[5.21, 5.30, 5.18] tokens/s`; undefined for anything else. */
function runsIn(written: WrittenFigure): readonly Run[] | undefined {
  if (typeof written === 'number') return undefined
  if (typeof written === 'string') {
    const [, list, unit = ''] = listForm.exec(halfWidth(written).trim()) ?? []
    if (list === undefined) return undefined
    const separator = /[;、]|,\s/.test(list) ? /[;、]\s*|,\s+/ : ','
    return list.split(separator).map((text) => ({ text: `${text.trim()} ${unit}`.trim(), at: [] }))
  }
  return isWithKind(written) ? undefined : written.map((text, index) => ({ text, at: [index] }))
}

function readRuns(
  metric: Metric,
  written: WrittenFigure,
  parts: readonly Run[],
): { readonly value: RecordedFigure } | FigureProblem {
  if (isSet(metric)) return { ...oneNumber(metric, written), at: [] }
  const runs: RecordedValue[] = []
  for (const { text, at } of parts) {
    if (/^0\d/.test(String(text)))
      return {
        message: `the commas in ${quoted(written)} may separate runs or thousands`,
        hint: 'write a space after each comma between two runs',
        at,
      }
    const reading = parseRecorded(text, metric.unit)
    if (!isRead(reading)) return { ...reading, at }
    const { spread, ...run } = reading.value
    if (spread !== undefined)
      return {
        message: `${quoted(text)} is one run, which has no spread`,
        hint: 'remove the spread',
        at,
      }
    runs.push(run)
  }
  const [only, ...others] = runs
  if (only === undefined || others.length === 0)
    return only === undefined
      ? { message: 'this list has no figure', hint: 'add one, or remove the line', at: [] }
      : { value: { metric: metric.id, ...only } }
  const counts = runs.flatMap((run) => run.counts ?? [])
  const pooled = counts.length === runs.length ? sumOf(counts) : undefined
  return {
    value: {
      metric: metric.id,
      value: pooled === undefined ? meanOf(metric, runs) : (100 * pooled.part) / pooled.whole,
      ...(pooled === undefined ? {} : { counts: pooled }),
      ...(runs.some(({ approximate }) => approximate) ? { approximate: true } : {}),
      runs,
    },
  }
}

function sumOf(counts: readonly NonNullable<RecordedValue['counts']>[]) {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
  return {
    part: sum(counts.map(({ part }) => part)),
    whole: sum(counts.map(({ whole }) => whole)),
  }
}

/** The mean that a metric has over trials too: geometric for what is positive by nature, otherwise arithmetic. */
function meanOf({ aggregation }: Metric, runs: readonly RecordedValue[]): number {
  const values = runs.map(({ value }) => value)
  const [first = NaN] = values
  if (values.every((value) => value === first)) return first
  const mean = (numbers: readonly number[]) =>
    numbers.reduce((total, each) => total + each, 0) / numbers.length
  return aggregation === 'geometric' ? Math.exp(mean(values.map(Math.log))) : mean(values)
}

/** One figure in the unit of its metric, with the spread that follows `±`. */
interface RecordedText extends RecordedValue {
  readonly spread?: number
}

const recordedForm =
  /^([~≈约]|ca\.|about)?\s*(.*?)\s*(?:\(\s*([\d,]+)\s*(?:\/|of)\s*([\d,]+)\s*\))?$/i
const countsForm = /^([\d,]+)\s*(?:\/|of)\s*([\d,]+)$/
/** `± 8.65` before or after the unit, perhaps with its own unit or in parentheses. */
const spreadForm = /^([^±]*?)\s*\(?\s*(?:±|\+\/?[-−])\s*(\d[\d,]*(?:\.\d+)?)\s*([^\d()]*)\)?$/
/** Used memory and its limit, as `docker stats` and `nvidia-smi` print it: `5615MiB / 15360MiB`. */
const ofLimit = /^(\d[\d.,]* ?[KMGT]?i?B) ?\/ ?\d[\d.,]* ?[KMGT]?i?B$/i
/** The column PROCESSOR of `ollama ps`. */
const processorForm = /^(\d+) ?% ?(CPU|GPU)$/i
const processorsForm = /^(\d+) ?% ?\/ ?(\d+) ?% ?(CPU ?\/ ?GPU|GPU ?\/ ?CPU)$/i

/** Reads one figure from a document, in the unit of its metric. */
export function parseRecorded(text: string | number, unit: Unit): Reading<RecordedText> {
  const [, about = '', main = '', part, whole] =
    recordedForm.exec(halfWidth(String(text)).trim()) ?? []
  const counts = countsOf(part, whole) ?? (unit === '%' ? countsIn(main) : undefined)
  if (counts !== undefined && !isPartOfWhole(counts))
    return {
      message: `${quoted(text)} is not a part and its whole`,
      hint: 'write the smaller count first, such as `3/4`',
    }
  const value = valueOf(counts !== undefined && part === undefined ? shareText(counts) : main, unit)
  if (!isRead(value)) return value
  if (counts !== undefined && !countsMatchShare(value.value.value, counts, unit))
    return {
      message: `${quoted(text)} contradicts itself: its counts do not match its percentage`,
      hint: 'copy both from the document again, or omit the counts',
    }
  return {
    value: {
      ...value.value,
      ...(counts === undefined ? {} : { counts }),
      ...(about === '' ? {} : { approximate: true }),
    },
  }
}

function valueOf(text: string, unit: Unit): Reading<RecordedText> {
  const share = unit === '%' ? gpuShareOf(text) : undefined
  if (share !== undefined) return { value: { value: share } }
  const { main, spread } = splitSpread(text.replace(ofLimit, '$1'), unit)
  const amount = parseAmount(main)
  if (!isRead(amount)) return amount
  const converted = convertAmount(amount.value, unit)
  const value = converted && withWrittenPrecision(converted, amount.value.value, main)
  if (value === undefined || value < 0)
    return {
      message: `${quoted(text)} is not ${unit === 'count' ? 'a count' : `an amount in \`${unit}\``}`,
      hint: hintForUnit(amount.value, unit),
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
 * Keeps two digits more than were written, if the unit was converted by something else than a power of ten: 4096 MiB
 * are 4.29497 GB.
 */
function withWrittenPrecision(converted: number, written: number, text: string): number {
  const magnitude = Math.log10(converted / written)
  if (!(Math.abs(magnitude - Math.round(magnitude)) > 1e-9)) return converted
  const [number = ''] = /\d[\d.,]*/.exec(text) ?? []
  const digits = number.replaceAll(/\D/g, '').replace(/^0+/, '').length
  return Number(converted.toPrecision(digits + 2))
}

/**
 * The text without its spread, and the spread in the unit of the metric, for the value that the text gives. A spread that
 * has another kind of unit stays in the text, which is then no amount.
 */
function splitSpread(
  text: string,
  unit: Unit,
): { readonly main: string; readonly spread?: (value: number) => number } {
  const [, main, digits = '', ownUnit = ''] = spreadForm.exec(text) ?? []
  if (main === undefined) return { main: text }
  const [amount, size] = [parseAmount(main), parseAmount(`${digits} ${ownUnit}`)]
  const hasSeveralUnits = /[a-zµμ]\s*\d/i.test(main)
  if (!isRead(amount) || !isRead(size)) return { main: ownUnit === '' ? main : text }
  if (ownUnit === '' && hasSeveralUnits) return { main: text }
  const isBare = amount.value.unit === ''
  if (!isBare && size.value.unit === '%' && unit !== '%')
    return { main, spread: (value) => (value * size.value.value) / 100 }
  const spread = convertAmount(
    ownUnit === '' ? { ...size.value, unit: amount.value.unit } : size.value,
    unit,
  )
  if (spread === undefined && ownUnit !== '' && !isBare) return { main: text }
  return {
    main: isBare ? `${main} ${ownUnit}`.trim() : main,
    ...(spread === undefined ? {} : { spread: () => spread }),
  }
}

/** The share on the GPU; undefined if `ollama ps` does not print such a text, or its two shares do not add up to 100 %. */
function gpuShareOf(text: string): number | undefined {
  const [, percent, processor = ''] = processorForm.exec(text) ?? []
  if (percent !== undefined) {
    const share = Number(percent)
    return share > 100 ? undefined : /gpu/i.test(processor) ? share : 100 - share
  }
  const [, first, second, order = ''] = processorsForm.exec(text) ?? []
  if (Number(first) + Number(second) !== 100) return undefined
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
