/** `exp run`: from experiment files to measured, stored and reported results. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExpError } from '../../errors/exp-error.ts'
import type { Experiment } from '../../experiment/experiment.ts'
import { inhibitSleep } from '../../host/processes/sleep-inhibitor.ts'
import { openNotebook, type Notebook } from '../../notebook/notebook.ts'
import { findRoot, parseExperimentFile } from '../../notebook/project.ts'
import type { ResultStore, TrialListing } from '../../results/store.ts'
import { resumptionOf } from '../../run/resumption.ts'
import { measureRun } from '../../run/measure-run.ts'
import { estimateRun, prepareRun, type PrepareOptions } from '../../run/prepare-run.ts'
import type { RunDeps, RunOutcome } from '../../run/run.ts'
import { durationText } from '../../format/number.ts'
import { exitCodes, worstExitCode, type ExitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { printUnmetGates } from '../gates.ts'
import { createRunEnvironment, reportFolder, type RunEnvironment } from './run-environment.ts'
import { planText } from './plan-text.ts'
import { isPreciseEnough } from '../../analysis/precision.ts'
import { progressView } from './progress-view.ts'
import { parseRunOptions, type RunOptions } from './run-options.ts'
import { printPublished, printTry } from './run-outcome.ts'
import { experimentFiles, printProblems } from '../validate-command.ts'

export async function run(patterns: readonly string[], given: object, io: Io): Promise<ExitCode> {
  const options = parseRunOptions(given)
  const root = findRoot(io.cwd)
  const parsed = (await experimentFiles(patterns, io)).map((file) =>
    parseExperimentFile(root, file),
  )
  const valid = parsed.map((one) => printProblems(one, io))
  if (valid.includes(false)) return exitCodes.invalid
  const codes: ExitCode[] = []
  for (const { experiment } of parsed)
    if (experiment !== undefined && !io.signal.aborted)
      codes.push(await runOne(experiment, options, root, io))
  return worstExitCode(codes)
}

async function runOne(
  experiment: Experiment,
  options: RunOptions,
  root: string,
  io: Io,
): Promise<ExitCode> {
  const notebook = openNotebook({ root })
  if (!options.try) await notebook.assertUnedited(experiment)
  const world = await createRunEnvironment(root, io)
  const kept = world.storeAt(reportFolder(root, experiment.id))
  const store = options.try ? world.storeAt(await mkdtemp(join(tmpdir(), 'exp-try-'))) : kept
  const estimate: { left?: (ended: number) => number } = {}
  const view = progressView(io, (ended) => estimate.left?.(ended))
  const deps: RunDeps = {
    ...world,
    store,
    onEvent: (event) => view.show(event),
    isPrecise: (run, round) => isPreciseEnough(experiment, store, run, round),
  }
  let done = () => Promise.resolve()
  try {
    await world.removeLeftovers()
    if (!options.dryRun) done = await world.acquireMeasurementLock(experiment.id)
    const wishes = await prepareOptions(experiment, options, kept, world)
    const prepared = await prepareRun(experiment, wishes, deps)
    if (options.dryRun || prepared.trials.length === 0) {
      io.stdout.write(planText(prepared, undefined))
      return exitCodes.done
    }
    const { estimateMs, failedProbes } = await estimateRun(prepared, deps)
    view.clear()
    io.stderr.write(planText(prepared, estimateMs))
    for (const { config, why } of failedProbes)
      io.stderr.write(`  ${config} did not answer its probe: ${why}\n`)
    await confirmBudget(experiment, estimateMs, options, io)
    estimate.left = remainingTime(estimateMs, prepared.trials.length, world.clock.monotonic)
    const outcome = await withoutSleep(() => measureRun(prepared, deps))
    view.clear()
    if (!options.try) return await publish(experiment, notebook, outcome, options, io)
    await printTry(experiment, store, options, io)
    return exitCodeOfRun(outcome)
  } catch (error) {
    if (io.signal.aborted && (error === io.signal.reason || error instanceof ExpError))
      return exitCodes.interrupted
    throw error
  } finally {
    view.clear()
    await done()
  }
}

/** With the machine kept from going to sleep, where the system can be told to. */
async function withoutSleep<Result>(work: () => Promise<Result>): Promise<Result> {
  const inhibitor = await inhibitSleep()
  try {
    return await work()
  } finally {
    inhibitor.release()
  }
}

async function publish(
  experiment: Experiment,
  notebook: Notebook,
  outcome: RunOutcome,
  options: RunOptions,
  io: Io,
): Promise<ExitCode> {
  const published = await notebook.publish(experiment)
  printPublished(published, outcome, options, io)
  const gates = options.gate ? printUnmetGates(published.analysis, io) : exitCodes.done
  return worstExitCode([exitCodeOfRun(outcome), gates])
}

async function prepareOptions(
  experiment: Experiment,
  { only, alone, rounds, aa, resume, retryFailed, try: once }: RunOptions,
  store: ResultStore,
  { tool, machine }: RunEnvironment,
): Promise<PrepareOptions> {
  const listings = await store.list()
  const dropped = new Set(store.dropped().map(({ run }) => run))
  return {
    only,
    alone,
    ...(aa === undefined ? {} : { aa }),
    ...(once ? { rounds: 1 } : rounds === undefined ? {} : { rounds }),
    hasRealResults: hasRealResults(experiment, listings, dropped),
    ...(resume
      ? { resumption: resumptionOf(experiment, listings, { dropped, tool, machine, retryFailed }) }
      : {}),
  }
}

/** Results of the real targets for what the file asks now; a stand-in must not come beside them. */
function hasRealResults(
  { configs }: Experiment,
  listings: readonly TrialListing[],
  dropped: ReadonlySet<string>,
): boolean {
  const wanted = new Set(configs.map(({ measurementDigest }) => measurementDigest))
  return listings.some(
    ({ header, end }) =>
      end?.outcome === 'ended' &&
      !header.target.standIn &&
      wanted.has(header.measurementDigest) &&
      !dropped.has(header.run),
  )
}

async function confirmBudget(
  { budgetMs }: Experiment,
  estimateMs: number,
  { yes }: RunOptions,
  io: Io,
): Promise<void> {
  if (budgetMs === undefined || estimateMs <= budgetMs || yes) return
  const question = `The run would take about ${durationText(estimateMs)}; its budget is ${durationText(budgetMs)}. Measure all the same?`
  if (io.confirm !== undefined && (await io.confirm(question))) return
  io.signal.throwIfAborted()
  throw new ExpError(
    'over-budget',
    `the run would take about ${durationText(estimateMs)}, and its budget is ${durationText(budgetMs)}`,
    'Nothing was measured. Raise `budget`, measure fewer rounds (`--rounds`), or go on with `--yes`.',
  )
}

/** By the estimate at first, then by what the trials really took. */
function remainingTime(
  estimateMs: number,
  trials: number,
  now: () => number,
): (ended: number) => number {
  const began = now()
  return (ended) => {
    const elapsed = now() - began
    if (ended === 0) return Math.max(0, estimateMs - elapsed)
    return Math.max(0, (elapsed / ended) * (trials - ended))
  }
}

function exitCodeOfRun({ interrupted, trials }: RunOutcome): ExitCode {
  if (interrupted) return exitCodes.interrupted
  return trials.some(({ outcome }) => outcome.outcome !== 'ended')
    ? exitCodes.incomplete
    : exitCodes.done
}
