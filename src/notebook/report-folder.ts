/** Reads an experiment's folder in `reports/`: its reports, frozen versions and locks. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import { beyond, limits } from '../errors/limits.ts'
import { namesIn, readFileIfExists } from '../files/read-files.ts'
import type { Locale } from '../format/locales.generated.ts'
import { parseLock, type Lock } from './lock.ts'
import { compareVersions, parseVersion, type Version } from './version.ts'

export interface ReportFolder {
  /** Relative to the project's root, with forward slashes: `reports/docker-opt`. */
  readonly name: string
  /**
   * Bytes of the reports, frozen versions, locks and charts, by name relative to the folder: `charts/v1.1/time.en.svg`.
   */
  readonly files: ReadonlyMap<string, Buffer>
  /** Oldest version first. After a merge of two branches, some may not be ancestors of the newest. */
  readonly locks: readonly LockFile[]
}

export interface LockFile {
  readonly file: string
  readonly lock: Lock
}

const lockName = /^(v[^/]*)\.lock\.json$/

/** Empty if the folder does not exist. Throws `ExpError` if a lock cannot be read. */
export function readReportFolder(root: string, id: string): ReportFolder {
  const name = `reports/${id}`
  const files = new Map<string, Buffer>()
  const names = namesIn(root, name).filter(isReportFile)
  const { versions, reportFolder } = limits
  const locks = names.filter((entry) => lockName.test(entry)).length
  if (locks > versions.max)
    throw new ExpError('invalid-input', `${name} has ${beyond(versions, locks)}`, versions.remedy)
  let size = 0
  for (const entry of [...names, ...chartNames(root, name)]) {
    const bytes = readFileIfExists(root, `${name}/${entry}`)
    if (bytes === undefined) continue
    files.set(entry, bytes)
    size += bytes.length
    if (size > reportFolder.max)
      throw new ExpError(
        'invalid-input',
        `${name} has more than ${reportFolder.max} ${reportFolder.unit}`,
        reportFolder.remedy,
      )
  }
  return { name, files, locks: locksOf(name, files) }
}

/** The files in the folders of charts, relative to the folder of the report. */
function chartNames(root: string, folder: string): readonly string[] {
  return chartFolders(root, folder).flatMap((versionFolder) =>
    namesIn(root, `${folder}/${versionFolder}`)
      .filter((name) => name.endsWith('.svg'))
      .map((name) => `${versionFolder}/${name}`),
  )
}

/** The folders of the charts of each version, relative to the folder of the report. */
function chartFolders(root: string, folder: string): readonly string[] {
  return namesIn(root, `${folder}/charts`)
    .filter((name) => parseVersion(name) !== undefined)
    .map((name) => `charts/${name}`)
}

/**
 * The folders into which the index and the files of an experiment's reports are written. Outer folders come first, so
 * that a caller can refuse a link before the folder behind it is read.
 */
export function* writtenFolders(root: string, id: string): Generator<string> {
  const folder = `reports/${id}`
  yield* ['reports', folder, `${folder}/results`, `${folder}/charts`]
  for (const name of chartFolders(root, folder)) yield `${folder}/${name}`
}

/** Names of the folders in `reports/`, sorted by code unit. */
export function reportFolderIds(root: string): readonly string[] {
  return namesIn(root, 'reports').filter(
    (name) => !name.startsWith('.') && isFolder(path.join(root, 'reports', name)),
  )
}

function isFolder(place: string): boolean {
  try {
    return statSync(place).isDirectory()
  } catch {
    return false // a link to nothing
  }
}

/** The lock of the newest version, which README.md holds. */
export function newestLock(folder: ReportFolder): LockFile | undefined {
  return folder.locks.at(-1)
}

/** The unparsed file of the newest lock; undefined if no lock exists. */
export function newestLockBytes(
  root: string,
  id: string,
): { readonly name: string; readonly bytes: Buffer } | undefined {
  const folder = `reports/${id}`
  const newest = newestLockName(namesIn(root, folder))
  if (newest === undefined) return undefined
  const name = `${folder}/${newest}`
  const bytes = readFileIfExists(root, name)
  return bytes && { name, bytes }
}

/** The name of the newest version's lock among the names of files; undefined if there is none. */
export function newestLockName(names: readonly string[]): string | undefined {
  const [newest] = names
    .flatMap((name) => {
      const version = parseVersion(lockName.exec(name)?.[1] ?? '')
      return version ? [{ name, version }] : []
    })
    .sort((a, b) => compareVersions(b.version, a.version))
  return newest?.name
}

