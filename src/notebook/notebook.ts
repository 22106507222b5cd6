/**
 * The notebook: the folder `reports/` of a project.
 *
 * Input: experiments and their stored results. Output: versioned reports with their locks, the text that people
 * wrote in them, and the index. Everything is rendered in memory first; `publish` writes the files that differ,
 * `check` reports them. Uses no clock and no network.
 */
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { checksOf, inLocale } from '../experiment/in-locale.ts'
import type { Locale } from '../format/locales.generated.ts'
import { withCheckLabels } from '../report/labels.ts'
import { versionChangeText } from '../report/versions.ts'
import { changesSince, type ChangesSince } from './changes-since.ts'
import { checkNotebook, type CheckedNotebook } from './check.ts'
import { differenceText, type DifferenceFormat } from './difference-text.ts'
import type { VersionDifference } from './difference.ts'
import { differenceOfLocks } from './lock-difference.ts'
import { refuseChangedResults } from './findings.ts'
import { assertIndexUnedited, writeIndex, indexFile } from './index-page.ts'
import { listExperiments, type ExperimentList } from './overview.ts'
import type { Lock } from './lock.ts'
import { translatedLock } from './lock-texts.ts'
import type { NotebookWords, WordsOf } from './template-files.ts'
import type { Reasons } from './no-verdict.ts'
import { nextFile, type NextFile } from './next-file.ts'
import { refuseOutsideEdits } from './outside-edits.ts'
import { publishReport, type Published, type PublishOptions } from './publish-report.ts'
import { planPrune, type PrunePlan } from './prune.ts'
import {
  currentExperiment,
  experimentId,
  experimentIds,
  idOf,
  noReportOf,
  readExperiment,
} from './project.ts'
import { Renderer } from './renderer.ts'
import {
  NewestLocks,
  pairOfVersions,
  readReportFolder,
  reportFolderIds,
  writtenFolders,
} from './report-folder.ts'
import type { Commit } from '../files/git-files.ts'
import { namesIn } from '../files/read-files.ts'
import { assertNoLink, assertWritableFolder, removeLeftovers } from '../files/write-files.ts'

export interface NotebookOptions {
  /** The project's root, absolute; see `findRoot`. */
  readonly root: string
  /** An absolute folder of templates that override those of the package and the project. */
  readonly templates?: string
}

export function openNotebook(options: NotebookOptions): Notebook {
  return new Notebook(options)
}

export class Notebook {
  readonly root: string
  readonly #renderer: Renderer
  readonly #locks: NewestLocks
  readonly #wordsOf: WordsOf = (locale) => this.words(locale)

  constructor({ root, templates }: NotebookOptions) {
    this.root = root
    this.#renderer = new Renderer(root, templates)
    this.#locks = new NewestLocks(root)
  }

  /** The words of the notebook in one locale. */
  words(locale: Locale): NotebookWords {
    return this.#renderer.notebookWords(locale)
  }

  /** The experiments that have a report or stored results, sorted by code unit. `--all` selects these. */
  ids(): readonly string[] {
    const folders = new Set(reportFolderIds(this.root))
    return experimentIds(this.root).filter((id) => folders.has(id))
  }

  /** The id of an experiment that exists, from its id or file name. Throws `ExpError` if it does not exist. */
  id(name: string): string {
    return experimentId(this.root, name)
  }

  /** Reads an experiment, by its id or file name. Throws `ExpError` if the file does not exist or is invalid. */
  experiment(name: string, known = this.known()): Experiment {
    return readExperiment(this.root, experimentId(this.root, name, known), known)
  }

  /** The ids of all experiments. If you read many experiments, call it once. */
  known(): readonly string[] {
    return experimentIds(this.root)
  }

