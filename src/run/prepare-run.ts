/** Prepares a run: plans its trials, then checks which targets are available, before anything is measured. */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { planTrials, type TrialPlanOptions } from '../experiment/plan.ts'
import { preflight } from './preflight.ts'
import { orderStream, seededRandom } from './random.ts'
import type { Resumption } from './resumption.ts'
import { measuredConfigs, type PreparedRun, type RunDeps, type RunTrial } from './run.ts'

export interface PrepareOptions extends Omit<TrialPlanOptions, 'random'> {
  /** Key of a config to measure against itself, in an A/A run. */
  readonly aa?: string
  /** True if results of the requested targets are stored. Stand-in results must not be mixed with them. */
  readonly hasRealResults: boolean
  /** How many files and connections this process may have open at once. Absent if it is not known. */
  readonly openFileLimit?: number
  /** The sequence number of a new run, see `runs.ts` of the results. */
  readonly sequence?: number
  /** Another machine whose configs are measured from this one. */
  readonly host?: string
  /** The run to complete; absent for a new run. */
  readonly resumption?: Resumption
}

/** @throws ExpError `environment` if a target is not available and nothing may replace it, or for too many users */
export async function prepareRun(
  experiment: Experiment,
  { resumption, sequence, hasRealResults, aa, openFileLimit, host, ...options }: PrepareOptions,
  {
    driver,
    clock,
    random,
    machine,
    signal,
  }: Omit<RunDeps, 'onEvent' | 'isPrecise' | 'searchWindows'>,
): Promise<PreparedRun> {
  const seed = resumption?.seed ?? Math.floor(random() * 2 ** 32)
  const rounds = options.rounds ?? resumption?.rounds ?? experiment.rounds
  const selection = {
    ...options,
    rounds,
    ...(aa === undefined ? {} : { only: [aa], alone: true }),
  }
  const { trials, halfMeasuredPairs } = planTrials(experiment, {
    ...selection,
    random: seededRandom(seed, orderStream),
  })
  const planned = new Set(trials.map(({ config }) => config))
  const configs = measuredConfigs(experiment).filter(({ key }) => planned.has(key))
  const measuredHere = [undefined, machine.name, host]
  const onThisHost = configs.filter((config) => measuredHere.includes(config.host))
  const onOtherHosts = configs.filter((config) => !onThisHost.includes(config))
  if (onThisHost.length === 0) throw nothingToMeasure(onOtherHosts, machine.name)
  assertEnoughFiles(onThisHost, openFileLimit)
  const targets = await preflight(onThisHost, experiment.whenUnavailable, {
    driver,
    hasRealResults,
    signal,
  })
  if (resumption !== undefined && resumption.standIn !== targets.standIn)
    throw differentTargets(resumption)
  const keys = new Set(onThisHost.map(({ key }) => key))
  const pending = trials.filter(
    ({ config, round }) => keys.has(config) && resumption?.isDone(config, round) !== true,
  )
  const runSequence = resumption === undefined ? sequence : resumption.sequence
  return {
    ...targets,
    ...(runSequence === undefined ? {} : { sequence: runSequence }),
    run: resumption?.run ?? newRunId(clock.wall(), random),
    experiment,
    seed,
    rounds,
    look: lookOf(rounds, resumption),
    ...(aa === undefined && experiment.search !== undefined ? { search: experiment.search } : {}),
    trials: aa === undefined ? pending : withBothSides(pending),
    halfMeasuredPairs: aa === undefined ? halfMeasuredPairs : [],
    onOtherHosts,
  }
}

/** A generous estimate of the open files that do not depend on the number of users. */
const otherOpenFiles = 64

/** Each user holds one connection. */
function assertEnoughFiles(configs: readonly MeasuredConfig[], limit = Infinity): void {
  const users = Math.max(
    ...configs.map(({ workload: { load } }) => (load.kind === 'open' ? 0 : load.users)),
  )
  if (users + otherOpenFiles <= limit) return
  throw new ExpError(
    'environment',
    `${users} users need about ${users + otherOpenFiles} open files, and this shell allows ${limit}`,
    `Raise the limit with \`ulimit -n ${2 * (users + otherOpenFiles)}\`, or measure with fewer users.`,
  )
}

/**
 * The number of this look at the results; 1 for a new run. A run that `--resume` completes keeps its number. If rounds
 * are added to the planned ones, the number rises by 1, because somebody may have seen the results before.
 */
function lookOf(rounds: number, resumption: Resumption | undefined): number {
  if (resumption === undefined) return 1
  return resumption.look + (rounds > resumption.largestPlannedRounds ? 1 : 0)
}

/** The id of a run: UTC time to the second and four random hex digits. Ids sort by time. */
function newRunId(at: Date, random: () => number): string {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '')
  const tail = Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0')
  return `${time}-${tail}`
}

/** Repeats each trial as side a and side b. Side a comes first in odd rounds, side b in even ones. */
function withBothSides(trials: readonly RunTrial[]): readonly RunTrial[] {
  return trials.flatMap((trial) => {
    const sides = trial.round % 2 === 1 ? (['a', 'b'] as const) : (['b', 'a'] as const)
    return sides.map((side, index) => ({
      ...trial,
      side,
      position: 2 * trial.position - 1 + index,
    }))
  })
}

function differentTargets({ run, standIn }: Resumption): ExpError {
  return new ExpError(
    'invalid-input',
    standIn
      ? `run ${run} was measured on the embedded engine, but now the requested targets are available`
      : `run ${run} was measured on its real targets, but now not all of them are available`,
    'Results of both must not be mixed. Start a new run: `exp run` without `--resume`.',
  )
}

function nothingToMeasure(
  onOtherHosts: readonly MeasuredConfig[],
  machine: string | undefined,
): ExpError {
  if (onOtherHosts.length === 0)
    return new ExpError(
      'invalid-input',
      'there is nothing to measure: every config has figures from a document',
      'To render them, run `exp report`.',
    )
  const hosts = [...new Set(onOtherHosts.map(({ host }) => `\`${host ?? ''}\``))].join(', ')
  return new ExpError(
    'environment',
    `every config to measure belongs to another machine (${hosts}); this machine ${machine === undefined ? 'has no name' : `is \`${machine}\``}`,
    'Name this machine in `exp.local.yaml` (`name: …`), measure on the other machine and commit its results, or measure it from here: `exp run FILE --host NAME`.',
  )
}
