/** Compares the notebook on disk with what publishing would write, without writing anything. */
import { localised } from '../analysis/analysis-texts.ts'
import type { JudgedResults } from '../analysis/hypothesis.ts'
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { datasetsOf } from '../experiment/in-locale.ts'
import type { Problem } from '../experiment/problem.ts'
import type { Locale } from '../format/locales.generated.ts'
import {
  folderFindings,
  indexFindings,
  orphanedReports,
  prunedVersions,
  type CheckFinding,
} from './findings.ts'
import { indexFile, indexPage } from './index-page.ts'
import type { Lock } from './lock.ts'
import { translatedLock } from './lock-texts.ts'
import { experimentFile, experimentIds, parseExperimentById } from './project.ts'
import type { Renderer } from './renderer.ts'
import {
  readPerExperiment,
  newestLockBytes,
  reportFolderIds,
  writtenFolders,
  type NewestLocks,
} from './report-folder.ts'
import { foldersIn, namesIn, readFileIfExists } from '../files/read-files.ts'
import { leftovers } from '../files/write-files.ts'

export interface CheckedNotebook {
  readonly findings: readonly CheckFinding[]
  /** The reports that could be rendered. */
  readonly reports: readonly CheckedReport[]
  /** The internal errors that ended the check of a report. All other reports were checked. */
  readonly bugs: readonly unknown[]
}

export interface CheckedReport {
  readonly experiment: string
  /** The experiment's file, relative to the project's root. */
  readonly file: string
  /** The verdicts, computed from the stored results, on which gates depend. */
  readonly analysis: JudgedResults
  readonly lock: Lock
  /**
   * The name of a private dataset that is not on this machine. Without it, the results cannot be matched with the
   * experiment.
   */
  readonly missingDataset?: string
  /** The versions that cannot be computed again, because their results were pruned; newest first. */
  readonly pruned: readonly string[]
  /** The most serious first. Empty if the disk has what publishing would write. */
  readonly findings: readonly CheckFinding[]
}

interface CheckScope {
  /** The experiments to check. */
  readonly ids: readonly string[]
  /** True if `ids` names all experiments; only then can a report without an experiment be a finding. */
  readonly isComplete: boolean
  /** True to draw every chart again. */
  readonly redraw: boolean
  /** The language of the statements of hypotheses; by default each experiment's first one. */
  readonly locale?: Locale | undefined
}

/** Checks each report and the index. */
export async function checkNotebook(
  root: string,
  renderer: Renderer,
  locks: NewestLocks,
  { ids, isComplete, redraw, locale }: CheckScope,
): Promise<CheckedNotebook> {
  const checked: (CheckedReport | CheckFinding)[] = []
  const bugs: unknown[] = []
  const known = experimentIds(root)
  for (const id of ids)
    try {
      checked.push(...(await checkReport(root, renderer, id, { known, redraw, locale })))
    } catch (bug) {
      bugs.push(bug)
    }
  const reports = checked.filter((one) => 'lock' in one)
  const findings: CheckFinding[] = [
    ...(isComplete ? findOrphanedReports(root, ids, known) : []),
    ...(isComplete ? known.filter((id) => !ids.includes(id)) : []).flatMap((id) => [
      ...checkExperiment(root, id, known).findings,
      ...misplacedFolder(root, id),
    ]),
    ...checked.flatMap((one) => ('lock' in one ? one.findings : [one])),
  ]
  // An unreadable or changed file also changes the index, so only the file is reported.
  if (findings.every(({ code }) => code !== 'unreadable' && !code.startsWith('result-'))) {
    const drafted = new Map(reports.map(({ experiment, lock }) => [experiment, lock]))
    findings.push(...checkIndex(root, renderer, locks, drafted))
  }
  return { findings, reports, bugs }
}

function checkIndex(
  root: string,
  renderer: Renderer,
  locks: NewestLocks,
  drafted: ReadonlyMap<string, Lock>,
): readonly CheckFinding[] {
  try {
    const index = indexPage(
      locks.read(drafted),
      (locale) => renderer.notebookWords(locale),
      (lock, locale) => translatedLock(root, lock, locale),
    )
    return [
      ...indexFindings(readFileIfExists(root, indexFile), index),
      ...leftoverFindings(root, 'reports'),
      ...foldersIn(root, 'experiments').flatMap((folder) => leftoverFindings(root, folder)),
    ]
  } catch (error) {
    return [unreadableFinding(error, indexFile)]
  }
}