/** The locks of the versions before this one, newest first. Ends early if a lock is missing. */
export function ancestors(folder: ReportFolder, lock: Lock): readonly LockFile[] {
  const byVersion = new Map(folder.locks.map((one) => [one.lock.version, one]))
  const chain = new Set<LockFile>()
  for (let { previous } = lock; previous !== undefined;) {
    const found = byVersion.get(previous)
    if (!found || chain.has(found)) break
    chain.add(found)
    previous = found.lock.previous
  }
  return [...chain]
}

/** `README.md` for the experiment's first locale, `README.en.md` for others. */
export function readmeName(locale: Locale, locales: readonly Locale[]): string {
  return locale === locales[0] ? 'README.md' : `README.${locale}.md`
}

/** The name of the report in this locale or, if the experiment has none in it, of the report in its first locale. */
export function reportIn(locale: Locale, locales: readonly Locale[]): string {
  return locales.includes(locale) ? readmeName(locale, locales) : 'README.md'
}

/** The name of a frozen report: `v1.0.md` for `README.md`, `v1.0.en.md` for `README.en.md`. */
export function frozenName(readme: string, version: string): string {
  return readme.replace(/^README/, version)
}

/** True if the notebook writes files of this name: reports, frozen versions and locks. */
function isReportFile(name: string): boolean {
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

/** Calls `read` for each experiment, and collects the results. An `ExpError` for one does not stop the others. */
export function readPerExperiment<Result>(
  ids: readonly string[],
  read: (id: string) => Result,
): { readonly results: readonly Result[]; readonly failures: ReadonlyMap<string, ExpError> } {
  const results: Result[] = []
  const failures = new Map<string, ExpError>()
  for (const id of ids)
    try {
      results.push(read(id))
    } catch (error) {
      if (!(error instanceof ExpError)) throw error
      failures.set(id, error)
    }
  return { results, failures }
}

/**
 * The newest lock of every experiment that has a report; the index is made from them.
 * Parses a lock again only if its bytes changed, because `exp report --all` reads every lock for every report.
 */
export class NewestLocks {
  readonly #root: string
  readonly #parsed = new Map<string, { readonly bytes: Buffer; readonly lock: Lock }>()

  constructor(root: string) {
    this.#root = root
  }

  /**
   * Sorted by experiment. Throws `ExpError` if a lock cannot be read.
   * @param drafted locks that replace those on disk, by experiment
   */
  read(drafted: ReadonlyMap<string, Lock> = new Map()): readonly Lock[] {
    const { locks, failures } = this.readEach(drafted)
    const [failure] = failures.values()
    if (failure !== undefined) throw failure
    return locks
  }

  /** Like `read`, but one lock that cannot be read does not stop the others. */
  readEach(drafted: ReadonlyMap<string, Lock> = new Map()): {
    /** Sorted by experiment. */
    readonly locks: readonly Lock[]
    /** Why a lock cannot be read, by experiment. */
    readonly failures: ReadonlyMap<string, ExpError>
  } {
    const ids = [...new Set([...reportFolderIds(this.#root), ...drafted.keys()])].sort()
    const { results, failures } = readPerExperiment(
      ids,
      (id) => drafted.get(id) ?? this.#newest(id),
    )
    return { locks: results.flatMap((lock) => lock ?? []), failures }
  }

  #newest(id: string): Lock | undefined {
    const file = newestLockBytes(this.#root, id)
    if (!file) return undefined
    const parsed = this.#parsed.get(file.name)
    if (parsed?.bytes.equals(file.bytes)) return parsed.lock
    const lock = parseLock(file.bytes, file.name)
    this.#parsed.set(file.name, { bytes: file.bytes, lock })
    return lock
  }
}

/**
 * The locks of two versions, the earlier one first. Throws `ExpError` if a version does not exist.
 * @param locks newest first
 * @param from by default the version before `to`
 * @param to by default the newest version
 */
export function pairOfVersions(
  name: string,
  locks: readonly Lock[],
  from?: string,
  to?: string,
): readonly [Lock, Lock] {
  const find = (version: string): Lock => {
    const lock = locks.find((one) => one.version === version || `v${version}` === one.version)
    if (lock) return lock
    const known = locks.map((one) => one.version)
    throw new ExpError(
      'invalid-input',
      `there is no version \`${version}\``,
      didYouMean(version, known, `\`exp show ${forShell(name)}\` lists the versions`),
    )
  }
  const newer = to === undefined ? locks[0] : find(to)
  const earlier = from ?? newer?.previous
  if (!newer || earlier === undefined)
    throw new ExpError(
      'invalid-input',
      `\`${name}\` has only one version`,
      `\`exp report ${forShell(name)}\` creates the next version when results or hypotheses change`,
    )
  return [find(earlier), newer]
}
