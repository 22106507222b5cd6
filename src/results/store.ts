/**
 * Reads and writes the stored results of one experiment: its folder in `reports/` holds one file per trial in
 * `results/`, and the list of dropped runs. Input: records to store. Output: trials, whole or only their first
 * and last records. Several runs may write at the same time, because each file is created by one writer only.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { encodeRecord, resultFileError, TrialDecoder, type DecodedTrial } from './codec.ts'
import { codeOf, namesIn, readFileIfExists } from '../files/read-files.ts'
import { assertNoLink, assertWritableFolder, writeError, writeFiles } from '../files/write-files.ts'
import { parseJson } from '../json/json.ts'
import { limits } from '../errors/limits.ts'
import { withoutCredentials } from '../secrets/secrets.ts'
import { Redactor } from './redact.ts'
import type { TrialEnd, TrialHeader, TrialRecord } from './record.ts'
import { compressedSuffix, readChunks, readEnd, readHeader, type ResultFile } from './trial-file.ts'
import { TrialWriter } from './trial-writer.ts'

/** A trial as it is read from its file. */
export interface StoredTrial extends DecodedTrial {
  /** The file's name inside `results/`. */
  readonly file: string
  /** Digest of the file's bytes as stored: `sha256:…`. */
  readonly digest: string
  readonly header: TrialHeader
}

/** The first and last record of a stored trial. */
export interface TrialListing {
  /** The file's name inside `results/`. */
  readonly file: string
  readonly header: TrialHeader
  /** Absent if the trial was interrupted or is still running. */
  readonly end?: TrialEnd
}

const text = z.string().max(limits.storedShortText.max)
const droppedRun = z.strictObject({
  run: text,
  why: text,
  /** ISO 8601 with offset. */
  droppedAt: text,
})
/** A run that somebody excluded with `exp drop`. */
export type DroppedRun = Readonly<z.infer<typeof droppedRun>>

const plainSuffix = '.jsonl'

export class ResultStore {
  readonly #results: string
  readonly #dropped: string
  readonly #redactor: Redactor
  readonly #root: string

  /**
   * @param directory the experiment's folder, `reports/<id>`; it need not exist yet
   * @param redactor cleans the records of new trials
   * @param root the project's root, if the folder lies in a project: nothing outside it is read
   */
  constructor(directory: string, redactor = new Redactor(), root = directory) {
    this.#redactor = redactor
    this.#root = resolve(root)
    this.#results = resolve(directory, 'results')
    this.#dropped = resolve(directory, 'dropped.jsonl')
  }

  /** All trials whose header was completely written, sorted by file name. */
  async list(): Promise<readonly TrialListing[]> {
    const listings: TrialListing[] = []
    for (const file of trialFiles(namesIn(this.#root, this.#results))) {
      const stored = this.#file(file)
      const header = await readHeader(stored)
      const end = header === undefined ? undefined : await readEnd(stored)
      if (header !== undefined)
        listings.push({ file, header, ...(end === undefined ? {} : { end }) })
    }
    return listings
  }

  /** Reads the whole trial from a file that `list` returned. Throws `ExpError('result-file')` if it is damaged. */
  async read(file: string): Promise<StoredTrial> {
    const stored = this.#file(file)
    const { path } = stored
    const digest = createHash('sha256')
    const decoder = new TrialDecoder(path)
    for await (const chunk of readChunks(stored, (stored) => digest.update(stored)))
      decoder.write(chunk)
    const { header, ...trial } = decoder.finish()
    if (header === undefined) throw resultFileError(path, 'the file contains no trial')
    return { file, digest: `sha256:${digest.digest('hex')}`, header, ...trial }
  }

  /** The bytes of a file as stored, or undefined if it does not exist. */
  bytes(file: string): Buffer | undefined {
    return readFileIfExists(this.#root, this.#file(file).path, limits.result)
  }

  #file(name: string): ResultFile {
    return { root: this.#root, path: join(this.#results, name) }
  }

  /**
   * Creates a trial's file and writes its header. A trial that is measured again gets a new file.
   * Throws `ExpError('environment')` if the folder is not writable.
   */
  async create(header: TrialHeader): Promise<TrialWriter> {
    const { run, config, side, round } = header
    const name = [run, config, ...(side === undefined ? [] : [side]), `r${round}`].join('-')
    assertNoLink(this.#root, this.#results)
    assertWritableFolder(this.#root, relative(this.#root, this.#results))
    try {
      await mkdir(this.#results, { recursive: true })
      const writer = await this.#createUnderFreeName(join(this.#results, name))
      writer.append(header)
      return writer
    } catch (error) {
      throw writeError(join(this.#results, name + plainSuffix), error)
    }
  }

  /** The bytes of a pruned trial, compressed if its file is compressed. */
  prunedBytes(file: string, records: readonly TrialRecord[]): Buffer {
    const lines = records.map(encodeRecord)
    const [first, last] = [lines.slice(0, -1).join(''), lines.at(-1) ?? '']
    if (!file.endsWith(compressedSuffix)) return Buffer.from(first + last)
    // Two gzip members, like those of `compressTrial`.
    return Buffer.concat([gzipSync(first), gzipSync(last)])
  }

  /** Replaces a file as a whole, so that a kill leaves the old one or the new one. */
  async replace(file: string, bytes: Buffer): Promise<void> {
    const name = relative(this.#root, join(this.#results, file)).split(sep).join('/')
    await writeFiles(this.#root, new Map([[name, bytes]]))
  }

  /** The dropped runs, oldest first. */
  dropped(): readonly DroppedRun[] {
    const text = readFileIfExists(this.#root, this.#dropped)?.toString('utf8') ?? ''
    const lines = text.split('\n')
    return lines.flatMap((line, index) => {
      if (line.trim() === '') return []
      const { data, error } = droppedRun.safeParse(parseJson(line))
      if (error !== undefined)
        throw resultFileError(`${this.#dropped}:${index + 1}`, 'the line is not a dropped run')
      return [data]
    })
  }

  /** Writes the whole file, so that a kill leaves no incomplete line. */
  async drop(dropped: DroppedRun): Promise<void> {
    const record = { ...dropped, why: withoutCredentials(dropped.why) }
    const before = readFileIfExists(this.#root, this.#dropped)?.toString('utf8') ?? ''
    const lines = before === '' || before.endsWith('\n') ? before : `${before}\n`
    const file = relative(this.#root, this.#dropped).split(sep).join('/')
    const bytes = Buffer.from(`${lines}${JSON.stringify(record)}\n`)
    await writeFiles(this.#root, new Map([[file, bytes]]))
  }

  async #createUnderFreeName(base: string, attempt = 1): Promise<TrialWriter> {
    const path = `${base}${attempt === 1 ? '' : `-${attempt}`}${plainSuffix}`
    try {
      if (!existsSync(path + compressedSuffix)) return new TrialWriter(path, this.#redactor)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    return this.#createUnderFreeName(base, attempt + 1)
  }
}

function trialFiles(names: readonly string[]): readonly string[] {
  const all = new Set(names)
  return (
    names
      .filter((name) => name.endsWith(plainSuffix) || name.endsWith(plainSuffix + compressedSuffix))
      // A run that was killed while compressing leaves both files of the same trial.
      .filter((name) => !all.has(name + compressedSuffix))
      .sort()
  )
}
