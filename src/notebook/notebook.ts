/**
 * The notebook: the folder `reports` of a project. Enters: experiments and their stored results. Leaves:
 * versioned reports with their locks, the words that people wrote in them, and the index. What should stand on
 * the disk is computed in memory first; `publish` writes what differs, `check` tells it. No clock, no network.
 */
import type { Analysis } from '../analysis/analysis.ts'
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import { versionChangeText } from '../report/history.ts'
import type { SelectionNote } from '../results/selection.ts'
import { checkReport, type CheckedReport } from './check.ts'
import { changedResults, compareIndex, orphans } from './compare.ts'
import { differenceText, type DifferenceFormat } from './difference-text.ts'
import { differenceOf, type VersionDifference } from './difference.ts'
import { discardedLines, refuseOutsideEdits, type EditedLine } from './outside-edits.ts'
import type { Finding } from './finding.ts'
import { foreignLines, indexFile, indexPage } from './index-page.ts'
import type { Lock } from './lock.ts'
import { NewestLocks } from './newest-locks.ts'
import { nextFile, type NextFile } from './next-file.ts'
import { overviewOf, plannedOverview, type Overview } from './overview.ts'
import {
  experimentFile,
  experimentId,
  experimentIds,
  parseExperimentFile,
  readExperiment,
} from './project.ts'
import { readFileIfThere, writeFiles, type Written } from './write-files.ts'
import { readReportFolder, reportFolderIds } from './report-folder.ts'
import { Renderer, type Rendered } from './renderer.ts'

export interface NotebookOptions {
  /** The project's root, absolute; see `findRoot`. */
  readonly root: string
  /** A folder of templates, absolute, that goes over the package's and the project's own. */
  readonly templates?: string
}

export interface Published {
  readonly experiment: Experiment
  readonly analysis: Analysis
  readonly version: string
  readonly state: 'open' | 'closed'
  /** The version that was frozen because this one began. */
  readonly frozenVersion?: string
  /** The answer in sentences, in the experiment's first locale. */
  readonly answer: readonly string[]
  /** What became of each hypothesis, a line each, likewise. */
  readonly verdicts: readonly string[]
  /** From the project's root, with forward slashes: `reports/docker-opt/README.md`. */
  readonly report: string
  /** What was written, in order; empty where nothing changed. */
  readonly written: readonly Written[]
  /** What was passed over: runs that were cut off, dropped, replaced. */
  readonly notes: readonly SelectionNote[]
  /** Text that was dropped because `discardEdits` said so. */
  readonly discarded: readonly EditedLine[]
}

export interface CheckedNotebook {
  readonly findings: readonly Finding[]
  /** Those that could be rendered. */
  readonly reports: readonly CheckedReport[]
}

export function openNotebook(options: NotebookOptions): Notebook {
  return new Notebook(options)
}

export class Notebook {
  readonly root: string
  readonly #renderer: Renderer
  readonly #locks: NewestLocks

  constructor({ root, templates }: NotebookOptions) {
    this.root = root
    this.#renderer = new Renderer(root, templates)
    this.#locks = new NewestLocks(root)
  }

  /** Experiments that have a report or stored results, in code-unit order; what `--all` means. */
  ids(): readonly string[] {
    const folders = new Set(reportFolderIds(this.root))
    return experimentIds(this.root).filter((id) => folders.has(id))
  }

  /** By id or file name. Throws `ExpError` where there is none, or where its file is invalid. */
  experiment(asked: string): Experiment {
    return readExperiment(this.root, experimentId(this.root, asked))
  }

  /**
   * Throws `ExpError` where publishing would: `edited` for text that people changed outside keep blocks, a broken
   * block, or a lock that cannot be read, `result-file` for a stored result that was changed. To be known before
   * measuring.
   */
  async assertUnedited(experiment: Experiment): Promise<void> {
    const rendered = await this.#renderer.renderForComparison(experiment)
    refuseChangedResults(rendered)
    refuseOutsideEdits(experiment.id, rendered.folder, rendered.draft.edits)
    this.#foreignInIndex(false)
    this.#locks.read()
  }

  /** The bytes that the report in the first locale would have now; writes nothing. */
  async preview(experiment: Experiment): Promise<Buffer> {
    const { draft } = await this.#renderer.render(experiment)
    return draft.files.get('README.md') ?? Buffer.alloc(0)
  }

