/**
 * Converts between a trial's records and the bytes of its file. Input: records to encode, or chunks of a file.
 * Output: lines, or the checked records of one trial. A killed run leaves an incomplete last line or no end
 * record; both are read without an error. Any other damage is an `ExpError` that names file and line.
 */
import type { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { limits, type Limit } from '../errors/limits.ts'
import { nestsTooDeep, parseJson } from '../json/json.ts'
import {
  readableVersions,
  recordSchemas,
  type Evidence,
  type RequestRecord,
  type StoredFigures,
  type TrialEnd,
  type TrialHeader,
  type TrialRecord,
  type Window,
} from './record.ts'
import { passesFastRequestCheck } from './clear-request.ts'
import { RequestTable } from './request-table.ts'

/** The record as one line, with its line feed. */
export function encodeRecord(record: TrialRecord): string {
  return `${JSON.stringify(record)}\n`
}

/** The records of one file. */
export interface DecodedTrial {
  /** Absent if the run was killed before it was written. */
  readonly header?: TrialHeader
  readonly evidence: readonly Evidence[]
  readonly window?: Window
  /** All requests, warm-up included, in the order in which they ended. */
  readonly requests: RequestTable
  /** Only of a pruned trial, which has no requests. */
  readonly figures?: StoredFigures['figures']
  /** Absent if the trial was interrupted. */
  readonly end?: TrialEnd
  /** True if the last line is incomplete, and was ignored. */
  readonly truncated: boolean
}

const lineFeed = 0x0a

/** Decodes one trial from the chunks of its file. The bytes may be split anywhere. */
export class TrialDecoder {
  readonly #file: string
  #line = 0
  /** The bytes after the last line feed so far. */
  #partialLine: Buffer[] = []
  /**
   * Why the latest line could not be read. This is an error only if another line follows, because a killed run cuts the
   * last line.
   */
  #unreadable: string | undefined
  #header: TrialHeader | undefined
  #window: Window | undefined
  #figures: StoredFigures | undefined
  #end: TrialEnd | undefined
  readonly #evidence: Evidence[] = []
  readonly #requests = new RequestTable()

  /** @param file the path to show in errors */
  constructor(file: string) {
    this.#file = file
  }

  /** Throws `ExpError('result-file')` if a line other than the last is damaged. */
  write(chunk: Buffer): void {
    const end = chunk.lastIndexOf(lineFeed) + 1
    if (end > 0) this.#readLines(this.#takePartialLine(chunk.subarray(0, end)))
    if (end < chunk.length) this.#partialLine.push(chunk.subarray(end))
    assertLineLength(this.#partialLine, `${this.#file}:${this.#line + 1}`)
  }

  /** The trial, once all chunks are written. */
  finish(): DecodedTrial {
    const lastLine = this.#takePartialLine(Buffer.alloc(0))
    if (lastLine.length > 0) this.#readLine(lastLine.toString('utf8'))
    return {
      ...(this.#header === undefined ? {} : { header: this.#header }),
      evidence: this.#evidence,
      ...(this.#window === undefined ? {} : { window: this.#window }),
      requests: this.#requests,
      ...(this.#figures === undefined ? {} : { figures: this.#figures.figures }),
      // If an incomplete line follows the end record, somebody changed the file. The trial then counts as one without
      // an end, as for `readEnd` of trial-file.ts.
      ...(this.#end === undefined || this.#unreadable !== undefined ? {} : { end: this.#end }),
      truncated: this.#unreadable !== undefined,
    }
  }

  /** The bytes of the incomplete line, followed by `next`. Forgets the incomplete line. */
  #takePartialLine(next: Buffer): Buffer {
    if (this.#partialLine.length === 0) return next
    const bytes = Buffer.concat([...this.#partialLine, next])
    this.#partialLine = []
    return bytes
  }

  /** @param bytes complete lines; decoded in one piece, because a call per line is slower */
  #readLines(bytes: Buffer): void {
    const text = bytes.toString('utf8')
    for (let from = 0; from < text.length;) {
      const end = text.indexOf('\n', from)
      this.#readLine(text.slice(from, end))
      from = end + 1
    }
  }

  #readLine(line: string): void {
    if (this.#unreadable !== undefined) throw this.#error(this.#unreadable)
    this.#line += 1
    const value = parseJson(line)
    if (value === undefined)
      this.#unreadable = line.trim() === '' ? 'the line is empty' : 'the line is not JSON'
    else this.#add(this.#check(value))
  }

  #check(value: unknown): TrialRecord {
    const { record, problem, hint } = checkRecord(value)
    if (record === undefined) throw this.#error(problem, hint)
    return record
  }

  #add(record: TrialRecord): void {
    if ((record.type === 'trial') !== (this.#header === undefined))
      throw this.#error(
        record.type === 'trial' ? 'a second trial begins here' : 'the first line is not a trial',
      )
    if (this.#end !== undefined) throw this.#error('a record follows the end of the trial')
    switch (record.type) {
      case 'trial':
        this.#header = record
        break
      case 'evidence':
        this.#evidence.push(record)
        break
      case 'window':
        this.#window = record
        break
      case 'request':
        this.#addRequest(record)
        break
      case 'figures':
        this.#figures = record
        break
      case 'end':
        this.#end = record
    }
  }

  #addRequest(record: RequestRecord): void {
    this.#requests.push(record)
    const { max, remedy } = limits.resultChecks
    if (this.#requests.checkCount > max)
      throw this.#error(`the requests have scores of more than ${max} checks`, remedy)
  }

  #error(problem: string, hint?: string): ExpError {
    return resultFileError(`${this.#file}:${this.#line}`, problem, hint)
  }
}

type CheckedRecord =
  | { readonly record: TrialRecord; readonly problem?: never; readonly hint?: never }
  | { readonly record?: never; readonly problem: string; readonly hint?: string }

/** Returns the value as a record, or the first problem found in it. */
export function checkRecord(value: unknown): CheckedRecord {
  if (passesFastRequestCheck(value)) return withTimesChecked(value)
  if (nestsTooDeep(value)) return { problem: 'the line nests too many levels of lists and objects' }
  const { type, formatVersion: version } = typeOf(value)
  const schema = schemas.get(type)
  if (type === undefined || schema === undefined)
    return { problem: `\`${String(type)}\` is not a type of record` }
  if (type === 'trial' && !readableVersions.some((one) => one === version))
    return {
      problem: `its format version is \`${String(version)}\`, but this program reads ${readableVersions.join(', ')}`,
      hint: 'Read it with the version of `exp` that wrote it, or with a newer one.',
    }
  const checked = schema.safeParse(value)
  if (checked.success) return withTimesChecked(checked.data)
  const [issue] = checked.error.issues
  return {
    problem: `\`${[type, ...(issue?.path ?? [])].join('.')}\`: ${issue?.message ?? 'invalid'}`,
  }
}

/** Returns the record if it does not end before it begins, and if all its other times lie between the two. */
function withTimesChecked(record: TrialRecord): CheckedRecord {
  if (record.type === 'window' && record.closeMs < record.openMs)
    return { problem: '`window.closeMs` lies before `openMs`' }
  if (record.type !== 'request') return { record }
  const { sentMs, endMs } = record
  if (endMs < sentMs) return { problem: '`request.endMs` lies before `sentMs`' }
  for (const field of ['firstByteMs', 'firstThinkingMs', 'firstContentMs'] as const) {
    const at = record[field] ?? sentMs
    if (at < sentMs) return { problem: `\`request.${field}\` lies before \`sentMs\`` }
    if (at > endMs) return { problem: `\`request.endMs\` lies before \`${field}\`` }
  }
  return { record }
}

const schemas: ReadonlyMap<string | undefined, z.ZodType<TrialRecord>> = new Map(
  Object.entries(recordSchemas),
)

/** The fields by which the schema is chosen; empty if the value is not an object with a type. */
function typeOf(value: unknown): { readonly type?: string; readonly formatVersion?: unknown } {
  const fields: { readonly type?: unknown; readonly formatVersion?: unknown } =
    typeof value === 'object' && value !== null ? value : {}
  const { type, formatVersion } = fields
  return typeof type === 'string' ? { type, formatVersion } : {}
}

const restoreHint =
  'Never edit stored results: restore the file from version control, or exclude its run with `exp drop`.'

/** Throws `ExpError('result-file')` if the parts of one line are longer than a line may be. */
export function assertLineLength(
  parts: readonly Buffer[],
  place: string,
  { max, remedy }: Limit = limits.resultLine,
): void {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > max) throw resultFileError(place, `the line has more than ${max} bytes`, remedy)
}

/**
 * The error for a damaged result file.
 * @param place the file, or `file:line`
 */
export function resultFileError(place: string, problem: string, hint = restoreHint): ExpError {
  return new ExpError('result-file', `\`${place}\`: ${problem}`, hint)
}
