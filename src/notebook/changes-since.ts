/**
 * What changed in the reports of a notebook since a commit of git. Compares the newest locks, here and in the commit.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Commit } from '../files/git-files.ts'
import { isDifferent, type VersionDifference } from './difference.ts'
import { indexFile } from './index-page.ts'
import { differenceOfLocks } from './lock-difference.ts'
import { parseLock, type Lock } from './lock.ts'
import type { Reasons } from './no-verdict.ts'
import type { Renderer } from './renderer.ts'
import { noReportOf } from './project.ts'
import { newestLock, newestLockName, readReportFolder, reportFolderIds } from './report-folder.ts'

export type ReportChange =
  { readonly how: 'changed'; readonly difference: VersionDifference } | UnmatchedReport

/** A report that only one side has: `new` if the commit lacks it, `removed` if only the commit has it. */
export interface UnmatchedReport {
  readonly how: 'new' | 'removed'
  /** The branch or commit, as the user wrote it. */
  readonly against: string
  readonly lock: Lock
  /** Why hypotheses of a new report have no verdict, by id. */
  readonly reasons: Reasons
}

export interface ChangesSince {
  /** Sorted by experiment; empty if nothing changed. */
  readonly changes: readonly ReportChange[]
  /** The errors of experiments that cannot be compared, because a lock here or in the commit cannot be read. */
  readonly failures: readonly ExpError[]
}

/**
 * One experiment that cannot be compared does not stop the others. Throws `ExpError` for an experiment that has no
 * report, neither here nor in the commit.
 * @param inLocale returns a lock with its texts in the language to show
 * @param ids by default all experiments that have a report here or in the commit
 */
export async function changesSince(
  root: string,
  renderer: Renderer,
  commit: Commit,
  inLocale: (lock: Lock) => Lock,
  ids?: readonly string[],
): Promise<ChangesSince> {
  const committed = (await commit.names('reports')).filter(
    (name) => `reports/${name}` !== indexFile,
  )
  const known = [...new Set([...reportFolderIds(root), ...committed])].sort()
  const changes: ReportChange[] = []
  const failures: ExpError[] = []
  for (const id of ids ?? known)
    try {
      const now = newestLock(readReportFolder(root, id))?.lock
      const before = await committedLock(commit, id)
      if (now === undefined && before === undefined && ids !== undefined)
        throw noReportOf(root, id, known)
      const change = await changeOf(now && inLocale(now), before && inLocale(before), commit.ref, {
        compare: (earlier, newer) => differenceOfLocks(root, renderer, earlier, newer),
        reasonsOf: (lock) => renderer.verdictReasons(lock),
      })
      if (change !== undefined) changes.push(change)
    } catch (error) {
      if (!(error instanceof ExpError) || ids !== undefined) throw error
      failures.push(error)
    }
  return { changes, failures }
}

async function changeOf(
  now: Lock | undefined,
  before: Lock | undefined,
  against: string,
  {
    compare,
    reasonsOf,
  }: {
    readonly compare: (earlier: Lock, newer: Lock) => Promise<VersionDifference>
    readonly reasonsOf: (lock: Lock) => Promise<Reasons>
  },
): Promise<ReportChange | undefined> {
  if (now === undefined)
    return before && { how: 'removed', against, lock: before, reasons: new Map() }
  if (before === undefined) return { how: 'new', against, lock: now, reasons: await reasonsOf(now) }
  const difference = { ...(await compare(before, now)), against }
  return isDifference(difference) ? { how: 'changed', difference } : undefined
}

/** The newest lock of an experiment in a commit; undefined if the commit has no report of it. */
async function committedLock(commit: Commit, id: string): Promise<Lock | undefined> {
  const folder = `reports/${id}`
  const name = newestLockName(await commit.names(folder))
  if (name === undefined) return undefined
  const file = `${folder}/${name}`
  const bytes = await commit.bytes(file)
  return bytes && parseLock(bytes, file)
}

/** False if neither results nor definition nor state differ; prose may differ. */
function isDifference({ from, to, changes, ratios, configs, claims }: VersionDifference): boolean {
  const lists = [changes, ratios, configs, claims]
  return lists.some(({ length }) => length > 0) || isDifferent({ from: from.state, to: to.state })
}
