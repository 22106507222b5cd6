/** Differences between the notebook on disk and what `exp report` would write. Pure: reads and writes nothing. */
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import { lockedCharts } from './chart-files.ts'
import type { ReportDraft } from './draft.ts'
import { indexFile } from './index-page.ts'
import { lockFileOf, resultsOf, digestOf, type Lock } from './lock.ts'
import { editHint, firstDifferentLine, textDifference } from './outside-edits.ts'
import type { Rendered } from './renderer.ts'
import { ancestors, newestLock, type ReportFolder } from './report-folder.ts'

export type CheckFindingCode =
  | 'stale' // `exp report` would write something else
  | 'missing' // `exp report` would write this file
  | 'edited' // text was changed outside a keep block
  | 'frozen-changed' // an earlier version differs from its lock
  | 'frozen-missing'
  | 'result-changed' // a stored result differs from the one that the version was made from
  | 'result-missing'
  | 'stray' // belongs to no version
  | 'unreadable' // an experiment, lock, result or template that prevents rendering

/** A file of the notebook that differs from what `exp report` would write. */
export interface CheckFinding {
  readonly code: CheckFindingCode
  /** Absent for the index. */
  readonly experiment?: string
  /** Relative to the project's root, with forward slashes. */
  readonly file: string
  /** Where the problem begins in the file, from 1. Absent if it concerns the whole file. */
  readonly line?: number
  readonly column?: number
  /** The problem, as one sentence. */
  readonly message: string
  /** The remedy, as one line that contains the command. */
  readonly fix: string
  /** Unified diff from the file on disk to the expected file. */
  readonly diff?: string
}

/** All findings for one experiment's folder, most serious first; empty if the folder is up to date. */
export function folderFindings(rendered: Rendered): readonly CheckFinding[] {
  const { experiment, folder, draft } = rendered
  const located = (name: string) => ({ experiment: experiment.id, file: `${folder.name}/${name}` })
  const frozen = frozenFindings(folder, draft).map(({ name, code, message }) => ({
    code,
    ...located(name),
    message,
    fix:
      code === 'stray'
        ? `\`git rm ${forShell(`${folder.name}/${name}`)}\``
        : restoringHint(folder, name, folder.files.get(name)),
  }))
  const results = changedResults(rendered)
  const edits = draft.edits.map((edit) => ({
    code: 'edited' as const,
    ...located(edit.file),
    message: `text of ${folder.name}/${edit.file} was changed outside its keep blocks`,
    fix: editHint(experiment.id, folder, edit),
    line: firstDifferentLine(edit.bytes, edit.expected),
    diff: textDifference(located(edit.file).file, edit.bytes, edit.expected),
  }))
  // A changed result also changes the reports, so only the result is reported.
  const stale = results.length > 0 ? [] : staleFindings(rendered)
  return [...frozen, ...results, ...edits, ...stale]
}

/**
 * Findings for the results that a version on disk was made from, and that are now different or missing. Includes the
 * results of frozen versions, and results that a report would no longer use.
 */
function changedResults({ experiment, folder, draft, results }: Rendered): readonly CheckFinding[] {
  const lock = newestLock(folder)?.lock
  if (!lock) return []
  const inUse = resultsOf(draft.lock)
  return [...sourceResults(lock, folder)].flatMap(([name, { version, digest }]): CheckFinding[] => {
    if (inUse.get(name) === digest) return []
    const bytes = results.bytes(name)
    if (bytes !== undefined && digestOf(bytes) === digest) return []
    if (bytes !== undefined && results.pruned.get(name) === digest) return []
    const changed = bytes !== undefined
    const file = `${folder.name}/results/${name}`
    return [
      {
        code: changed ? 'result-changed' : 'result-missing',
        experiment: experiment.id,
        file,
        message: changed
          ? `${file} is not the result that ${version} was made from`
          : `${file} is missing, and ${version} was made from it`,
        fix: `${restoringHint(folder, `results/${name}`, bytes)}; to exclude a run: \`exp drop ${experiment.id} RUN --why TEXT\``,
      },
    ]
  })
}

/** The versions whose results were pruned, newest first: nobody can compute them again. */
export function prunedVersions({ folder, results: { pruned } }: Rendered): readonly string[] {
  return folder.locks
    .filter(({ lock }) =>
      [...resultsOf(lock)].some(([name, digest]) => pruned.get(name) === digest),
    )
    .map(({ lock }) => lock.version)
    .toReversed()
}

/** Throws `ExpError` if a result that an earlier version was made from has changed. */
export function refuseChangedResults(rendered: Rendered): void {
  const changed = changedResults(rendered).find(({ code }) => code === 'result-changed')
  if (changed) throw new ExpError('result-file', changed.message, changed.fix)
}

/** For each result: the newest version that was made from it, and its digest in the lock of that version. */
function sourceResults(
  lock: Lock,
  folder: ReportFolder,
): ReadonlyMap<string, { readonly version: string; readonly digest: string }> {
  const oldestFirst = [lock, ...ancestors(folder, lock).map((each) => each.lock)].reverse()
  return new Map(
    oldestFirst.flatMap((each) =>
      [...resultsOf(each)].map(
        ([name, digest]) => [name, { version: each.version, digest }] as const,
      ),
    ),
  )
}

/**
 * Report folders whose experiment file no longer exists.
 * @param reported ids of the folders that hold a lock
 * @param known ids of the experiments that have a file
 */
export function orphanedReports(
  reported: readonly string[],
  known: readonly string[],
): readonly CheckFinding[] {
  return reported
    .filter((id) => !known.includes(id))
    .map((id) => ({
      code: 'stray',
      experiment: id,
      file: `reports/${id}`,
      message: `reports/${id} has a report, but experiments/${id}.yaml does not exist`,
      fix: `restore the experiment, or \`git rm -r ${forShell(`reports/${id}`)}\``,
    }))
}

