/** `exp run`: from experiment files to measured, stored and reported results. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot, parseExperimentFile } from '../notebook/project.ts'
import type { ResultStore, TrialListing } from '../results/store.ts'
import { resumptionOf } from '../run/resumption.ts'
import type { RunEvent } from '../run/run-event.ts'
import {
  estimateRun,
  measure,
  prepareRun,
  type PrepareOptions,
  type RunOutcome,
} from '../run/run.ts'
import { durationText } from './duration-text.ts'
import { exitCodes, worst, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { machineWorld, reportFolder, type World } from './machine-world.ts'
import { planText } from './plan-text.ts'
import { progressView } from './progress-view.ts'
import { parseRunOptions, type RunOptions } from './run-options.ts'
import { showPublished, showTry } from './run-outcome.ts'
import { experimentFiles, printProblems } from './validate-command.ts'

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
  return worst(codes)
}

async function runOne(
  experiment: Experiment,
  options: RunOptions,
  root: string,
  io: Io,
): Promise<ExitCode> {
  refuseUnbuilt(experiment, options)
  const notebook = openNotebook({ root })
  if (!options.try) await notebook.assertUnedited(experiment)
  const world = await machineWorld(root, io)
  const kept = world.storeAt(reportFolder(root, experiment.id))
  const store = options.try ? world.storeAt(await mkdtemp(join(tmpdir(), 'exp-try-'))) : kept
  const estimate: { left?: (ended: number) => number } = {}
  const view = progressView(io, (ended) => estimate.left?.(ended))
  const deps = { ...world, store, onEvent: (event: RunEvent) => view.show(event) }
  try {
    const prepared = await prepareRun(
      experiment,
      await prepareOptions(experiment, options, kept, world),
      deps,
    )
    if (prepared.trials.length === 0) {
      io.stdout.write(`${experiment.id}: nothing is missing in run ${prepared.run}\n`)
      return exitCodes.done
    }
    if (options.dryRun) {
      io.stdout.write(planText(prepared, undefined))
      return exitCodes.done
    }
    const { estimateMs, silent } = await estimateRun(prepared, deps)
    view.clear()
    io.stderr.write(planText(prepared, estimateMs))
    for (const { config, why } of silent)
      io.stderr.write(`  ${config} did not answer its probe: ${why}\n`)
    await keepToBudget(experiment, estimateMs, options, io)
    estimate.left = timeLeft(estimateMs, prepared.trials.length, world.clock.monotonic)
    const outcome = await measure(prepared, deps)
    view.clear()
    if (options.try) await showTry(experiment, store, options, io)
    else showPublished(await notebook.publish(experiment), outcome, options, io)
    return codeOf(outcome)
  } catch (error) {
    if (io.signal.aborted) return exitCodes.interrupted
    throw error
  } finally {
    view.clear()
  }
}

/** Flags and keys that the program understands and cannot act on yet: said, never passed over. */
function refuseUnbuilt(experiment: Experiment, { aa }: RunOptions): void {
  const asked = [
    ...(aa === undefined ? [] : ['`--aa`']),
    ...(experiment.until === undefined ? [] : ['`until`']),
  ]
  if (asked.length > 0)
    throw new ExpError(
      'invalid-input',
      `${asked.join(' and ')} ${asked.length === 1 ? 'is' : 'are'} not built yet`,
      'Nothing was measured. Say `rounds` in the experiment file, and run without these flags.',
    )
}

async function prepareOptions(
  experiment: Experiment,
  { only, alone, rounds, resume, retryFailed, try: once }: RunOptions,
  store: ResultStore,
  { tool, machine }: World,
): Promise<PrepareOptions> {
  const listings = await store.list()
  const dropped = new Set((await store.dropped()).map(({ run }) => run))
  return {
    only,
    alone,
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

async function keepToBudget(
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
function timeLeft(
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

function codeOf({ interrupted, trials }: RunOutcome): ExitCode {
  if (interrupted) return exitCodes.interrupted
  return trials.some(({ outcome }) => outcome.outcome !== 'ended')
    ? exitCodes.incomplete
    : exitCodes.done
}
