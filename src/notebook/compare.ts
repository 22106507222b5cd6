/** A draft beside the disk; writes nothing. */
import { digestOf } from './digest.ts'
import type { Draft } from './draft.ts'
import { editHint } from './outside-edits.ts'
import type { Finding, FindingCode } from './finding.ts'
import { indexFile } from './index-page.ts'
import { lockFileOf, resultsOf, type Lock } from './lock.ts'
import type { Rendered } from './renderer.ts'
import { experimentIds } from './project.ts'
import {
  ancestors,
  currentLock,
  newestLockFile,
  reportFolderIds,
  type ReportFolder,
} from './report-folder.ts'
import { textDifference } from './text-difference.ts'

/** All that is wrong with one experiment's folder, the gravest first; empty where nothing is. */
export function compareFolder(rendered: Rendered): readonly Finding[] {
  const { experiment, folder, draft } = rendered
  const at = (name: string) => ({ experiment: experiment.id, file: `${folder.name}/${name}` })
  const frozen = frozenFindings(folder, draft).map(({ name, code, message }) => ({
    code,
    ...at(name),
    message,
    fix:
      code === 'stray'
        ? `\`git rm ${folder.name}/${name}\``
        : restore(folder, name, folder.files.get(name)),
  }))
  const results = changedResults(rendered)
  const edits = draft.edits.map((edit) => ({
    code: 'edited' as const,
    ...at(edit.file),
    message: `text of ${folder.name}/${edit.file} was changed outside its keep blocks`,
    fix: editHint(experiment.id, folder, edit),
    diff: textDifference(at(edit.file).file, edit.bytes, edit.expected),
  }))
  // Where a result was tampered with, all that differs follows from it.
  const stale = results.length > 0 ? [] : staleFindings(rendered)
  return [...frozen, ...results, ...edits, ...stale]
}

/**
 * Results that a version on the disk was made from, the frozen ones too, and that hold other bytes now or are gone,
 * whether or not they would still be used.
 */
export function changedResults({
  experiment,
  folder,
  draft,
  results,
}: Rendered): readonly Finding[] {
  const lock = currentLock(folder)?.lock
  if (!lock) return []
  const inUse = resultsOf(draft.lock)
  return [...madeFrom(lock, folder)].flatMap(([name, { version, digest }]): Finding[] => {
    if (inUse.get(name) === digest) return []
    const bytes = results.bytes(name)
    if (bytes !== undefined && digestOf(bytes) === digest) return []
    const changed = bytes !== undefined
    const file = `${folder.name}/results/${name}`
    return [
      {
        code: changed ? 'result-changed' : 'result-missing',
        experiment: experiment.id,
        file,
        message: changed
          ? `${file} is not the result that ${version} was made from`
          : `${file} is gone, and ${version} was made from it`,
        fix: `${restore(folder, `results/${name}`, bytes)}; to take a run out of use: \`exp drop ${experiment.id} RUN --why TEXT\``,
      },
    ]
  })
}

/** By name of a result: the newest version that rests on it, and the digest that it had. */
function madeFrom(
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

/** Reports whose experiment is gone. */
export function orphans(root: string): readonly Finding[] {
  const known = new Set(experimentIds(root))
  return reportFolderIds(root)
    .filter((id) => !known.has(id) && newestLockFile(root, id) !== undefined)
    .map((id) => ({
      code: 'stray',
      experiment: id,
      file: `reports/${id}`,
      message: `reports/${id} has a report, and there is no experiments/${id}.yaml`,
      fix: `bring the experiment back, or \`git rm -r reports/${id}\``,
    }))
}

/** @param onDisk undefined where there is no index */
export function compareIndex(onDisk: Buffer | undefined, expected: Buffer): readonly Finding[] {
  if (onDisk?.equals(expected)) return []
  const message = onDisk ? `${indexFile} is not what the reports say` : `${indexFile} is not there`
  return [
    {
      code: onDisk ? 'stale' : 'missing',
      file: indexFile,
      message,
      fix: '`exp report --all` mends it',
      ...(onDisk && { diff: textDifference(indexFile, onDisk, expected) }),
    },
  ]
}

/** @param bytes as the file is now, where it is there */
function restore(folder: ReportFolder, name: string, bytes: Buffer | undefined): string {
  const file = `${folder.name}/${name}`
  // Git takes a file that it has written with other line ends for unchanged, and writes it anew only where it is gone.
  if (bytes?.includes('\r\n') === true && !name.endsWith('.gz'))
    return `git changed its line ends: write \`reports/** -text\` into \`.gitattributes\`, then \`rm ${file} && git checkout -- ${file}\``
  return `\`git checkout -- ${file}\` brings it back`
}

interface Named {
  readonly name: string
  readonly code: FindingCode
  readonly message: string
}

function frozenFindings(folder: ReportFolder, draft: Draft): readonly Named[] {
  const current = currentLock(folder)
  if (!current) return []
  const before = ancestors(folder, current.lock)
  const chain = [current, ...before]
  const digests = new Map(chain.flatMap(({ lock }) => Object.entries(lock.frozen ?? {})))
  const lost = chain.at(-1)?.lock.previous
  const found: Named[] = [...digests].flatMap(([name, digest]): Named[] => {
    const bytes = folder.files.get(name)
    if (!bytes)
      return [
        {
          name,
          code: 'frozen-missing',
          message: `the frozen version ${folder.name}/${name} is gone`,
        },
      ]
    if (digestOf(bytes) === digest) return []
    const message = `the frozen version ${folder.name}/${name} is not what its lock says`
    return [{ name, code: 'frozen-changed', message }]
  })
  const known = new Set([
    ...digests.keys(),
    ...chain.map(({ file }) => file),
    ...draft.files.keys(),
  ])
  const strays = [...folder.files.keys()].filter(
    (name) => !known.has(name) && (lost === undefined || !name.startsWith(`${lost}.`)),
  )
  return [
    ...found,
    ...(lost === undefined ? [] : [lostLock(lost, folder)]),
    ...strays.map((name): Named => ({
      name,
      code: 'stray',
      message: `${folder.name}/${name} belongs to no version of the report`,
    })),
  ]
}

/** Without it, nobody knows what the frozen version was, nor those before it. */
function lostLock(version: string, folder: ReportFolder): Named {
  const name = lockFileOf(version)
  return { name, code: 'frozen-missing', message: `the lock ${folder.name}/${name} is gone` }
}

function staleFindings({ experiment: { id }, draft, folder }: Rendered): readonly Finding[] {
  const edited = new Set(draft.edits.map(({ file }) => file))
  const differing = [...draft.files].filter(
    ([name, bytes]) => !edited.has(name) && folder.files.get(name)?.equals(bytes) !== true,
  )
  // A lock says in figures what the reports say in words: one diff is enough.
  const reports = differing.filter(([name]) => name.startsWith('README'))
  const shown = reports.length > 0 ? reports : edited.size > 0 ? [] : differing
  const becomes =
    draft.freezes === undefined ? '' : `, ${draft.freezes} frozen and ${draft.version} begun`
  return shown.map(([name, bytes]) => {
    const file = `${folder.name}/${name}`
    const old = folder.files.get(name)
    return {
      code: old ? 'stale' : 'missing',
      experiment: id,
      file,
      message: old ? `${file} is not what the results say` : `${file} is not there`,
      fix: `\`exp report ${id}\` mends it${becomes}`,
      ...(old && { diff: textDifference(file, old, bytes) }),
    }
  })
}