/** @param onDisk the index on disk; undefined if there is none */
export function indexFindings(
  onDisk: Buffer | undefined,
  expected: Buffer,
): readonly CheckFinding[] {
  if (onDisk?.equals(expected)) return []
  return [
    {
      code: onDisk ? 'stale' : 'missing',
      file: indexFile,
      message: onDisk ? `${indexFile} does not match the reports` : `${indexFile} does not exist`,
      fix: '`exp report --all` updates it',
      ...(onDisk && comparedWith(indexFile, onDisk, expected)),
    },
  ]
}

/** Where a file on disk differs from the expected one. */
function comparedWith(
  file: string,
  onDisk: Buffer,
  expected: Buffer,
): Pick<CheckFinding, 'line' | 'diff'> {
  return {
    line: firstDifferentLine(onDisk, expected),
    diff: textDifference(file, onDisk, expected),
  }
}

/** @param bytes the content of the file on disk; undefined if it does not exist */
function restoringHint(folder: ReportFolder, name: string, bytes: Buffer | undefined): string {
  const word = forShell(`${folder.name}/${name}`)
  // Git considers a file unchanged if only its line ends differ, so it must be deleted before checkout.
  if (bytes?.includes('\r\n') === true && !name.endsWith('.gz'))
    return `git changed its line ends: write \`reports/** -text\` into \`.gitattributes\`, then \`rm ${word} && git checkout -- ${word}\``
  return `\`git checkout -- ${word}\` restores it`
}

interface FrozenFinding {
  readonly name: string
  readonly code: CheckFindingCode
  readonly message: string
}

/** Findings for frozen files that are missing or differ from their lock, missing locks, and files of no version. */
function frozenFindings(folder: ReportFolder, draft: ReportDraft): readonly FrozenFinding[] {
  const current = newestLock(folder)
  if (!current) return []
  const chain = [current, ...ancestors(folder, current.lock)]
  const digests = new Map(
    chain.flatMap(({ lock }) =>
      lock.frozen === undefined ? [] : [...Object.entries(lock.frozen), ...lockedCharts(lock)],
    ),
  )
  // The chain ends at a missing lock: without it, that version and earlier ones cannot be checked.
  const missingVersion = chain.at(-1)?.lock.previous
  const known = new Set([
    ...digests.keys(),
    ...chain.map(({ file }) => file),
    ...chain.flatMap(({ lock }) => [...lockedCharts(lock).keys()]),
    ...draft.files.keys(),
    ...draft.removed,
  ])
  const strays = [...folder.files.keys()].filter(
    (name) =>
      !known.has(name) &&
      (missingVersion === undefined ||
        !(name.startsWith(`${missingVersion}.`) || name.startsWith(`charts/${missingVersion}/`))),
  )
  return [
    ...[...digests].flatMap(([name, digest]) => frozenFileFinding(folder, name, digest)),
    ...(missingVersion === undefined ? [] : [missingLock(missingVersion, folder)]),
    ...strays.map((name): FrozenFinding => ({
      name,
      code: 'stray',
      message: `${folder.name}/${name} belongs to no version of the report`,
    })),
  ]
}

function frozenFileFinding(
  folder: ReportFolder,
  name: string,
  digest: string,
): readonly FrozenFinding[] {
  const file = `${folder.name}/${name}`
  const bytes = folder.files.get(name)
  if (!bytes)
    return [{ name, code: 'frozen-missing', message: `the frozen version ${file} is missing` }]
  if (digestOf(bytes) === digest) return []
  const message = `the frozen version ${file} does not match its lock`
  return [{ name, code: 'frozen-changed', message }]
}

function missingLock(version: string, folder: ReportFolder): FrozenFinding {
  const name = lockFileOf(version)
  return { name, code: 'frozen-missing', message: `the lock ${folder.name}/${name} is missing` }
}

function staleFindings({ experiment: { id }, draft, folder }: Rendered): readonly CheckFinding[] {
  const edited = new Set(draft.edits.map(({ file }) => file))
  const differing = [...draft.files].filter(
    ([name, bytes]) => !edited.has(name) && folder.files.get(name)?.equals(bytes) !== true,
  )
  // If reports differ, their diff is enough: the lock only repeats their figures.
  const reports = differing.filter(([name]) => name.startsWith('README'))
  // If charts differ, so does the lock, which contains their digests.
  const charts = differing.filter(([name]) => isChart(name))
  const others = charts.length > 0 ? charts : differing
  const shown = reports.length > 0 ? reports : edited.size > 0 ? [] : others
  const nextVersion =
    draft.frozenVersion === undefined
      ? ''
      : `, freezes ${draft.frozenVersion} and starts ${draft.version}`
  const removed = draft.removed.map((name) => ({
    code: 'stray' as const,
    experiment: id,
    file: `${folder.name}/${name}`,
    message: `${folder.name}/${name} belongs to no chart of the report`,
    fix: `\`exp report ${id}\` removes it`,
  }))
  const stale = shown.map(([name, bytes]): CheckFinding => {
    const file = `${folder.name}/${name}`
    const old = folder.files.get(name)
    return {
      code: old ? 'stale' : 'missing',
      experiment: id,
      file,
      message: old ? `${file} does not match the results` : `${file} does not exist`,
      fix: `\`exp report ${id}\` ${isChart(name) ? 'draws' : 'updates'} it${nextVersion}`,
      ...(old && !isChart(name) && comparedWith(file, old, bytes)),
    }
  })
  return [...stale, ...removed]
}

/** True for the name of a chart's file in the folder of a report. */
function isChart(name: string): boolean {
  return name.startsWith('charts/')
}
