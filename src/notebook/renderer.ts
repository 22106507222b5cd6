/** Renders an experiment in memory, from its stored results and its report folder on disk. */
import path from 'node:path'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { ExpError } from '../errors/exp-error.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { MetricWords } from '../report/labels.ts'
import type { ReportInput, ReportVersion } from '../report/report-input.ts'
import {
  answerLines,
  prepareTemplates,
  reasonTexts,
  renderReport,
  reportCharts,
  verdictTexts,
} from '../report/report.ts'
import { ResultStore } from '../results/store.ts'
import type { TemplateSet } from '../templates/templates.ts'
import { readWords, type Words } from '../templates/words.ts'
import { originalCharts } from './chart-files.ts'
import { draftOf, type DraftPurpose, type ReportDraft, type ReportDraftInput } from './draft.ts'
import { joinParts, splitBlocks, withoutBodies } from './keep-block.ts'
import { reservedBytes, spliceBlocks, editedBlocks } from './carry-keep-blocks.ts'
import { resultsOf, digestOf, type Lock } from './lock.ts'
import { withMeasuredOn } from './measured-on.ts'
import { type NotebookWords, readTemplates } from './template-files.ts'
import type { Reasons } from './no-verdict.ts'
import { isSameVerdict, lockContent } from './lock-content.ts'
import { lockInLocale } from './lock-texts.ts'
import { readExperiment } from './project.ts'
import { forPublication } from './publication.ts'
import { reportVersion } from './versions.ts'
import {
  ancestors,
  newestLock,
  readmeName,
  readReportFolder,
  type LockFile,
  type ReportFolder,
} from './report-folder.ts'
import { readResults, type StoredResults } from './stored-results.ts'

export interface Rendered {
  readonly experiment: Experiment
  /** The experiment without secrets, as reports show it. */
  readonly shown: Experiment
  readonly results: StoredResults
  readonly folder: ReportFolder
  readonly draft: ReportDraft
}

/** Renders reports. Keeps the templates, so that they are read and compiled once for all reports. */
export class Renderer {
  readonly root: string
  readonly #templateFolder: string | undefined
  readonly #templates = new Map<Locale, TemplateSet>()

  /** @param templates a folder of templates that override those of the package and the project */
  constructor(root: string, templates: string | undefined) {
    this.root = root
    this.#templateFolder = templates
  }

  storeOf(id: string): ResultStore {
    return new ResultStore(path.join(this.root, 'reports', id), undefined, this.root)
  }

  /** The words of reports. */
  reportWords(locale: Locale): Words {
    return prepareTemplates(this.templatesOf(locale)).words
  }

  metricWords(locale: Locale): MetricWords {
    return prepareTemplates(this.templatesOf(locale)).metricWords
  }

  notebookWords(locale: Locale): NotebookWords {
    return readWords(this.templatesOf(locale), 'notebook')
  }

  async render(experiment: Experiment, purpose: DraftPurpose = {}): Promise<Rendered> {
    const results = await this.#read(forPublication(experiment))
    const shown = results.experiment
    const folder = await this.#readFolder(experiment.id, results.analysis.configs)
    const draft = await draftOf(this.#draftInput(shown, results, folder, purpose))
    return { experiment, shown, results, folder, draft }
  }

  /** Like `render`, and also reproduces the originals of reports that people edited on disk. */
  async renderForComparison(experiment: Experiment, purpose: DraftPurpose = {}): Promise<Rendered> {
    return this.#withOriginals(await this.render(experiment, purpose), purpose)
  }

  /**
   * Adds the original text of each edited report, and the original bytes of damaged charts that must be frozen. Renders
   * them again from the results that the lock names. This reproduces them if the experiment and the templates are
   * unchanged.
   */
  async #withOriginals(rendered: Rendered, purpose: DraftPurpose): Promise<Rendered> {
    const { shown: experiment, results, folder, draft } = rendered
    const lock = newestLock(folder)?.lock
    if (!lock || draft.edits.length + draft.damagedCharts.length === 0) return rendered
    const { locales } = experiment
    const files = new Set(resultsOf(lock).keys())
    const earlier = await this.#read(experiment, files)
    const dropped = Object.entries(lock.dropped).map(([run, why]) => ({ run, why }))
    const input = this.#draftInput(experiment, { ...earlier, dropped }, folder, purpose)
    const content = { ...input.contentIn(lock.lockFormat), state: lock.state }
    const before = ancestors(folder, lock)
    const versionIn = (locale: Locale) =>
      reportVersion(lock.version, content, before, locale, locales, input.inLocale)
    const charts = new Map(
      locales.map((locale) => [locale, input.charts(locale, versionIn(locale))]),
    )
    const originals = new Map(await originalCharts(lock, charts, draft.damagedCharts))
    for (const { file } of draft.edits) {
      const locale = locales.find((one) => readmeName(one, locales) === file) ?? locales[0]
      const blocks = editedBlocks(folder, file)
      const shown = charts.get(locale) ?? []
      const reserved = reservedBytes(blocks)
      const text = input.render(locale, versionIn(locale), shown, () => false, reserved)
      const rendering = splitBlocks(Buffer.from(text), `${folder.name}/${file} as rendered`)
      const parts = spliceBlocks(
        rendering,
        blocks,
        lock.carried[file] ?? {},
        this.notebookWords(locale),
      )
      if (digestOf(withoutBodies(parts)) === lock.files[file]) originals.set(file, joinParts(parts))
    }
    const current = this.#draftInput(experiment, results, folder, purpose)
    return { ...rendered, draft: await draftOf({ ...current, originals }) }
  }

