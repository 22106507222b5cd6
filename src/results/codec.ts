/**
 * A trial's file, line by line: records become lines, bytes become a checked trial. What a killed run leaves
 * behind (a last line that is cut off, an end that is missing) is read as it is; what no run leaves behind
 * is an error that names file and line.
 */
import type { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { parseJson } from '../json/parse-json.ts'
import {
  formatVersion,
  recordSchemas,
  type Evidence,
  type TrialEnd,
  type TrialHeader,
  type TrialRecord,
  type Window,
} from './record.ts'
import { RequestLineReader, type RequestLine } from './request-line.ts'
import { RequestTable } from './request-table.ts'
import type { StoredTrial } from './stored-trial.ts'

/** One line, its line feed included. */
export function encodeRecord(record: TrialRecord): string {
  return `${JSON.stringify(record)}\n`
}

/** What a file's lines hold; without a header nothing was measured before the run was cut off. */
export type DecodedTrial = Omit<StoredTrial, 'file' | 'digest' | 'header'> & {
  readonly header?: TrialHeader
}

const lineFeed = 0x0a

/** Reads one trial out of the chunks of its file, however the bytes are split. */
export class TrialDecoder {
  readonly #file: string
  #line = 0
  /** Bytes of a line whose end has not come yet. */
  #rest: Buffer[] = []
  /** Why the last line could not be read; forgiven if nothing comes after it. */
  #broken: string | undefined
  #header: TrialHeader | undefined
  #window: Window | undefined
  #end: TrialEnd | undefined
  readonly #evidence: Evidence[] = []
  readonly #requests = new RequestTable()
  readonly #requestLine = new RequestLineReader()

  /** @param file as errors shall name it */
  constructor(file: string) {
    this.#file = file
  }

  /** Throws `ExpError('result-file')` at a line that is broken and not the last. */
  write(chunk: Buffer): void {
    const end = chunk.lastIndexOf(lineFeed) + 1
    if (end > 0) this.#readLines(this.#withRest(chunk.subarray(0, end)))
    if (end < chunk.length) this.#rest.push(chunk.subarray(end))
  }

  finish(): DecodedTrial {
    const rest = this.#withRest()
    if (rest.length > 0) this.#readWithCare(rest.toString('utf8'))
    return {
      ...(this.#header === undefined ? {} : { header: this.#header }),
      evidence: this.#evidence,
      ...(this.#window === undefined ? {} : { window: this.#window }),
      requests: this.#requests,
      ...(this.#end === undefined ? {} : { end: this.#end }),
      truncated: this.#broken !== undefined,
    }
  }

  /** What is left of chunks before, and this one, which is not copied where nothing is left. */
  #withRest(...chunks: readonly Buffer[]): Buffer {
    const parts = [...this.#rest, ...chunks]
    this.#rest = []
    const [only, ...more] = parts
    return only !== undefined && more.length === 0 ? only : Buffer.concat(parts)
  }

  /** @param bytes whole lines */
  #readLines(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const request = this.#requestAt(bytes, from)
      const end = request?.end ?? bytes.indexOf(lineFeed, from) + 1
      if (request === undefined) this.#readWithCare(bytes.toString('utf8', from, end - 1))
      else this.#requests.append(request)
      from = end
    }
  }

  #requestAt(bytes: Buffer, from: number): RequestLine | undefined {
    if (this.#header === undefined || this.#end !== undefined || this.#broken !== undefined)
      return undefined
    const request = this.#requestLine.read(bytes, from)
    if (request !== undefined) this.#line += 1
    return request
  }

  #readWithCare(line: string): void {
    if (this.#broken !== undefined) throw this.#fault(this.#line, this.#broken)
    this.#line += 1
    const value = parseJson(line)
    if (value === undefined)
      this.#broken = line.trim() === '' ? 'the line is empty' : 'the line is not JSON'
    else this.#take(this.#check(value))
  }

  #take(record: TrialRecord): void {
    if ((record.type === 'trial') !== (this.#header === undefined))
      throw this.#fault(
        this.#line,
        record.type === 'trial' ? 'a second trial begins here' : 'the first line is not a trial',
      )
    if (this.#end !== undefined)
      throw this.#fault(this.#line, 'a record follows the end of the trial')
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
        this.#requests.push(record)
        break
      case 'end':
        this.#end = record
    }
  }

  #fault(line: number, what: string, hint?: string): ExpError {
    return resultFileError(`${this.#file}:${line}`, what, hint)
  }

  #check(value: unknown): TrialRecord {
    const { record, fault, hint } = checkRecord(value)
    if (record === undefined) throw this.#fault(this.#line, fault, hint)
    return record
  }
}

type Checked =
  | { readonly record: TrialRecord; readonly fault?: never; readonly hint?: never }
  | { readonly record?: never; readonly fault: string; readonly hint?: string }

/** The record that a parsed line is, or what is wrong with it. */
export function checkRecord(value: unknown): Checked {
  const { type, formatVersion: written } = outlineOf(value)
  const schema = schemas.get(type)
  if (type === undefined || schema === undefined)
    return { fault: `\`${String(type)}\` is no type of record` }
  if (type === 'trial' && written !== formatVersion)
    return {
      fault: `it is of format version \`${String(written)}\`, and this program reads ${formatVersion}`,
      hint: 'Read it with the version of `exp` that wrote it, or a newer one.',
    }
  const checked = schema.safeParse(value)
  if (checked.success) return { record: checked.data }
  const [issue] = checked.error.issues
  return {
    fault: `\`${[type, ...(issue?.path ?? [])].join('.')}\`: ${issue?.message ?? 'invalid'}`,
  }
}

const schemas: ReadonlyMap<string | undefined, z.ZodType<TrialRecord>> = new Map(
  Object.entries(recordSchemas),
)

/** What must be known of a record before its schema can be chosen. */
function outlineOf(value: unknown): { readonly type?: string; readonly formatVersion?: unknown } {
  const outline: { readonly type?: unknown; readonly formatVersion?: unknown } =
    typeof value === 'object' && value !== null ? value : {}
  const { type, formatVersion } = outline
  return typeof type === 'string' ? { type, formatVersion } : {}
}

const mendResult =
  'Stored results are never edited: take the file from version control again, or take its run out of use with `exp drop`.'

/** A stored file that no run of `exp` can have left like this. @param place file, or file:line */
export function resultFileError(place: string, what: string, hint = mendResult): ExpError {
  return new ExpError('result-file', `\`${place}\`: ${what}`, hint)
}
