/** The newest lock of every experiment that has a report: what the index is made of. */
import { parseLock, type Lock } from './lock.ts'
import { newestLockFile, reportFolderIds } from './report-folder.ts'

/** Parses a lock once for the same bytes: with `--all`, each report looks at every lock. */
export class NewestLocks {
  readonly #root: string
  readonly #known = new Map<string, { readonly bytes: Buffer; readonly lock: Lock }>()

  constructor(root: string) {
    this.#root = root
  }

  /**
   * By experiment, in code-unit order. Throws `ExpError` where a lock cannot be read.
   * @param instead locks to take in the place of those on the disk, by experiment
   */
  read(instead: ReadonlyMap<string, Lock> = new Map()): readonly Lock[] {
    const ids = [...new Set([...reportFolderIds(this.#root), ...instead.keys()])].sort()
    return ids.flatMap((id) => instead.get(id) ?? this.#newest(id) ?? [])
  }

  #newest(id: string): Lock | undefined {
    const file = newestLockFile(this.#root, id)
    if (!file) return undefined
    const known = this.#known.get(file.name)
    if (known?.bytes.equals(file.bytes)) return known.lock
    const lock = parseLock(file.bytes, file.name)
    this.#known.set(file.name, { bytes: file.bytes, lock })
    return lock
  }
}