  /**
   * Writes what differs: report, lock, frozen version, index. Throws `ExpError`: `edited` for text changed
   * outside keep blocks unless `discardEdits`, `result-file` where a stored result was changed.
   */
  async publish(experiment: Experiment, { discardEdits = false } = {}): Promise<Published> {
    const rendered = await this.#renderer.renderForComparison(experiment)
    const { draft, folder, results } = rendered
    refuseChangedResults(rendered)
    if (!discardEdits) refuseOutsideEdits(experiment.id, folder, draft.edits)
    const unknown = draft.edits.find(({ exact }) => !exact)
    if (draft.freezes !== undefined && unknown)
      throw new ExpError(
        'edited',
        `${folder.name}/${unknown.file} was edited, and ${draft.freezes} has to be frozen as it was`,
        `restore it first: \`git checkout -- ${folder.name}/${unknown.file}\`; where the edit is committed, \`git log ${folder.name}/${unknown.file}\` names the commit that it was published in, and \`git checkout COMMIT -- ${folder.name}/${unknown.file}\` brings it back`,
      )
    const foreign = this.#foreignInIndex(discardEdits)
    const files = [...draft.files].map(([name, bytes]): [string, Buffer] => [
      `${folder.name}/${name}`,
      bytes,
    ])
    const written = await writeFiles(this.root, new Map(files))
    const index = indexPage(this.#locks.read(new Map([[experiment.id, draft.lock]])))
    return {
      experiment,
      analysis: results.analysis,
      version: draft.version,
      state: draft.state,
      ...(draft.freezes !== undefined && { frozenVersion: draft.freezes }),
      answer: draft.lock.answer,
      verdicts: draft.verdicts(),
      report: `${folder.name}/README.md`,
      written: [...written, ...(await writeFiles(this.root, new Map([[indexFile, index]])))],
      notes: results.selection.notes,
      discarded: [...discardedLines(folder, draft.edits), ...foreign],
    }
  }

  /**
   * Compares what publishing would write with the disk; writes nothing. What cannot be rendered is a finding.
   * @param ids all that have a report, if not said
   */
  async check(ids?: readonly string[]): Promise<CheckedNotebook> {
    const checked: (CheckedReport | Finding)[] = []
    for (const id of ids ?? this.ids())
      checked.push(await checkReport(this.root, this.#renderer, id))
    const reports = checked.filter((one) => 'lock' in one)
    const findings: Finding[] = [
      ...(ids ? [] : orphans(this.root)),
      ...checked.flatMap((one) => ('lock' in one ? one.findings : [one])),
    ]
    // Where something cannot be read, or was tampered with, the index only follows from it.
    if (findings.every(({ code }) => code !== 'unreadable' && !code.startsWith('result-'))) {
      const locks = new Map(reports.map(({ experiment, lock }) => [experiment, lock]))
      const index = indexPage(this.#locks.read(locks))
      findings.push(...compareIndex(readFileIfThere(this.root, indexFile), index))
    }
    return { findings, reports }
  }

  /**
   * The experiments that have a report, as their newest locks tell them, then those that have none yet. A file that
   * is not valid is left out: `exp validate` tells what is wrong with it.
   */
  list(): readonly Overview[] {
    const reported = this.#locks.read().map(overviewOf)
    const known = new Set(reported.map(({ id }) => id))
    const planned = experimentIds(this.root)
      .filter((id) => !known.has(id))
      .flatMap((id) => {
        const { experiment } = parseExperimentFile(this.root, experimentFile(this.root, id))
        return experiment === undefined ? [] : [plannedOverview(experiment)]
      })
    return [...reported, ...planned]
  }

  /** The locks of an experiment, newest first. Throws `ExpError` where it has no report. */
  versions(asked: string): readonly Lock[] {
    const ids = reportFolderIds(this.root)
    const id = asked.replace(/^.*\//, '').replace(/\.yaml$/, '')
    const locks = readReportFolder(this.root, id).locks.map(({ lock }) => lock)
    if (locks.length > 0) return locks.reverse()
    throw new ExpError(
      'invalid-input',
      `there is no report of \`${id}\``,
      didYouMean(id, ids, `\`exp report ${id}\` makes it`),
    )
  }

  /**
   * What changed between two versions of a report.
   * @param from the version before `to`, if not said
   * @param to the newest, if not said
   */
  difference(asked: string, from?: string, to?: string): VersionDifference {
    const locks = this.versions(asked)
    const find = (version: string): Lock => {
      const lock = locks.find((one) => one.version === version || `v${version}` === one.version)
      if (lock) return lock
      const known = locks.map((one) => one.version)
      throw new ExpError(
        'invalid-input',
        `there is no version \`${version}\``,
        didYouMean(version, known, 'see its reports'),
      )
    }
    const newer = to === undefined ? locks[0] : find(to)
    const earlier = from ?? newer?.previous
    if (!newer || earlier === undefined)
      throw new ExpError(
        'invalid-input',
        `\`${asked}\` has one version only`,
        'there is nothing to compare it with yet',
      )
    return differenceOf(find(earlier), newer)
  }

  /** A difference as a person would tell it, in the experiment's first language. */
  tell(difference: VersionDifference, format: DifferenceFormat): string {
    const words = this.#renderer.wordsIn(difference.locale)
    const brought = difference.changes.map((one) => versionChangeText(one, { words }))
    return differenceText(difference, brought, format)
  }

  /**
   * Takes a run out of use and publishes what is left.
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
        didYouMean(run, runs, 'see `exp show`'),
      )
    const dropped = store.dropped()
    if (dropped.every((one) => one.run !== run)) await store.drop({ run, why, droppedAt })
    return this.publish(experiment)
  }

  /** The file of the experiment that would test a cause which the report names; writes nothing. */
  async next(experiment: Experiment, cause: string): Promise<NextFile> {
    const templates = this.#renderer.templatesOf(experiment.locales[0])
    return nextFile(this.root, await this.#renderer.render(experiment), cause, templates)
  }

  /** Throws `ExpError('edited')` where people wrote into the index, unless that is to be dropped. */
  #foreignInIndex(discard: boolean): readonly EditedLine[] {
    const foreign = foreignLines(readFileIfThere(this.root, indexFile)?.toString('utf8') ?? '')
    const [first] = foreign
    if (!first || discard) return foreign.map((one) => ({ file: indexFile, ...one }))
    throw new ExpError(
      'edited',
      `${indexFile}:${first.line}: \`${first.text}\` is not of exp's writing, and the index is made anew each time`,
      'move the words into the keep block of a report, or drop them with `--discard-edits`',
    )
  }
}

/** No version is made from what is not what an earlier one was made from. */
function refuseChangedResults(rendered: Rendered): void {
  const changed = changedResults(rendered).find(({ code }) => code === 'result-changed')
  if (changed) throw new ExpError('result-file', changed.message, changed.fix)
}
