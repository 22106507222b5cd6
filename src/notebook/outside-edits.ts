/**
 * Finds text of a report that was changed outside its keep blocks, by the digest in the lock. Such text is never
 * overwritten silently.
 */
import { createTwoFilesPatch, diffLines } from 'diff'
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import { limits } from '../errors/limits.ts'
import { printable } from '../format/plain-text.ts'
import { joinParts, splitBlocks, withoutBodies, type Part } from './keep-block.ts'
import { mergeHint, digestOf } from './lock.ts'
import { newestLock, type ReportFolder } from './report-folder.ts'

export interface OutsideEdit {
  /** File name in the folder. */
  readonly file: string
  readonly bytes: Buffer
  /** The bytes before the edit or, if they cannot be reproduced, the bytes that would be written now. */
  readonly expected: Buffer
  /** True if the expected bytes have the digest in the lock. */
  readonly exact: boolean
}

/** A line that `--discard-edits` drops. */
export interface EditedLine {
  /** Relative to the project's root, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly text: string
}

/**
 * The reports whose text matches neither the newest lock nor what would be written now.
 * @param reports the reports that would be written now, by file name
 * @param originals the bytes that match the lock, by file name
 */
export function findOutsideEdits(
  folder: ReportFolder,
  reports: ReadonlyMap<string, readonly Part[]>,
  originals: ReadonlyMap<string, Buffer>,
): readonly OutsideEdit[] {
  const digests = newestLock(folder)?.lock.files ?? {}
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

/** The lines on disk that overwriting removes. */
export function discardedLines(
  folder: ReportFolder,
  edits: readonly OutsideEdit[],
): readonly EditedLine[] {
  return edits.flatMap(({ file, bytes, expected }) =>
    removedLines(bytes, expected).map((line) => ({ file: `${folder.name}/${file}`, ...line })),
  )
}

/** Throws `ExpError('edited')` with a diff and a hint if there are edits. */
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
    [
      'text was changed outside the keep blocks and would be overwritten:',
      ...diffs.flatMap((diff) => diff.split('\n')),
    ],
    editHint(id, folder, first),
  )
}

/**
 * Throws `ExpError('edited')` if a version must be frozen, but the text that it had before an edit cannot be
 * reproduced.
 */
export function refuseUnrestorable(
  frozenVersion: string,
  folder: ReportFolder,
  edits: readonly OutsideEdit[],
): void {
  const unrestorable = edits.find(({ exact }) => !exact)
  if (!unrestorable) return
  const file = `${folder.name}/${unrestorable.file}`
  throw new ExpError(
    'edited',
    `${file} was edited, but ${frozenVersion} must be frozen as it was`,
    `restore it first: \`git checkout -- ${forShell(file)}\`; if the edit is committed, find the commit that published it with \`git log ${forShell(file)}\`, then \`git checkout COMMIT -- ${forShell(file)}\``,
  )
}

/** The hint for text that was changed outside a keep block. */
export function editHint(id: string, folder: ReportFolder, { file, bytes }: OutsideEdit): string {
  const text = digestOf(withoutBodies(splitBlocks(bytes, `${folder.name}/${file}`)))
  const other = folder.locks.find(({ lock }) => lock.files[file] === text)
  const newest = newestLock(folder)?.file
  const merge = newest === undefined ? undefined : mergeHint(`${folder.name}/${newest}`)
  if (other && merge !== undefined)
    return `${file} belongs to ${other.lock.version}, but a newer lock exists: ${merge}, and remove the other lock`
  const move = `move the text into a keep block, or drop it with \`exp report ${forShell(id)} --discard-edits\``
  return merge === undefined ? move : `${move}; after a merge: ${merge}`
}

/** A unified diff of two texts with three lines of context and without control codes; empty if they are equal. */
export function textDifference(file: string, before: Uint8Array, after: Uint8Array): string {
  const [old, current] = [before, after].map((bytes) => Buffer.from(bytes).toString('utf8'))
  if (old === undefined || current === undefined || old === current) return ''
  const names = [`${file} (on disk)`, `${file} (from the results)`] as const
  const patch = createTwoFilesPatch(...names, old, current, '', '', { maxEditLength })
  if (patch === undefined)
    return `--- ${names[0]}\n+++ ${names[1]}\nThey differ in more than ${maxEditLength} lines: ${limits.differingLines.remedy}.\n`
  return printable(patch.slice(patch.indexOf('---')).replaceAll('\t\n', '\n'))
}

/** The first line of `before` that differs from the line at the same place in `after`, from 1. */
export function firstDifferentLine(before: Uint8Array, after: Uint8Array): number {
  const [old = [], current = []] = [before, after].map((bytes) =>
    Buffer.from(bytes).toString('utf8').split('\n'),
  )
  const at = old.findIndex((line, index) => line !== current[index])
  return at === -1 ? old.length : at + 1
}

/** Limits the time of a comparison, which otherwise grows with the product of the two lengths. */
const maxEditLength = limits.differingLines.max

/** For texts that differ in too many lines: all lines count as removed. */
function wholeChange(old: string) {
  return [{ added: false, removed: true, value: old, count: old.split('\n').length }]
}

/** The lines of `before` that are missing in `after`, with line numbers from 1, without control codes. */
function removedLines(
  before: Uint8Array,
  after: Uint8Array,
): readonly { readonly line: number; readonly text: string }[] {
  const [old = '', current = ''] = [before, after].map((bytes) =>
    Buffer.from(bytes).toString('utf8'),
  )
  const removed: { line: number; text: string }[] = []
  let line = 1
  for (const part of diffLines(old, current, { maxEditLength }) ?? wholeChange(old)) {
    if (part.added) continue
    if (part.removed)
      for (const [at, text] of part.value.replace(/\n$/, '').split('\n').entries())
        removed.push({ line: line + at, text: printable(text) })
    line += part.count
  }
  return removed
}