  /**
   * The reasons why hypotheses of a version have no verdict, by id, in the locale of its lock. Locks do not store them,
   * so they are derived again from the results that the lock names. Empty if the experiment's file is invalid or
   * results are missing. Leaves out hypotheses whose claims have changed since.
   */
  async verdictReasons(lock: Lock): Promise<Reasons> {
    const none: Reasons = new Map()
    if (lock.standIn || Object.values(lock.claims).every(({ verdict }) => verdict !== 'none'))
      return none
    try {
      const current = forPublication(readExperiment(this.root, lock.experiment))
      const { analysis, experiment } = await this.#read(current, new Set(resultsOf(lock).keys()))
      const hypotheses = analysis.hypotheses.filter((each) => isSameVerdict(each, lock))
      return reasonTexts({
        experiment,
        analysis: { ...analysis, hypotheses },
        locale: lock.locale,
        templates: this.templatesOf(lock.locale),
      })
    } catch (error) {
      if (error instanceof ExpError) return none
      throw error
    }
  }

  async #readFolder(id: string, analysed: readonly ConfigAnalysis[]): Promise<ReportFolder> {
    const folder = readReportFolder(this.root, id)
    const locks: LockFile[] = []
    for (const { file, lock } of folder.locks)
      locks.push({ file, lock: await withMeasuredOn(lock, this.storeOf(id), analysed) })
    return { ...folder, locks }
  }

  /** Reads the results. Its errors name stored files relative to the root. */
  async #read(experiment: Experiment, only?: ReadonlySet<string>): Promise<StoredResults> {
    try {
      return await readResults(experiment, this.storeOf(experiment.id), only)
    } catch (error) {
      if (!(error instanceof ExpError)) throw error
      const message = error.message.replaceAll(this.root + path.sep, '')
      throw new ExpError(error.code, message, error.hint)
    }
  }

  #draftInput(
    experiment: Experiment,
    results: StoredResults,
    folder: ReportFolder,
    purpose: DraftPurpose,
  ): ReportDraftInput {
    const { analysis } = results
    const diagnosis = diagnose(experiment, analysis)
    const input = (locale: Locale, version: ReportVersion): ReportInput => ({
      experiment,
      analysis,
      diagnosis,
      locale,
      templates: this.templatesOf(locale),
      version,
    })
    return {
      ...purpose,
      locales: experiment.locales,
      contentIn: (format) => lockContent(format, experiment, results),
      folder,
      wordsOf: (locale) => this.notebookWords(locale),
      render: (locale, version, charts, isAlreadyRendered, reserved) =>
        renderReport(input(locale, version), isAlreadyRendered, reserved, charts),
      charts: (locale, version) => reportCharts(input(locale, version)),
      inLocale: (lock, locale) => lockInLocale(lock, experiment, locale),
      answer: (locale, version) => answerLines(input(locale, version)),
      verdicts: (locale, version) => verdictTexts(input(locale, version)),
    }
  }

  templatesOf(locale: Locale): TemplateSet {
    const set =
      this.#templates.get(locale) ?? readTemplates(locale, this.root, this.#templateFolder)
    this.#templates.set(locale, set)
    return set
  }
}
