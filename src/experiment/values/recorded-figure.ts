/** Figures of documents, as the output of tools has them: `~45.4s`, `100% (2/2)`, `475.08 ± 8.65 t/s`, `39%/61% CPU/GPU`. */
import { quoted } from '../../errors/quote.ts'
import type { Unit } from '../../metrics/metric.ts'
import { convertAmount, hintForUnit, parseAmount } from './amount.ts'
import { type Reading, isRead } from './reading.ts'

export interface RecordedValue {
  /** In the unit of the metric. */
  readonly value: number
  readonly counts?: { readonly part: number; readonly whole: number }
  readonly approximate?: boolean
}

const recordedForm = /^([~≈约]?)\s*(.*?)\s*(?:\(\s*([\d,]+)\s*\/\s*([\d,]+)\s*\))?$/
const countsForm = /^([\d,]+)\s*\/\s*([\d,]+)$/
/** `± 8.65` between a number and its unit. */
const spreadForm = /\s*(?:±|\+\/-)\s*\d[\d,]*(?:\.\d+)?/
/** The column PROCESSOR of `ollama ps`. */
const processorForm = /^(\d+)% (CPU|GPU)$/
const processorsForm = /^(\d+)%\/(\d+)% CPU\/GPU$/

/** Reads a figure from a document, in the unit of its metric. A spread after `±` is not read: it does not say of what. */
export function parseRecorded(text: string | number, unit: Unit): Reading<RecordedValue> {
  const [, about = '', main = '', part, whole] = recordedForm.exec(String(text).trim()) ?? []
  const counts = countsOf(part, whole) ?? (unit === '%' ? countsIn(main) : undefined)
  const value = valueOf(counts !== undefined && part === undefined ? shareText(counts) : main, unit)
  if (!isRead(value)) return value
  if (counts !== undefined && !countsMatchShare(value.value, counts, unit))
    return {
      message: `${quoted(text)} contradicts itself: its counts do not match its percentage`,
      hint: 'copy both from the document again, or omit the counts',
    }
  return {
    value: {
      value: value.value,
      ...(counts === undefined ? {} : { counts }),
      ...(about === '' ? {} : { approximate: true }),
    },
  }
}

function valueOf(text: string, unit: Unit): Reading<number> {
  const share = unit === '%' ? gpuShareOf(text) : undefined
  if (share !== undefined) return { value: share }
  const amount = parseAmount(text.replace(spreadForm, ''))
  if (!isRead(amount)) return amount
  const value = convertAmount(amount.value, unit)
  if (value !== undefined && value >= 0) return { value }
  return {
    message: `${quoted(text)} is not ${unit === 'count' ? 'a count' : `an amount in \`${unit}\``}`,
    hint: hintForUnit(amount.value, unit),
  }
}

function gpuShareOf(text: string): number | undefined {
  const [, percent, processor] = processorForm.exec(text) ?? []
  if (percent !== undefined) return processor === 'GPU' ? Number(percent) : 100 - Number(percent)
  const [, , onGpu] = processorsForm.exec(text) ?? []
  return onGpu === undefined ? undefined : Number(onGpu)
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

/** Allows for rounding: documents round shares to whole percents at most. */
function countsMatchShare(
  value: number,
  counts: { part: number; whole: number },
  unit: Unit,
): boolean {
  if (unit !== '%' || counts.whole === 0 || counts.part > counts.whole) return false
  return Math.abs((100 * counts.part) / counts.whole - value) <= 0.5
}
