/**
 * Reads figures of documents: one value with or without a spread, or the values of several runs: `[5.21, 5.30, 5.18]
 * tokens/s`.
 */
import { quoted } from '../../errors/quote.ts'
import type { Metric } from '../../metrics/catalog.ts'
import type { RecordedFigure, RecordedSpread, RecordedValue } from '../experiment.ts'
import { halfWidth } from './amount.ts'
import { isRead } from './reading.ts'
import { parseRecorded } from './recorded-text.ts'

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
  const reading = layersAsShare(metric, text) ?? parseRecorded(text, metric.unit)
  if (!isRead(reading)) return { ...reading, at }
  const { spread, ...value } = reading.value
  if (spread === undefined && (own.spread !== undefined || own.runs !== undefined))
    return {
      at,
      message: `${quoted(text)} has no spread`,
      hint: 'write it after the value, such as `475 ± 9 tokens/s`',
    }
  if (spread === undefined) return { value: { metric: metric.id, ...value } }
  if (isSetByExperimenter(metric)) return { ...oneNumber(metric, text), at }
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

const layersForm = /\d\s*(?:\/|of)\s*\d|\blayers?\b/i

/**
 * Layers differ in size, and the context and the buffers are memory too, so that 42 of 43 layers are not 97.7 % of the
 * model. Undefined if the figure is not a number of layers.
 */
function layersAsShare(metric: Metric, written: string | number) {
  return metric.id === 'gpuShare' && layersForm.test(halfWidth(String(written)))
    ? {
        message: `${quoted(written)} counts layers, but ${quoted(metric.id)} is a share of memory`,
        hint: 'write what `ollama ps` shows, such as `97%` or `3%/97% CPU/GPU`, or remove the line: layers differ in size',
      }
    : undefined
}

function isWithKind(
  written: WrittenFigure,
): written is Extract<WrittenFigure, { readonly value: WrittenValue }> {
  return typeof written === 'object' && 'value' in written
}

/** True for numbers that the experimenter sets, such as the number of users, and that therefore have no spread. */
function isSetByExperimenter({ family }: Metric): boolean {
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

/**
 * The problem of a list such as `[1,124,1,010] ms`, whose commas may separate runs or thousands, or of the YAML list
 * `[1,124, 1,010]`, which YAML reads as four numbers. Undefined for any other list.
 */
function unclearCommas(
  written: WrittenFigure,
  parts: readonly Run[],
): { readonly message: string; readonly hint: string } | undefined {
  const texts = parts.map(({ text }) => String(text))
  const isGroup = (text: string | undefined) => /^\d{3}(?!\d)/.test(text ?? '')
  const isText = typeof written === 'string'
  const number = isText ? /^\d{1,2}(?!\S)/ : /^\d{1,2}$/
  const isUnclear = isText
    ? !/[;、]|,\s/.test(written) &&
      texts.some((text, index) => number.test(text) && isGroup(texts[index + 1]))
    : texts.length % 2 === 0 &&
      texts.every((text, index) => (index % 2 === 0 ? number.test(text) : isGroup(text)))
  if (!isUnclear && !texts.some((text) => /^0\d/.test(text))) return undefined
  return {
    message: `the commas in ${quoted(written)} may separate runs or thousands`,
    hint: isText
      ? 'write a space after each comma between two runs'
      : 'write numbers without thousands separators, each with its unit',
  }
}

function readRuns(
  metric: Metric,
  written: WrittenFigure,
  parts: readonly Run[],
): { readonly value: RecordedFigure } | FigureProblem {
  if (isSetByExperimenter(metric)) return { ...oneNumber(metric, written), at: [] }
  const runs: RecordedValue[] = []
  const unclear = unclearCommas(written, parts)
  if (unclear !== undefined) return { ...unclear, at: [] }
  for (const { text, at } of parts) {
    const reading = layersAsShare(metric, text) ?? parseRecorded(text, metric.unit)
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
