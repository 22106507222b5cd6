/** Text of a report that was changed outside its keep blocks: told by the digest in the lock, and never overwritten in silence. */
import { ExpError } from '../errors/exp-error.ts'
import { digestOf } from './digest.ts'
import { joinParts, splitBlocks, withoutBodies, type Part } from './keep-block.ts'
import { mergeHint } from './lock.ts'
import { currentLock, type ReportFolder } from './report-folder.ts'
import { removedLines, textDifference } from './text-difference.ts'

export interface OutsideEdit {
  /** File name in the folder. */
  readonly file: string
  readonly bytes: Buffer
  /** What stands there without the edit; what would be written now, where that cannot be had again. */
  readonly expected: Buffer
  /** The expected bytes are those that the lock tells of. */
  readonly exact: boolean
}

/** A line that was dropped, or would be. */
export interface EditedLine {
  /** From the project's root, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly text: string
}

/**
 * The reports whose text is neither what the newest lock says nor what would be written now.
 * @param reports by file name, as they would be written now
 * @param originals by file name, what the lock tells of
 */
export function findOutsideEdits(
  folder: ReportFolder,
  reports: ReadonlyMap<string, readonly Part[]>,
  originals: ReadonlyMap<string, Buffer>,
): readonly OutsideEdit[] {
  const digests = currentLock(folder)?.lock.files ?? {}
  return [...reports].flatMap(([file, parts]) => {
    const bytes = folder.files.get(file)
    if (!bytes) return []
    const text = withoutBodies(splitBlocks(bytes, `${folder.name}/${file}`))
    const known = digestOf(text) === digests[file] || text.equals(withoutBodies(parts))
    const original = originals.get(file)
    const expected = original ?? joinParts(parts)
    return known ? [] : [{ file, bytes, expected, exact: original !== undefined }]
  })
}

/** The lines that are on the disk and would go. */
export function discardedLines(
  folder: ReportFolder,
  edits: readonly OutsideEdit[],
): readonly EditedLine[] {
  return edits.flatMap(({ file, bytes, expected }) =>
    removedLines(bytes, expected).map((line) => ({ file: `${folder.name}/${file}`, ...line })),
  )
}

/** Throws `ExpError('edited')` with a diff and the way out, where there is any edit. */
export function refuseOutsideEdits(
  id: string,
  folder: ReportFolder,
  edits: readonly OutsideEdit[],
): void {
  const [first] = edits
  if (!first) return
  const diffs = edits.map(({ file, bytes, expected }) =>
    textDifference(`${folder.name}/${file}`, bytes, expected),
  )
  throw new ExpError(
    'edited',
    `text was changed outside the keep blocks, and would be overwritten:\n${diffs.join('\n')}`,
    editHint(id, folder, first),
  )
}

/** What to do about text that was changed outside a keep block. */
export function editHint(id: string, folder: ReportFolder, { file, bytes }: OutsideEdit): string {
  const text = digestOf(withoutBodies(splitBlocks(bytes, `${folder.name}/${file}`)))
  const other = folder.locks.find(({ lock }) => lock.files[file] === text)
  if (other)
    return `${file} is that of ${other.lock.version}, beside a newer lock: ${mergeHint}, and remove the other lock`
  return `move the words into a keep block, or drop them with \`exp report ${id} --discard-edits\`; after a merge: ${mergeHint}`
}
