/** `exp run`: measures experiments, stores their results and publishes their reports. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isPreciseEnough } from '../../analysis/precision.ts'
import { raceProgressReader } from '../../analysis/race/race-progress.ts'
import { searchWindows } from '../../analysis/search-windows.ts'
import { ExpError } from '../../errors/exp-error.ts'
import type { Dataset } from '../../experiment/dataset.ts'
import type { Experiment } from '../../experiment/experiment.ts'
import { datasetsOf, inLocale } from '../../experiment/in-locale.ts'
import { durationText } from '../../format/number.ts'
import { inhibitSleep } from '../../host/processes/sleep-inhibitor.ts'
import { openNotebook, type Notebook } from '../../notebook/notebook.ts'
import type { Published } from '../../notebook/publish-report.ts'
import { forPublication } from '../../notebook/publication.ts'
import { assertFindableById, findRoot, parseExperimentFile } from '../../notebook/project.ts'
import type { ResultStore } from '../../results/store.ts'
import { estimateRun } from '../../run/estimate-run.ts'
import { measureRace, type ReadProgress } from '../../run/measure-race.ts'
import { measureRun } from '../../run/measure-run.ts'
import { prepareRun } from '../../run/prepare-run.ts'
import type { PreparedRun, RunDeps, RunOutcome } from '../../run/run.ts'
import { isSearchOver } from '../../run/search-capacity.ts'
import { exitCodes, worstExitCode, type ExitCode } from '../exit-code.ts'
import { nothingGated, printUnmetGates } from '../gate.ts'
import type { Io } from '../io.ts'
import { terminalLocale } from '../language.ts'
import { openReport } from '../open-command.ts'
import { indented, readTerminalWords, type TerminalWords } from '../terminal-words.ts'
import { wrapped } from '../wrap.ts'
import { experimentFiles, printProblems } from '../validate-command.ts'
import { failedProbeLines, planText } from './plan-text.ts'
import { prepareOptions } from './prepare-options.ts'
import { progressView, type ProgressView } from './progress-view.ts'
import { createRunEnvironment, reportFolder, type RunEnvironment } from './run-environment.ts'
import { parseRunOptions, type RunOptions } from './run-options.ts'
import { confirmRace, refusePlannedRounds } from './race-run.ts'
import { printPublished, printTry } from './run-outcome.ts'

/** Runs the experiments one after the other. If a file is invalid, nothing runs. */
export async function run(
  patterns: readonly string[],
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const options = parseRunOptions(rawOptions)
  const root = findRoot(io.cwd)
  const parsed = (await experimentFiles(patterns, io)).map((file) =>
    parseExperimentFile(root, file),
  )
  const valid = parsed.map((file) => printProblems(file, io))
  if (valid.includes(false)) return exitCodes.invalid
  for (const { experiment } of parsed)
    for (const dataset of experiment ? datasetsOf(experiment) : []) refuseAbsentDataset(dataset)
  const isGated = parsed.some(({ experiment }) => experiment?.hypotheses.some(({ gate }) => gate))
  if (options.gate && !isGated) throw nothingGated()
  for (const { experiment } of options.try ? [] : parsed)
    if (experiment !== undefined) assertFindableById(root, experiment)
  const codes: ExitCode[] = []
  for (const { experiment } of parsed)
    if (experiment !== undefined && !io.signal.aborted)
      codes.push(await runExperiment(experiment, options, { root, settingsFolder: root }, io))
  return worstExitCode(codes)
}

/** Throws `ExpError` if the samples are not on this machine. */
function refuseAbsentDataset(dataset: Dataset): void {
  if (dataset.notOnThisMachine === undefined) return
  throw new ExpError(
    'environment',
    `the private dataset \`${dataset.name}\` is not on this machine`,
    `Name its file in \`exp.local.yaml\`, in the project's folder: \`datasets: {${dataset.name}: PATH}\`.`,
  )
}

/** Where a run reads and writes, and what differs from `exp run` if another command starts it. */
export interface RunPlace {
  /** The project that the experiment belongs to. */
  readonly root: string
  /** The folder of exp.local.yaml. */
  readonly settingsFolder: string
  /** True to measure nothing if probes fail and fewer than two configs are left to compare. */
  readonly needsTwoConfigs?: boolean
  /** True if a command made the experiment from its options: hints then name options, not keys of a file. */
  readonly isFromOptions?: boolean
  /** Shows the outcome instead of the answer that `exp run` prints. */
  readonly show?: (published: Published, outcome: RunOutcome) => void
}

