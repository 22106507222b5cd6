/**
 * The files that an experiment's folder in `reports/` should have, computed in memory: the version, its reports, its
 * lock, and the frozen files of the previous version. Publishing writes them; `exp check` compares them with the disk.
 */
import type { Chart } from '../charts/chart.ts'
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { ReportVersion } from '../report/report-input.ts'
import { findOutsideEdits, type OutsideEdit } from './outside-edits.ts'
import { joinParts, splitBlocks, withoutBodies, type Part } from './keep-block.ts'
import {
  carryBlocks,
  previousFileName,
  reservedBytes,
  spliceBlocks,
  templateDigests,
  blocksToKeep,
} from './carry-keep-blocks.ts'
import { chartFiles, damagedCharts, lockedCharts } from './chart-files.ts'
import {
  lockBytes,
  lockFileOf,
  lockFormat,
  digestOf,
  hasCharts,
  type Lock,
  type LockFormat,
} from './lock.ts'
import type { LockContent } from './lock-content.ts'
import type { WordsOf } from './template-files.ts'
import { planVersion, reportVersion } from './versions.ts'
import {
  newestLock,
  frozenName,
  readmeName,
  type LockFile,
  type ReportFolder,
} from './report-folder.ts'

/** Options of a draft that depend on its purpose: comparing with the disk, or writing. */
export interface DraftPurpose {
  /** True to use the newest lock format. If false, a version keeps the format in which its lock was written. */
  readonly upgrade?: boolean
  /** True to draw every chart again. */
  readonly redraw?: boolean
}

export interface ReportDraftInput extends DraftPurpose {
  /** The experiment's locales; README.md is in the first. */
  readonly locales: readonly [Locale, ...Locale[]]
  readonly contentIn: (format: LockFormat) => LockContent
  readonly folder: ReportFolder
  readonly wordsOf: WordsOf
  /** Renders the report with its charts. Pure. See `renderReport` for `isAlreadyRendered` and `reserved`. */
  readonly render: (
    locale: Locale,
    version: ReportVersion,
    charts: readonly Chart[],
    isAlreadyRendered: (text: string) => boolean,
    reserved: number,
  ) => string
  /** The charts of the report, as data. Pure. */
  readonly charts: (locale: Locale, version: ReportVersion) => readonly Chart[]
  /** The answer as sentences. */
  readonly answer: (locale: Locale, version: ReportVersion) => readonly string[]
  /** One line per hypothesis with its verdict. */
  readonly verdicts: (locale: Locale, version: ReportVersion) => readonly string[]
  /** The lock with its texts in this language, where the experiment's file has them. */
  readonly inLocale: (lock: LockContent, locale: Locale) => LockContent
  /** The bytes that edited reports and charts had before, by name. They are frozen in place of the edited bytes. */
  readonly originals?: ReadonlyMap<string, Buffer>
}

export interface ReportDraft {
  readonly version: string
  readonly state: 'open' | 'closed'
  readonly lock: Lock
  /** The previous version, if this draft is the first to follow it: its files become frozen. */
  readonly frozenVersion?: string
  /** The bytes of each file, by its name in the folder, in the order in which they must be written. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Charts on disk that this version no longer has. Publishing removes them. */
  readonly removed: readonly string[]
  /** The answer as sentences, in any language. */
  readonly answer: (locale: Locale) => readonly string[]
  /** One line per hypothesis with its verdict, in any language. */
  readonly verdicts: (locale: Locale) => readonly string[]
  /** Reports on disk whose text was changed outside keep blocks. */
  readonly edits: readonly OutsideEdit[]
  /** Charts of the version to freeze that are missing or were changed, for example by a merge. */
  readonly damagedCharts: readonly string[]
}

/** Throws `ExpError` if the keep blocks on disk are malformed. */
export async function draftOf(input: ReportDraftInput): Promise<ReportDraft> {
  const { contentIn, folder, locales } = input
  const newest = contentIn(lockFormat)
  const plan = planVersion(newest, folder)
  const { version, toFreeze, existing } = plan
  const format = formatOf(existing?.lock, input)
  const content = format === lockFormat ? newest : contentIn(format)
  const versionIn = (locale: Locale): ReportVersion =>
    reportVersion(version, content, plan.earlier, locale, locales, input.inLocale)
  const carried = carriedByNewName(
    toFreeze ? carryBlocks(toFreeze.lock, folder) : (existing?.lock.carried ?? {}),
    locales,
    newestLock(folder)?.lock,
  )
  const chartsByLocale = new Map(
    locales.map((locale) => [locale, input.charts(locale, versionIn(locale))]),
  )
  const reports = [...chartsByLocale].map(([locale, charts]) =>
    draftReport(locale, versionIn(locale), charts, existing?.lock, carried, input),
  )
  const charts = await chartFiles({
    version,
    charts: chartsByLocale,
    existing: existing?.lock,
    folder,
    redraw: input.redraw ?? false,
  })
  const answer = (locale: Locale) => input.answer(locale, versionIn(locale))
  const previous = toFreeze ? toFreeze.lock.version : existing?.lock.previous
  const lock: Lock = {
    ...content,
    version,
    ...(previous !== undefined && { previous }),
    ...lockedAnswers(locales, answer),
    ...lockedReports(reports),
    carried,
    ...(hasCharts(content.lockFormat) && { charts: charts.locked }),
  }
  const parts = new Map(reports.map((report) => [report.file, report.parts]))
  return {
    version,
    state: content.state,
    lock,
    ...(toFreeze && { frozenVersion: toFreeze.lock.version }),
    files: new Map([
      ...(toFreeze ? freeze(toFreeze, folder, input.originals) : []),
      ...charts.files,
      ...reports.map((report): [string, Buffer] => [report.file, joinParts(report.parts)]),
      [lockFileOf(version), lockBytes(lock)],
    ]),
    removed: [...(existing ? lockedCharts(existing.lock).keys() : [])].filter(
      (file) => folder.files.has(file) && !charts.files.has(file),
    ),
    answer,
    verdicts: (locale) => input.verdicts(locale, versionIn(locale)),
    damagedCharts: toFreeze ? damagedCharts(toFreeze.lock, folder) : [],
    edits: findOutsideEdits(folder, parts, input.originals ?? new Map()),
  }
}

