/** Decides which version a report is: the newest one updated, or the next one. */
import type { Locale } from '../format/locales.generated.ts'
import type { ReportVersion } from '../report/report-input.ts'
import { versionChanges, stepFor } from './version-changes.ts'
import { lockFileOf } from './lock.ts'
import type { LockContent } from './lock-content.ts'
import {
  ancestors,
  currentLock,
  frozenName,
  readmeName,
  type LockFile,
  type ReportFolder,
} from './report-folder.ts'
import { firstVersion, formatVersion, nextVersion, parseVersion } from './version.ts'

export interface VersionPlan {
  readonly version: string
  /** The lock of this version, if it was rendered before. */
  readonly existing?: LockFile
  /** The closed version before this one, if it is not frozen yet. */
  readonly toFreeze?: LockFile
  /** The versions before this one, newest first. */
  readonly earlier: readonly LockFile[]
}

/** An open version is updated in place. A change after a closed version starts the next one. */
export function planVersion(content: LockContent, folder: ReportFolder): VersionPlan {
  const current = currentLock(folder)
  if (!current) return { version: formatVersion(firstVersion), earlier: [] }
  const { lock } = current
  const before = ancestors(folder, lock)
  const step = lock.state === 'closed' ? stepFor(versionChanges(content, lock)) : undefined
  if (!step) return { version: lock.version, existing: current, earlier: before }
  const version = formatVersion(nextVersion(parseVersion(lock.version) ?? firstVersion, step))
  return { version, toFreeze: current, earlier: [current, ...before] }
}

/** A report's version and those before it, with links to their files in the same locale. */
export function reportVersion(
  version: string,
  content: LockContent,
  before: readonly LockFile[],
  locale: Locale,
  locales: readonly Locale[],
): ReportVersion {
  const readme = readmeName(locale, locales)
  return {
    version,
    state: content.state,
    ...(content.createdAt !== undefined && { createdAt: content.createdAt }),
    changes: versionChanges(content, before[0]?.lock),
    history: before.map(({ lock }, index) => ({
      version: lock.version,
      ...(readme in lock.files && { file: frozenName(readme, lock.version) }),
      ...(lock.createdAt !== undefined && { date: lock.createdAt }),
      changes: versionChanges(lock, before[index + 1]?.lock),
      headline: lock.standIn ? [] : lock.headline,
    })),
    lockFile: lockFileOf(version),
    dropped: Object.entries(content.dropped).map(([run, why]) => ({ run, why })),
  }
}