/** The state that the phases of one run share. */
interface RunContext extends Pick<RunPlace, 'show' | 'needsTwoConfigs' | 'isFromOptions'> {
  readonly experiment: Experiment
  readonly options: RunOptions
  readonly notebook: Notebook
  readonly environment: RunEnvironment
  /** Where the run stores its results; a temporary folder for `--try`. */
  readonly store: ResultStore
  readonly view: ProgressView
  readonly words: TerminalWords
  readonly io: Io
}

/** The phases of a run: prepare, confirm, measure, publish. */
export async function runExperiment(
  experiment: Experiment,
  options: RunOptions,
  { root, settingsFolder, show, needsTwoConfigs = false, isFromOptions = false }: RunPlace,
  io: Io,
): Promise<ExitCode> {
  const words = readTerminalWords(io)
  const notebook = openNotebook({ root })
  if (!options.try && !options.dryRun) notebook.assertWritable(experiment.id)
  if (!options.try) await notebook.assertUnedited(experiment)
  const view = progressView(words, () => performance.now(), io)
  const environment = withHostName(
    await createRunEnvironment(root, settingsFolder, words, view.pulling, io),
    options.here ? options.host : undefined,
  )
  const folder = options.try ? await mkdtemp(join(tmpdir(), 'exp-try-')) : undefined
  const store = environment.storeAt(folder ?? reportFolder(root, experiment.id))
  const context = {
    ...{ experiment, options, notebook, environment, store, view, words, io },
    ...{ needsTwoConfigs, isFromOptions, ...(show === undefined ? {} : { show }) },
  }
  let release = () => Promise.resolve()
  try {
    await environment.removeLeftovers()
    if (!options.dryRun) release = await environment.acquireMeasurementLock(experiment.id)
    const deps = runDependencies(context)
    const prepared = await prepare(context, reportFolder(root, experiment.id), deps)
    const race = raceReader(context, prepared)
    const isOver = race
      ? (await race(prepared.run)).next === undefined
      : prepared.trials.length === 0 || (await isSearchOver(prepared, deps))
    if (options.dryRun || isOver) {
      const left = isOver ? { ...prepared, trials: [] } : prepared
      io.stdout.write(wrapped(planText(left, undefined, words), io.stdout))
      return exitCodes.done
    }
    const estimateMs = race
      ? await confirmRace(context, prepared, await race(prepared.run), deps)
      : await confirm(context, prepared, deps)
    const outcome = await measure(context, prepared, estimateMs, deps, race)
    return await publish(context, outcome)
  } catch (error) {
    if (io.signal.aborted && isInterruption(error, io.signal)) {
      view.clear()
      io.stderr.write(`${words.text('run.interruptedEarly')}\n`)
      return exitCodes.interrupted
    }
    throw error
  } finally {
    view.clear()
    await release()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

/** The same environment, in which this machine has the name of the host, whatever its local settings say. */
function withHostName(environment: RunEnvironment, host: string | undefined): RunEnvironment {
  if (host === undefined) return environment
  return { ...environment, machine: { ...environment.machine, name: host } }
}

/** True if the error is the signal's reason, or one that libraries or our own code throw when the signal aborts. */
function isInterruption(error: unknown, { reason }: AbortSignal): boolean {
  return (
    error === reason ||
    error instanceof ExpError ||
    (error instanceof Error && error.name === 'AbortError')
  )
}

function runDependencies({ experiment, environment, store, view }: RunContext): RunDeps {
  return {
    ...environment,
    store,
    onEvent: (event) => view.show(event),
    isPrecise: (run, round) => isPreciseEnough(experiment, store, run, round),
    searchWindows: (run) => searchWindows(experiment, store, run),
  }
}

/**
 * Reads the progress of the run's race; undefined if the rounds are planned, as in a run of one round or an A/A run.
 */
function raceReader(
  { experiment, options, store, environment }: RunContext,
  prepared: PreparedRun,
): ReadProgress | undefined {
  const { tuning } = experiment
  if (tuning === undefined || options.try || options.aa !== undefined) return undefined
  refusePlannedRounds(options)
  return raceProgressReader(prepared.experiment, tuning, store, environment.clock.wall)
}

/** Chooses trials and targets. Starts nothing. */
async function prepare(
  { experiment, options, notebook, environment }: RunContext,
  folder: string,
  deps: RunDeps,
): Promise<PreparedRun> {
  const store = environment.storeAt(folder)
  const { root } = notebook
  const chosen = await prepareOptions(experiment, options, store, environment, root)
  return prepareRun(experiment, chosen, deps)
}

/**
 * Probes each config and prints the plan. Asks for confirmation if the estimate exceeds the budget.
 * @returns the estimate of the whole run in ms
 * @throws ExpError `over-budget` if the answer is no, or if there is no terminal to ask on
 */
async function confirm(
  { experiment, options, view, words, io, needsTwoConfigs }: RunContext,
  prepared: PreparedRun,
  deps: RunDeps,
): Promise<number> {
  const { estimateMs, failedProbes } = await estimateRun(prepared, deps)
  view.clear()
  const answering = prepared.placements.length - failedProbes.length
  if (needsTwoConfigs === true && failedProbes.length > 0 && answering < 2)
    throw new ExpError(
      'environment',
      [
        'there is nothing to compare',
        ...failedProbes.map(({ config, why }) => `  ${config}: ${why}`),
      ],
      'Nothing was measured.',
    )
  io.stderr.write(wrapped(planText(prepared, estimateMs, words), io.stderr))
  io.stderr.write(indented(failedProbeLines(failedProbes, words)))
  const { budgetMs } = experiment
  if (budgetMs === undefined || estimateMs <= budgetMs || options.yes) return estimateMs
  const [duration, budget] = [durationText(estimateMs), durationText(budgetMs)]
  const question = words.text('plan.overBudget', { duration, budget })
  if (io.confirm !== undefined && (await io.confirm(question))) return estimateMs
  io.signal.throwIfAborted()
  throw new ExpError(
    'over-budget',
    `the run would take about ${duration}, and its budget is ${budget}`,
    'Nothing was measured. Raise `budget`, measure fewer rounds (`--rounds`), or confirm with `--yes`.',
  )
}

/** Runs the trials, and keeps the machine awake meanwhile if the system supports that. */
async function measure(
  { view }: RunContext,
  prepared: PreparedRun,
  estimateMs: number,
  deps: RunDeps,
  race?: ReadProgress,
): Promise<RunOutcome> {
  if (race) view.setBudget(estimateMs)
  else view.setEstimate(estimateMs, prepared.trials.length)
  const inhibitor = await inhibitSleep()
  try {
    return await (race ? measureRace(prepared, deps, race) : measureRun(prepared, deps))
  } finally {
    inhibitor.release()
    view.clear()
  }
}

/** Publishes the report and prints the answer; for `--try`, prints the figures only. */
async function publish(
  { experiment, options, notebook, store, words, io, show }: RunContext,
  outcome: RunOutcome,
): Promise<ExitCode> {
  if (options.try) {
    const shown = inLocale(forPublication(experiment), terminalLocale(io))
    await printTry(shown, store, options, words, io)
    return exitCodeOfRun(outcome)
  }
  const locale = options.json ? experiment.locales[0] : terminalLocale(io)
  const published = await notebook.publish(experiment, { locale })
  if (show === undefined) printPublished(published, outcome, options, words, io)
  else show(published, outcome)
  if (options.open) await openReport(notebook.root, experiment.id, io.stderr, io)
  const gates = options.gate ? printUnmetGates(published.analysis, words, io) : exitCodes.done
  return worstExitCode([exitCodeOfRun(outcome), gates])
}

function exitCodeOfRun({ interrupted, trials }: RunOutcome): ExitCode {
  if (interrupted) return exitCodes.interrupted
  // A config that fails in a race is eliminated, and the race continues.
  const counted = trials.filter(({ trial }) => trial.racePhase !== 'race')
  return counted.some(({ outcome }) => outcome.outcome !== 'ended')
    ? exitCodes.incomplete
    : exitCodes.done
}