function lockedAnswers(
  [first, ...others]: ReportDraftInput['locales'],
  answer: (locale: Locale) => readonly string[],
): Pick<Lock, 'answer' | 'answers'> {
  return {
    answer: [...answer(first)],
    ...(others.length > 0 && {
      answers: Object.fromEntries(others.map((locale) => [locale, [...answer(locale)]])),
    }),
  }
}

/** The digests of the reports and of the keep blocks in their templates. */
function lockedReports(reports: readonly DraftedReport[]): Pick<Lock, 'unwritten' | 'files'> {
  return {
    unwritten: Object.fromEntries(
      reports.map(({ file, rendered }) => [file, templateDigests(rendered)]),
    ),
    files: Object.fromEntries(
      reports.map(({ file, parts }) => [file, digestOf(withoutBodies(parts))]),
    ),
  }
}

/** The lock format of a version: the newest one or, without `upgrade`, the one in which it was written. */
function formatOf(existing: Lock | undefined, { upgrade = false }: DraftPurpose): LockFormat {
  return existing === undefined || upgrade ? lockFormat : existing.lockFormat
}

interface DraftedReport {
  readonly file: string
  /** The rendered report, with the bodies of keep blocks from the template. */
  readonly rendered: readonly Part[]
  /** The same, with the keep blocks on disk. */
  readonly parts: readonly Part[]
}

/**
 * Renders one report and inserts the keep blocks on disk.
 * @param existing the lock of this version, if it was rendered before
 */
function draftReport(
  locale: Locale,
  version: ReportVersion,
  charts: readonly Chart[],
  existing: Lock | undefined,
  carried: Lock['carried'],
  { folder, locales, render, wordsOf }: ReportDraftInput,
): DraftedReport {
  const file = readmeName(locale, locales)
  const blocks = blocksToKeep(locale, folder, locales)
  const split = (text: string): readonly Part[] =>
    splitBlocks(Buffer.from(text), `${folder.name}/${file} as rendered`)
  const withBlocks = (rendered: readonly Part[]): readonly Part[] =>
    spliceBlocks(rendered, blocks, carried[file] ?? {}, wordsOf(locale))
  const isAlreadyRendered = (text: string): boolean =>
    digestOf(withoutBodies(withBlocks(split(text)))) === existing?.files[file]
  const rendered = split(render(locale, version, charts, isAlreadyRendered, reservedBytes(blocks)))
  return { file, rendered, parts: withBlocks(rendered) }
}

/** The carried blocks by the reports' current file names, which differ if the first locale has changed. */
function carriedByNewName(
  carried: Lock['carried'],
  locales: ReportDraftInput['locales'],
  before: Lock | undefined,
): Lock['carried'] {
  return Object.fromEntries(
    locales.flatMap((locale) => {
      const blocks = carried[previousFileName(locale, locales, before)]
      return blocks === undefined ? [] : [[readmeName(locale, locales), blocks]]
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
  const frozen: Record<string, string> = {}
  for (const name of Object.keys(lock.files)) {
    const bytes = originals?.get(name) ?? folder.files.get(name)
    if (!bytes)
      throw new ExpError(
        'edited',
        `${folder.name}/${name} does not exist, but ${lock.version} must be frozen as it was`,
        `restore it: \`git checkout -- ${forShell(`${folder.name}/${name}`)}\``,
      )
    const linked = withFrozenLinks(bytes, lock, folder)
    files.set(frozenName(name, lock.version), linked)
    frozen[frozenName(name, lock.version)] = digestOf(linked)
  }
  // Charts keep their place; their digests are in the lock already.
  for (const name of lockedCharts(lock).keys()) {
    const bytes = originals?.get(name)
    if (bytes !== undefined) files.set(name, bytes)
  }
  return files.set(file, lockBytes({ ...lock, frozen }))
}

/**
 * The report with its links to other languages pointing to the frozen files of the same version. Keep blocks are
 * unchanged.
 */
function withFrozenLinks(bytes: Buffer, { files, version }: Lock, folder: ReportFolder): Buffer {
  const names = Object.keys(files)
  const parts = splitBlocks(bytes, `${folder.name}/${version}`).map((part): Part => {
    if (part.kind === 'block') return part
    const text = names.reduce(
      (text, name) => text.replaceAll(`](${name})`, `](${frozenName(name, version)})`),
      part.bytes.toString('utf8'),
    )
    return { ...part, bytes: Buffer.from(text) }
  })
  return joinParts(parts)
}
