/** A draft beside the disk. Reads nothing but what it is given, and writes nothing. */
import { digestOf } from './digest.ts'
import type { Draft } from './draft.ts'
import type { Finding, FindingCode } from './finding.ts'
import type { Lock } from './lock.ts'
import { ancestors, currentLock, type ReportFolder } from './report-folder.ts'
import { textDifference } from './text-difference.ts'

/** All that is wrong with one experiment's folder, the gravest first; empty where nothing is. */
export function compareFolder(id: string, draft: Draft, folder: ReportFolder): readonly Finding[] {
  const at = (name: string): { experiment: string; file: string } => ({
    experiment: id,
    file: `${folder.name}/${name}`,
  })
  const restore = (name: string): string =>
    `\`git checkout -- ${folder.name}/${name}\` brings it back`
  const frozen = frozenFindings(folder, draft).map(({ name, code, message }) => ({
    code,
    ...at(name),
    message,
    fix: code === 'stray' ? `\`git rm ${folder.name}/${name}\`` : restore(name),
  }))
  const results = resultFindings(folder, draft.lock).map(({ name, code, message }) => ({
    code,
    ...at(name),
    message,
    fix: `${restore(name)}; if it is meant to be so, \`exp drop ${id} RUN --why TEXT\` takes its run out of use`,
  }))
  const edits = draft.edits.map(({ file, bytes, expected }) => ({
    code: 'edited' as const,
    ...at(file),
    message: `text of ${folder.name}/${file} was changed outside its keep blocks`,
    fix: editFix(id),
    diff: textDifference(at(file).file, bytes, expected),
  }))
  const edited = new Set(draft.edits.map(({ file }) => file))
  return [...frozen, ...results, ...edits, ...staleFindings(id, draft, folder, edited)]
}

/** What to do about text that was changed outside a keep block. */
export function editFix(id: string): string {
  return `move the words into a keep block, or drop them with \`exp report ${id} --discard-edits\``
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
  const digests = new Map(before.flatMap(({ lock }) => Object.entries(lock.frozen ?? {})))
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
    ...before.map(({ file }) => file),
    current.file,
    ...draft.files.keys(),
  ])
  const strays = [...folder.files.keys()].filter((name) => !known.has(name))
  return [
    ...found,
    ...strays.map((name): Named => ({
      name,
      code: 'stray',
      message: `${folder.name}/${name} belongs to no version of the report`,
    })),
  ]
}

/** Results that the version on the disk was made from, and that are others now, or gone. */
function resultFindings(folder: ReportFolder, now: Lock): readonly Named[] {
  const lock = currentLock(folder)?.lock
  if (!lock) return []
  const inUse = new Map(
    Object.values(now.configs).flatMap(({ results }) => Object.entries(results)),
  )
  const made = Object.values(lock.configs).flatMap(({ results }) => Object.entries(results))
  return made.flatMap(([file, digest]): Named[] => {
    const current = inUse.get(file)
    if (current === digest || current === undefined) return []
    const message = `${folder.name}/results/${file} is not the result that ${lock.version} was made from`
    return [{ name: `results/${file}`, code: 'result-changed', message }]
  })
}

function staleFindings(
  id: string,
  draft: Draft,
  folder: ReportFolder,
  edited: ReadonlySet<string>,
): readonly Finding[] {
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
