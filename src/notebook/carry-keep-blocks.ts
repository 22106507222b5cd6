/** Inserts the keep blocks on disk into a new rendering, with the version that they were written for. */
import { type Locale, locales as everyLocale } from '../format/locales.generated.ts'
import { blocksOf, isBlank, splitBlocks, type KeepBlock, type Part } from './keep-block.ts'
import { digestOf, type Lock } from './lock.ts'
import type { NotebookWords } from './template-files.ts'
import { newestLock, readmeName, type ReportFolder } from './report-folder.ts'

/** For each block: the version that its text was written for, and the digest that the text had in that version. */
export type CarriedBlocks = Readonly<
  Record<string, { readonly from: string; readonly body: string }>
>

/**
 * Inserts the blocks of the file on disk into a new rendering. A block that the template no longer contains is
 * appended at the end, unless it is blank.
 * @param rendered the new rendering, split into parts
 * @param blocks the blocks on disk that people edited
 */
export function spliceBlocks(
  rendered: readonly Part[],
  blocks: readonly KeepBlock[],
  carried: CarriedBlocks,
  words: NotebookWords,
): readonly Part[] {
  const written = new Map(blocks.map((block) => [block.name, block]))
  const parts = rendered.flatMap((part): readonly Part[] => {
    const block = part.kind === 'block' ? written.get(part.name) : undefined
    if (part.kind !== 'block' || !block) return [part]
    written.delete(part.name)
    return [...versionLabel(block, carried, words), { ...part, body: block.body }]
  })
  return [
    ...parts,
    ...[...written.values()]
      .filter((block) => !isBlank(block))
      .flatMap((block) => orphanedBlock(block, carried, words)),
  ]
}

/** The blocks that the next version takes over. Unchanged text keeps the version that it was first written for. */
export function carryBlocks(lock: Lock, folder: ReportFolder): Lock['carried'] {
  return Object.fromEntries(
    Object.keys(lock.files).map((file) => {
      const before = lock.carried[file] ?? {}
      const written = editedBlocks(folder, file).filter((block) => !isBlank(block))
      const entries = written.map((block) => {
        const body = digestOf(block.body)
        const old = before[block.name]
        return [block.name, { from: old?.body === body ? old.from : lock.version, body }]
      })
      return [file, Object.fromEntries(entries)]
    }),
  )
}

/** The file name of this locale's report in the newest version, whose first locale may have been another one. */
export function previousFileName(
  locale: Locale,
  locales: readonly Locale[],
  before: Pick<Lock, 'locale'> | undefined,
): string {
  return readmeName(locale, before === undefined ? locales : [before.locale])
}

/**
 * The blocks that people edited in this locale's report. The first locale also gets the blocks of locales that the
 * experiment no longer has, with the locale added to their names.
 */
export function blocksToKeep(
  locale: Locale,
  folder: ReportFolder,
  locales: readonly Locale[],
): readonly KeepBlock[] {
  const before = newestLock(folder)?.lock
  const editedHere = editedBlocks(folder, previousFileName(locale, locales, before))
  if (before === undefined || locale !== locales[0]) return editedHere
  const removedLocales = everyLocale.filter((each) => !locales.includes(each))
  const orphaned = removedLocales.flatMap((each) => {
    const file = previousFileName(each, locales, before)
    if (before.files[file] === undefined) return []
    return editedBlocks(folder, file)
      .filter((block) => !isBlank(block))
      .map((block) => ({ ...block, name: `${block.name}-${each}` }))
  })
  return [...editedHere, ...orphaned]
}

/** The number of bytes that a report must leave free for these blocks, their markers and their labels. */
export function reservedBytes(blocks: readonly KeepBlock[]): number {
  return blocks.reduce((sum, { body }) => sum + body.length + markerBytes, 0)
}

/** An upper bound for the bytes of a block's markers and labels. */
const markerBytes = 400

/** The blocks that people edited: their bodies differ from the template's. */
export function editedBlocks(folder: ReportFolder, file: string): readonly KeepBlock[] {
  const bytes = folder.files.get(file)
  if (!bytes) return []
  const unwritten = newestLock(folder)?.lock.unwritten[file] ?? {}
  return blocksOf(splitBlocks(bytes, `${folder.name}/${file}`)).filter(
    ({ name, body }) => unwritten[name] !== digestOf(body),
  )
}

/** For each block, the digest of the body that the template contains. */
export function templateDigests(rendered: readonly Part[]): Readonly<Record<string, string>> {
  return Object.fromEntries(blocksOf(rendered).map(({ name, body }) => [name, digestOf(body)]))
}

/** A label with the version that the text was written for. Empty if the text was edited in this version. */
function versionLabel(
  block: KeepBlock,
  carried: CarriedBlocks,
  words: NotebookWords,
): readonly Part[] {
  const entry = carried[block.name]
  if (entry?.body !== digestOf(block.body)) return []
  return [textPart(`*${words.text('kept.writtenFor', { version: entry.from })}*\n\n`)]
}

/** A block that the template no longer contains, with a label that says so. */
function orphanedBlock(
  block: KeepBlock,
  carried: CarriedBlocks,
  words: NotebookWords,
): readonly Part[] {
  return [
    textPart(`\n*${words.text('kept.orphaned')}*\n\n`),
    ...versionLabel(block, carried, words),
    { ...block, kind: 'block', opening: marker('keep', block), closing: marker('end', block) },
  ]
}

function marker(kind: 'keep' | 'end', { name }: KeepBlock): Buffer {
  return Buffer.from(`<!-- exp:${kind} ${name} -->\n`)
}

function textPart(text: string): Part {
  return { kind: 'text', bytes: Buffer.from(text) }
}
