/** Puts a trial's records into its file while the trial runs, so that a killed run loses next to nothing. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { encodeRecord } from './codec.ts'
import { compressTrial } from './compress.ts'
import type { TrialRecord } from './record.ts'
import type { Redactor } from './redact.ts'

/** Trials above this size are compressed once they have ended. */
const largestPlainBytes = 1_000_000

export class TrialWriter {
  readonly path: string
  readonly #redactor: Redactor
  readonly #descriptor: number
  readonly #failed = new AbortController()
  #pending: string[] = []
  #scheduled: NodeJS.Immediate | undefined
  #size = 0
  #lastLineAt = 0

  /** Creates the file; throws the system's EEXIST where there is one already. */
  constructor(path: string, redactor: Redactor) {
    this.path = path
    this.#redactor = redactor
    this.#descriptor = openSync(path, 'ax', 0o644)
  }

  /** Aborted, with an ExpError as its reason, as soon as the file cannot be written any more: the trial must stop. */
  get failed(): AbortSignal {
    return this.#failed.signal
  }

  /**
   * Queues a record; before the event loop turns again it is with the system, and outlives this process.
   * Throws the reason of `failed` once there is one.
   */
  append(record: TrialRecord): void {
    this.#failed.signal.throwIfAborted()
    this.#pending.push(encodeRecord(this.#redactor.record(record)))
    this.#scheduled ??= setImmediate(() => this.#flush())
  }

  /**
   * Writes what is queued, makes it safe on the disk, compresses a large trial, and returns the path that
   * the file has from then on. To be called once; throws the reason of `failed`.
   */
  async close(): Promise<string> {
    clearImmediate(this.#scheduled)
    this.#flush()
    this.#attempt(() => fsyncSync(this.#descriptor))
    closeSync(this.#descriptor)
    this.#failed.signal.throwIfAborted()
    syncDirectory(dirname(this.path))
    if (this.#size <= largestPlainBytes) return this.path
    return await compressTrial(this.path, this.#lastLineAt)
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
    this.#lastLineAt = this.#size - Buffer.byteLength(last)
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

/** Makes the name of a new file as safe as its bytes, on systems that can. */
function syncDirectory(directory: string): void {
  try {
    const descriptor = openSync(directory, 'r')
    fsyncSync(descriptor)
    closeSync(descriptor)
  } catch {
    // some file systems and Windows cannot sync a directory
  }
}

/** A place that cannot be written to, in words for people. */
export function writeError(path: string, error: unknown): ExpError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'the file has reached its limit',
    EROFS: 'the file system is read-only',
    EACCES: 'permission is denied',
    EPERM: 'permission is denied',
    ENOTDIR: 'a part of its path is a file',
    EIO: 'the disk reports an error',
  }
  const why = reasons[code] ?? (error instanceof Error ? error.message : String(error))
  return new ExpError(
    'environment',
    `cannot write \`${path}\`: ${why}`,
    'Mend that and run again; what was stored so far is kept, and a trial that was cut off is told as such.',
  )
}
