/**
 * The stored results of one experiment: its folder in `reports/`, with one file a trial in `results/` and
 * the list of dropped runs. Any number of runs may write at once: a file is created once and never reopened.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { resultFileError, TrialDecoder } from './codec.ts'
import { compressedSuffix } from './compress.ts'
import { plainChunks, readEnd, readHeader } from './edges.ts'
import { parseJson } from '../json/parse-json.ts'
import { Redactor } from './redact.ts'
import type { TrialEnd, TrialHeader } from './record.ts'
import type { StoredTrial } from './stored-trial.ts'
import { writeError, TrialWriter } from './trial-writer.ts'

/** A stored trial by its first and last line. */
export interface TrialListing {
  /** File name inside `results/`. */
  readonly file: string
  readonly header: TrialHeader
  /** Absent: the trial was interrupted, or is still running. */
  readonly end?: TrialEnd
}

const droppedRun = z.strictObject({
  run: z.string(),
  why: z.string(),
  /** ISO 8601 with offset. */
  droppedAt: z.string(),
})
/** A run that people took out of use. */
export type DroppedRun = Readonly<z.infer<typeof droppedRun>>

const plainSuffix = '.jsonl'

export class ResultStore {
  readonly #results: string
  readonly #dropped: string

  readonly #redactor: Redactor

  /**
   * @param directory the experiment's folder: `reports/<id>`; need not exist yet
   * @param redactor needed where trials are written, and names are to be kept out of them
   */
  constructor(directory: string, redactor = new Redactor()) {
    this.#redactor = redactor
    this.#results = join(directory, 'results')
    this.#dropped = join(directory, 'dropped.jsonl')
  }

  /** Every trial that has at least its header, by file name. A file cut off before that holds nothing and is left out. */
  async list(): Promise<readonly TrialListing[]> {
    const listings: TrialListing[] = []
    for (const file of trialFiles(namesIn(this.#results))) {
      const path = join(this.#results, file)
      const header = await readHeader(path)
      const end = header === undefined ? undefined : await readEnd(path)
      if (header !== undefined)
        listings.push({ file, header, ...(end === undefined ? {} : { end }) })
    }
    return listings
  }

  /** The whole trial in a file that `list` names. Throws `ExpError('result-file')` where it is broken. */
  async read(file: string): Promise<StoredTrial> {
    const path = join(this.#results, file)
    const digest = createHash('sha256')
    const decoder = new TrialDecoder(path)
    for await (const chunk of plainChunks(path, (stored) => digest.update(stored)))
      decoder.write(chunk)
    const { header, ...trial } = decoder.finish()
    if (header === undefined) throw resultFileError(path, 'it holds no trial')
    return { file, digest: `sha256:${digest.digest('hex')}`, header, ...trial }
  }

  /** A file as it is on the disk; undefined where it is not there. */
  bytes(file: string): Buffer | undefined {
    const path = join(this.#results, file)
    return existsSync(path) ? readFileSync(path) : undefined
  }

  /**
   * Creates the file of a trial and writes its header. A trial measured again gets a file of its own.
   * Throws `ExpError('environment')` where the folder cannot be written.
   */
  async create(header: TrialHeader): Promise<TrialWriter> {
    const { run, config, side, round } = header
    const name = [run, config, ...(side === undefined ? [] : [side]), `r${round}`].join('-')
    try {
      await mkdir(this.#results, { recursive: true })
      const writer = await this.#firstFree(join(this.#results, name))
      writer.append(header)
      return writer
    } catch (error) {
      throw writeError(join(this.#results, name + plainSuffix), error)
    }
  }

  /** Runs taken out of use, oldest first. */
  dropped(): readonly DroppedRun[] {
    if (!existsSync(this.#dropped)) return []
    const lines = readFileSync(this.#dropped, 'utf8').split('\n')
    return lines.flatMap((line, index) => {
      if (line.trim() === '') return []
      const { data, error } = droppedRun.safeParse(parseJson(line))
      if (error !== undefined)
        throw resultFileError(`${this.#dropped}:${index + 1}`, 'the line is no dropped run')
      return [data]
    })
  }

  async drop(dropped: DroppedRun): Promise<void> {
    try {
      await mkdir(dirname(this.#dropped), { recursive: true })
      await appendFile(this.#dropped, `${JSON.stringify(dropped)}\n`, { flush: true })
    } catch (error) {
      throw writeError(this.#dropped, error)
    }
  }

  async #firstFree(base: string, attempt = 1): Promise<TrialWriter> {
    const path = `${base}${attempt === 1 ? '' : `-${attempt}`}${plainSuffix}`
    try {
      if (!existsSync(path + compressedSuffix)) return new TrialWriter(path, this.#redactor)
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    return this.#firstFree(base, attempt + 1)
  }
}

function trialFiles(names: readonly string[]): readonly string[] {
  const all = new Set(names)
  return (
    names
      .filter((name) => name.endsWith(plainSuffix) || name.endsWith(plainSuffix + compressedSuffix))
      // A run killed while it compressed leaves both forms of the same trial.
      .filter((name) => !all.has(name + compressedSuffix))
      .sort()
  )
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
