/** Appends a trial's records to its file while the trial runs, so that a killed run loses at most a line. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeError } from '../files/write-files.ts'
import { encodeRecord } from './codec.ts'
import type { TrialRecord } from './record.ts'
import type { Redactor } from './redact.ts'
import { compressTrial } from './trial-file.ts'

/** Larger files are compressed when the trial has ended. */
const maxPlainBytes = 1_000_000

export class TrialWriter {
  readonly path: string
  readonly #redactor: Redactor
  readonly #descriptor: number
  readonly #failed = new AbortController()
  #pending: string[] = []
  #scheduled: NodeJS.Immediate | undefined
  #size = 0
  #lastLineOffset = 0

  /** Creates the file. Throws the system's EEXIST error if it exists. */
  constructor(path: string, redactor: Redactor) {
    this.path = path
    this.#redactor = redactor
    this.#descriptor = openSync(path, 'ax', 0o644)
  }

  /** Aborts with an `ExpError` as its reason when a write fails. The trial must stop then. */
  get failed(): AbortSignal {
    return this.#failed.signal
  }

  /**
   * Queues a record. It is written before the next turn of the event loop, and then survives a killed process.
   * Throws the reason of `failed` after a failed write.
   */
  append(record: TrialRecord): void {
    this.#failed.signal.throwIfAborted()
    this.#pending.push(encodeRecord(this.#redactor.record(record)))
    this.#scheduled ??= setImmediate(() => this.#flush())
  }

  /**
   * Writes the queued records, syncs the file to disk, and compresses it if it is large. Call it once.
   * Throws the reason of `failed` after a failed write.
   * @returns the final path of the file
   */
  async close(): Promise<string> {
    clearImmediate(this.#scheduled)
    this.#flush()
    this.#attempt(() => fsyncSync(this.#descriptor))
    closeSync(this.#descriptor)
    this.#failed.signal.throwIfAborted()
    syncDirectory(dirname(this.path))
    if (this.#size <= maxPlainBytes) return this.path
    return await compressTrial(this.path, this.#lastLineOffset)
  }

  #flush(): void {
    this.#scheduled = undefined
    const last = this.#pending.at(-1)
    if (last === undefined) return
    const bytes = Buffer.from(this.#pending.join(''))
    this.#pending = []
    this.#attempt(() => {
      for (let written = 0; written < bytes.length;)
        written += writeSync(this.#descriptor, bytes, written)
    })
    this.#size += bytes.length
    this.#lastLineOffset = this.#size - Buffer.byteLength(last)
  }

  #attempt(work: () => void): void {
    if (this.#failed.signal.aborted) return
    try {
      work()
    } catch (error) {
      this.#failed.abort(writeError(this.path, error))
    }
  }
}

/** Syncs the directory, so that the file's name survives a crash too. */
function syncDirectory(directory: string): void {
  try {
    const descriptor = openSync(directory, 'r')
    fsyncSync(descriptor)
    closeSync(descriptor)
  } catch {
    // Windows and some file systems cannot sync a directory.
  }
}
