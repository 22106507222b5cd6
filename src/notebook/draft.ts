/**
 * The contents that an experiment's folder in `reports/` should have, computed in memory: the version, its reports,
 * its lock, and the frozen files of the version before. Publishing writes a draft, `exp check` compares it.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Locale } from '../format/locale.ts'
import type { ReportVersion } from '../report/report-input.ts'
import { digestOf } from './digest.ts'
import { findOutsideEdits, type OutsideEdit } from './outside-edits.ts'
import { joinParts, splitBlocks, withoutBodies, type Part } from './keep-block.ts'
import {
  carryBlocks,
  previousFileName,
  reservedBytes,
  spliceBlocks,
  templateDigests,
  blocksToKeep,
} from './kept-blocks.ts'
import { lockBytes, lockFileOf, type Lock } from './lock.ts'
import type { LockContent } from './lock-content.ts'
import type { WordsOf } from './notebook-words.ts'
import { planVersion, reportVersion } from './version-plan.ts'
import {
  currentLock,
  frozenName,
  readmeName,
  type LockFile,
  type ReportFolder,
} from './report-folder.ts'

export interface DraftInput {
  /** The experiment's locales; README.md is in the first. */
  readonly locales: readonly [Locale, ...Locale[]]
  readonly content: LockContent
  readonly folder: ReportFolder
  readonly wordsOf: WordsOf
  /** Renders the report; pure. For `isComposed` and `reserved` see `renderReport`. */
  readonly render: (
    locale: Locale,
    version: ReportVersion,
    isComposed: (text: string) => boolean,
    reserved: number,
  ) => string
  /** The answer as sentences, in the first locale. */
  readonly answer: (version: ReportVersion) => readonly string[]
  /** One line per hypothesis with its verdict, in the first locale. */
  readonly verdicts: (version: ReportVersion) => readonly string[]
  /** By file name, the bytes that edited reports had before the edit; they are frozen instead of the edited bytes. */
  readonly originals?: ReadonlyMap<string, Buffer>
}

export interface Draft {
  readonly version: string
  readonly state: 'open' | 'closed'
  readonly lock: Lock
  /** The previous version, if this draft is the first to follow it: its files become frozen. */
  readonly frozenVersion?: string
  /** By file name in the folder, in the order in which they must be written. */
  readonly files: ReadonlyMap<string, Buffer>
  /** One line per hypothesis with its verdict, in the first locale. */
  readonly verdicts: () => readonly string[]
  /** Reports on disk whose text was changed outside keep blocks. */
  readonly edits: readonly OutsideEdit[]
}

/** Throws `ExpError` if the keep blocks on disk are malformed. */
export function draftOf(input: DraftInput): Draft {
  const { content, folder } = input
  const place = planVersion(content, folder)
  const { freezes, existing: same } = place
  const before = currentLock(folder)?.lock
  const carriedBefore = freezes ? carryBlocks(freezes.lock, folder) : (same?.lock.carried ?? {})
  const carried = renamed(carriedBefore, input.locales, before)
  const versionIn = (locale: Locale): ReportVersion =>
    reportVersion(place.version, content, place.earlier, locale, input.locales)
  const splice = (file: string, locale: Locale, text: readonly Part[]): readonly Part[] =>
    spliceBlocks(
      text,
      blocksToKeep(locale, folder, input.locales),
      carried[file] ?? {},
      input.wordsOf(locale),
    )
  const rendered = input.locales.map((locale) => {
    const file = readmeName(locale, input.locales)
    const takeApart = (text: string): readonly Part[] =>
      splitBlocks(Buffer.from(text), `${folder.name}/${file} as rendered`)
    const isComposed = (text: string): boolean =>
      digestOf(withoutBodies(splice(file, locale, takeApart(text)))) === same?.lock.files[file]
    const room = reservedBytes(blocksToKeep(locale, folder, input.locales))
    const text = input.render(locale, versionIn(locale), isComposed, room)
    return { file, locale, parts: takeApart(text) }
  })
  const reports = new Map(
    rendered.map(({ file, locale, parts }) => [file, splice(file, locale, parts)]),
  )
  const previous = freezes ? freezes.lock.version : same?.lock.previous
  const lock: Lock = {
    ...content,
    version: place.version,
    ...(previous !== undefined && { previous }),
    answer: [...input.answer(versionIn(input.locales[0]))],
    unwritten: Object.fromEntries(
      rendered.map(({ file, parts }) => [file, templateDigests(parts)]),
    ),
    carried,
    files: Object.fromEntries(
      [...reports].map(([file, parts]) => [file, digestOf(withoutBodies(parts))]),
    ),
  }
  return {
    version: place.version,
    state: content.state,
    lock,
    ...(freezes && { frozenVersion: freezes.lock.version }),
    files: new Map([
      ...(freezes ? freeze(freezes, folder, input.originals) : []),
      ...[...reports].map(([file, parts]): [string, Buffer] => [file, joinParts(parts)]),
      [lockFileOf(place.version), lockBytes(lock)],
    ]),
    verdicts: () => input.verdicts(versionIn(input.locales[0])),
    edits: findOutsideEdits(folder, reports, input.originals ?? new Map()),
  }
}

/** The carried blocks by the names that the reports have now: the first locale may have changed. */
function renamed(
  carried: Lock['carried'],
  locales: DraftInput['locales'],
  before: Lock | undefined,
): Lock['carried'] {
  return Object.fromEntries(
    locales.flatMap((locale) => {
      const words = carried[previousFileName(locale, locales, before)]
      return words === undefined ? [] : [[readmeName(locale, locales), words]]
    }),
  )
}

/**
 * The version's reports under their frozen names, and its lock with their digests. Empty if the version is already
 * frozen, for example after an interrupted write.
 */
function freeze(
  { file, lock }: LockFile,
  folder: ReportFolder,
  originals: ReadonlyMap<string, Buffer> | undefined,
): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  if (lock.frozen) return files
  for (const name of Object.keys(lock.files)) {
    const bytes = originals?.get(name) ?? folder.files.get(name)
    if (!bytes)
      throw new ExpError(
        'edited',
        `${folder.name}/${name} does not exist, but ${lock.version} must be frozen as it was`,
        `restore it: \`git checkout -- ${folder.name}/${name}\``,
      )
    files.set(frozenName(name, lock.version), bytes)
  }
  const frozen = Object.fromEntries([...files].map(([name, bytes]) => [name, digestOf(bytes)]))
  return files.set(file, lockBytes({ ...lock, frozen }))
}