/** The checked report, or the findings that prevent its rendering. */
async function checkReport(
  root: string,
  renderer: Renderer,
  id: string,
  {
    known,
    redraw,
    locale,
  }: Pick<CheckScope, 'redraw' | 'locale'> & { readonly known: readonly string[] },
): Promise<readonly (CheckedReport | CheckFinding)[]> {
  const { experiment, findings: invalid } = checkExperiment(root, id, known)
  if (experiment === undefined) return invalid
  try {
    const rendered = await renderer.renderForComparison(experiment, { redraw })
    const { shown, results } = rendered
    const { hypotheses, standIn } = localised(
      shown,
      results.analysis,
      locale ?? shown.locales[0],
    ).analysis
    const findings = [
      ...folderFindings(rendered),
      ...[...writtenFolders(root, id)]
        .filter((folder) => folder !== 'reports')
        .flatMap((folder) => leftoverFindings(root, folder)),
    ]
    const { lock } = rendered.draft
    const analysis = { hypotheses, standIn }
    const unknown = datasetsOf(experiment).find(
      ({ notOnThisMachine }) => notOnThisMachine?.isCompared === false,
    )
    const missingDataset = unknown === undefined ? {} : { missingDataset: unknown.name }
    const pruned = prunedVersions(rendered)
    const { file } = experiment
    return [{ experiment: id, file, analysis, lock, ...missingDataset, pruned, findings }]
  } catch (error) {
    return [{ ...unreadableFinding(error, `reports/${id}`), experiment: id }]
  }
}

/** The experiment, if its file is valid; otherwise a finding for each error in it. */
function checkExperiment(
  root: string,
  id: string,
  known: readonly string[],
): { readonly experiment?: Experiment; readonly findings: readonly CheckFinding[] } {
  try {
    const { experiment, problems, privateFiles } = parseExperimentById(root, id, known)
    if (experiment !== undefined) return { experiment, findings: [] }
    const errors = problems.filter(({ severity }) => severity === 'error')
    const fileToValidate = experimentFile(root, id)
    return {
      findings: errors.map((problem) =>
        problemFinding(withoutPrivateText(problem, privateFiles), id, fileToValidate),
      ),
    }
  } catch (error) {
    return {
      findings: [{ ...unreadableFinding(error, `experiments/${id}.yaml`), experiment: id }],
    }
  }
}

/** The problem without any text of a private dataset, because others may read the output of a check in CI. */
function withoutPrivateText(problem: Problem, privateFiles: readonly string[] = []): Problem {
  if (privateFiles.length === 0) return problem
  const isInside = privateFiles.includes(problem.file)
  if (!isInside && problem.code !== 'prompt-field') return problem
  const { hint: _, ...rest } = problem
  return isInside
    ? {
        ...rest,
        file: 'exp.local.yaml',
        line: 1,
        column: 1,
        message: 'a private dataset that it names is invalid',
      }
    : { ...rest, message: 'the prompt does not fit the private dataset' }
}

/** @param fileToValidate the experiment's file; the problem itself may be in the file of its dataset */
function problemFinding(
  { file, line, column, message, hint }: Problem,
  id: string,
  fileToValidate: string,
): CheckFinding {
  return {
    code: 'unreadable',
    experiment: id,
    file,
    line,
    column,
    message: `${file}:${line}:${column}: ${message}`,
    fix: hint ?? `\`exp validate ${forShell(fileToValidate)}\` shows the line`,
  }
}

/** Finds a file, a pipe or a link at the path where the report folder of an experiment without reports would be. */
function misplacedFolder(root: string, experiment: string): readonly CheckFinding[] {
  const folder = `reports/${experiment}`
  try {
    namesIn(root, folder)
    return []
  } catch (error) {
    return [{ ...unreadableFinding(error, folder), experiment }]
  }
}

function leftoverFindings(root: string, folder: string): readonly CheckFinding[] {
  return leftovers(root, folder).map((file) => ({
    code: 'stray',
    file,
    message: `${file} is a part of a file that a command was writing when it was killed`,
    fix: file.startsWith('reports/')
      ? `\`rm ${forShell(file)}\`, or run a command that writes this report: \`exp report\``
      : `\`rm ${forShell(file)}\`, or run the command again`,
  }))
}

/** The finding for an error that prevents rendering. Throws the error again if it is a bug. */
function unreadableFinding(error: unknown, file: string): CheckFinding {
  if (!(error instanceof ExpError)) throw error
  const { message, hint: fix = 'fix it, then run `exp check` again' } = error
  return { code: 'unreadable', ...(placeIn(message) ?? { file }), message, fix }
}

/** The file and the line that a message names at its start: `` `reports/a/results/b.jsonl:3`: … ``. */
function placeIn(message: string): { readonly file: string; readonly line: number } | undefined {
  const [, file, line] = /^`?((?:reports|experiments)\/[^\s`:]+):(\d+)`?:/.exec(message) ?? []
  return file === undefined || line === undefined ? undefined : { file, line: Number(line) }
}

/** @param checked the experiments whose report folders are already checked; they are skipped */
function findOrphanedReports(
  root: string,
  checked: readonly string[],
  known: readonly string[],
): readonly CheckFinding[] {
  const others = reportFolderIds(root).filter((id) => !checked.includes(id))
  const { results, failures } = readPerExperiment(others, (id) =>
    newestLockBytes(root, id) === undefined ? [] : [id],
  )
  return [
    ...orphanedReports(results.flat(), known),
    ...[...failures].map(([id, error]) => ({
      ...unreadableFinding(error, `reports/${id}`),
      experiment: id,
    })),
  ]
}