  /**
   * Throws the `ExpError` that publishing would throw: `edited` for text that people changed outside keep blocks, for a
   * broken block or for an unreadable lock, `result-file` for a stored result that was changed. Call it before
   * measuring.
   */
  async assertUnedited(experiment: Experiment): Promise<void> {
    const rendered = await this.#renderer.renderForComparison(experiment)
    refuseChangedResults(rendered)
    refuseOutsideEdits(experiment.id, rendered.folder, rendered.draft.edits)
    assertIndexUnedited(this.root, this.#wordsOf)
    this.#locks.read() // throws if the lock of any experiment is unreadable
  }

  /** Throws `ExpError` if anything that publishing writes cannot be written. Call it before measuring. */
  assertWritable(id: string): void {
    const folder = `reports/${id}`
    for (const each of writtenFolders(this.root, id)) assertWritableFolder(this.root, each)
    for (const name of namesIn(this.root, folder)) assertNoLink(this.root, `${folder}/${name}`)
    assertNoLink(this.root, indexFile)
  }

  /** The bytes that the report in the first locale would have now. */
  async preview(experiment: Experiment): Promise<Buffer> {
    const { draft } = await this.#renderer.render(experiment, { upgrade: true })
    return draft.files.get('README.md') ?? Buffer.alloc(0)
  }

  /**
   * Writes the files that differ: report, lock, frozen version, index. Throws `ExpError`: `edited` for text that was
   * changed outside keep blocks unless `discardEdits` is set, `result-file` for a stored result that was changed.
   */
  async publish(experiment: Experiment, options: PublishOptions = {}): Promise<Published> {
    this.assertIndexUnedited(options)
    const published = await this.publishReport(experiment, options)
    const index = await this.publishIndex(options)
    return {
      ...published,
      written: [...published.written, ...index.written],
      discardedLines: [...published.discardedLines, ...index.discardedLines],
    }
  }

  /** Throws `ExpError('edited')` for text that people wrote in the index, unless `discardEdits` is set. */
  assertIndexUnedited({ discardEdits = false }: PublishOptions = {}): void {
    if (!discardEdits) assertIndexUnedited(this.root, this.#wordsOf)
  }

  /**
   * Like `publish`, without the index. Before several reports, call `assertIndexUnedited`; after them, write the index
   * once.
   */
  async publishReport(experiment: Experiment, options: PublishOptions = {}): Promise<Published> {
    return publishReport(this.#renderer, experiment, options)
  }

  /**
   * Writes the index if it differs. Throws `ExpError('edited')` for text that people wrote in it, unless `discardEdits`
   * is set.
   */
  async publishIndex(
    options: PublishOptions = {},
  ): Promise<Pick<Published, 'written' | 'discardedLines'>> {
    this.assertIndexUnedited(options)
    await removeLeftovers(this.root, 'reports')
    return writeIndex(this.root, this.#locks.read(), this.#wordsOf)
  }

  /**
   * Compares the disk with what publishing would write. Writes nothing. A report that cannot be rendered is a finding.
   * @param ids the experiments to check; by default all that have a report
   * @param redraw true to draw every chart again
   * @param locale of the statements of hypotheses; by default each experiment's first one
   */
  async check(ids?: readonly string[], redraw = false, locale?: Locale): Promise<CheckedNotebook> {
    const scope = { ids: ids ?? this.ids(), isComplete: ids === undefined, redraw, locale }
    return checkNotebook(this.root, this.#renderer, this.#locks, scope)
  }

  /**
   * All experiments, those with a report first.
   * @param locale of their texts; by default each experiment's first one
   */
  list(locale?: Locale): ExperimentList {
    return listExperiments(this.root, this.#locks, locale)
  }

  /**
   * The locks of an experiment, newest first. Throws `ExpError` if it has no report.
   * @param locale of their texts; by default the one that they are stored in
   */
  versions(name: string, locale?: Locale): readonly Lock[] {
    const id = idOf(name)
    const locks = readReportFolder(this.root, id).locks.map(({ lock }) =>
      translatedLock(this.root, lock, locale),
    )
    if (locks.length > 0) return locks.reverse()
    throw noReportOf(this.root, id)
  }

  /** Why hypotheses of a version have no verdict, by id, in the lock's locale; see `Renderer.verdictReasons`. */
  async verdictReasons(lock: Lock): Promise<Reasons> {
    return this.#renderer.verdictReasons(lock)
  }

  /** A lock with its texts in a language, as far as the experiment's file has them. */
  inLocale(lock: Lock, locale: Locale): Lock {
    return translatedLock(this.root, lock, locale)
  }

  /**
   * The differences between two versions of a report. Throws `ExpError` if a version does not exist. Figures are tested
   * if the experiment's file is valid and the results of both versions are stored.
   * @param from by default the version before `to`
   * @param to by default the newest version
   * @param locale of its texts; by default the experiment's first one
   */
  async difference(
    name: string,
    from?: string,
    to?: string,
    locale?: Locale,
  ): Promise<VersionDifference> {
    const pair = pairOfVersions(name, this.versions(name, locale), from, to)
    return differenceOfLocks(this.root, this.#renderer, ...pair)
  }

  /**
   * What changed since a commit of git; empty if nothing did.
   * @param names ids or file names; by default all experiments that have a report now or in the commit
   * @param locale of the texts; by default each experiment's first one
   */
  async changesSince(
    commit: Commit,
    names?: readonly string[],
    locale?: Locale,
  ): Promise<ChangesSince> {
    const inLocale = (lock: Lock) => translatedLock(this.root, lock, locale)
    return changesSince(this.root, this.#renderer, commit, inLocale, names?.map(idOf))
  }

  /** A difference as text, in its language. */
  describe(difference: VersionDifference, format: DifferenceFormat): string {
    const { locale } = difference
    const words = this.#renderer.reportWords(locale)
    const changes = difference.changes.map((change) => versionChangeText(change, { words }))
    const experiment = currentExperiment(this.root, difference.experiment)
    const checks = experiment ? checksOf(inLocale(experiment, locale)) : []
    const metricWords = withCheckLabels(this.#renderer.metricWords(locale), checks)
    return differenceText(difference, changes, format, this.words(locale), metricWords)
  }

  /**
   * Excludes a run, unless it already is, and publishes the report without it. Throws `ExpError` if the experiment has
   * no such run.
   * @param droppedAt ISO 8601 with offset
   */
  async drop(
    experiment: Experiment,
    run: string,
    why: string,
    droppedAt: string,
  ): Promise<Published> {
    await this.assertUnedited(experiment)
    const store = this.#renderer.storeOf(experiment.id)
    const runs = [...new Set((await store.list()).map(({ header }) => header.run))]
    if (!runs.includes(run))
      throw new ExpError(
        'invalid-input',
        `\`${experiment.id}\` has no run \`${run}\``,
        didYouMean(run, runs, `\`exp show ${forShell(experiment.id)}\` lists the runs in use`),
      )
    const isDropped = store.dropped().some((dropped) => dropped.run === run)
    if (!isDropped) await store.drop({ run, why, droppedAt })
    return this.publish(experiment)
  }

  /** What `exp prune` would shrink. Throws `ExpError` for outside edits and changed results. */
  async planPrune(experiment: Experiment, keep: number): Promise<PrunePlan> {
    await this.assertUnedited(experiment)
    return planPrune(this.root, this.#renderer, experiment, keep)
  }

  /** The file of an experiment that tests a cause which the report names; writes nothing. */
  async next(experiment: Experiment, cause: string): Promise<NextFile> {
    const templatesOf = (locale: Locale) => this.#renderer.templatesOf(locale)
    return nextFile(this.root, await this.#renderer.render(experiment), cause, templatesOf)
  }
}
