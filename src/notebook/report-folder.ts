/** An experiment's folder in `reports/` as it stands on the disk. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Locale } from '../format/locale.ts'
import { parseLock, type Lock } from './lock.ts'
import { compareVersions, parseVersion, type Version } from './version.ts'

export interface ReportFolder {
  /** As shown to people, with forward slashes: `reports/docker-opt`. */
  readonly name: string
  /** Bytes of the reports, frozen versions and locks, by file name. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Oldest first; where two branches were merged, some may be of no use to the newest. */
  readonly locks: readonly LockFile[]
}

export interface LockFile {
  readonly file: string
  readonly lock: Lock
}

const lockName = /^(v[^/]*)\.lock\.json$/

/** Empty where the folder does not exist. Throws `ExpError` where a lock cannot be read. */
export function readReportFolder(root: string, id: string): ReportFolder {
  const name = `reports/${id}`
  const files = new Map<string, Buffer>()
  const directory = path.join(root, name)
  for (const entry of entriesOf(directory))
    if (isOurs(entry)) files.set(entry, readFileSync(path.join(directory, entry)))
  return { name, files, locks: locksOf(name, files) }
}

/** Names of the folders in `reports/`, in code-unit order. */
export function reportFolderIds(root: string): readonly string[] {
  const directory = path.join(root, 'reports')
  return entriesOf(directory).filter(
    (name) => !name.startsWith('.') && statSync(path.join(directory, name)).isDirectory(),
  )
}

/** The newest lock: the version that README.md is. */
export function currentLock(folder: ReportFolder): LockFile | undefined {
  return folder.locks.at(-1)
}

/** The newest lock's file, unread; undefined where there is none. */
export function newestLockFile(
  root: string,
  id: string,
): { readonly name: string; readonly bytes: Buffer } | undefined {
  const folder = `reports/${id}`
  const [newest] = entriesOf(path.join(root, folder))
    .flatMap((file) => {
      const version = parseVersion(lockName.exec(file)?.[1] ?? '')
      return version ? [{ name: `${folder}/${file}`, version }] : []
    })
    .sort((a, b) => compareVersions(b.version, a.version))
  return newest && { name: newest.name, bytes: readFileSync(path.join(root, newest.name)) }
}

/** The locks that lead to this one, newest first, without itself. Ends where one is missing. */
export function ancestors(folder: ReportFolder, lock: Lock): readonly LockFile[] {
  const chain: LockFile[] = []
  let previous = lock.previous
  while (previous) {
    const version = previous
    const found = folder.locks.find((one) => one.lock.version === version)
    if (!found || chain.includes(found)) break
    chain.push(found)
    previous = found.lock.previous
  }
  return chain
}

/** README.md for the experiment's first locale, README.en.md for another. */
export function readmeName(locale: Locale, locales: readonly Locale[]): string {
  return locale === locales[0] ? 'README.md' : `README.${locale}.md`
}

/** `v1.0.md` for README.md, `v1.0.en.md` for README.en.md. */
export function frozenName(readme: string, version: string): string {
  return readme.replace(/^README/, version)
}

/** Whether the notebook writes files of such a name: reports, frozen versions, locks. */
function isOurs(name: string): boolean {
  return (
    /^README(\.[A-Za-z-]+)?\.md$/.test(name) ||
    /^v\d+\.\d+(\.[A-Za-z-]+)?\.md$/.test(name) ||
    lockName.test(name)
  )
}

function locksOf(folder: string, files: ReadonlyMap<string, Buffer>): readonly LockFile[] {
  const locks: (LockFile & { version: Version })[] = []
  for (const [file, bytes] of files) {
    const version = parseVersion(lockName.exec(file)?.[1] ?? '')
    if (!version) continue
    const lock = parseLock(bytes, `${folder}/${file}`)
    locks.push({ file, lock, version })
  }
  return locks.sort((a, b) => compareVersions(a.version, b.version))
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    )
      return []
    throw error
  }
}
