/** What a run will do, found out before anything is measured: trials in order, targets, time. */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { planTrials, type TrialPlanOptions } from '../experiment/plan.ts'
import { estimateTrial } from './estimate.ts'
import { preflight } from './preflight.ts'
import { probeConfig } from './estimate-run.ts'
import type { Resumption } from './resumption.ts'
import { orderStream, seededRandom } from './random.ts'
import { runId } from './run-id.ts'
import { measuredConfigs, type PreparedRun, type RunDeps, type RunTrial } from './run.ts'

export interface PrepareOptions extends Omit<TrialPlanOptions, 'random'> {
  /** Key of a config to measure against itself: an A/A run. */
  readonly aa?: string
  /** The experiment has results of its real targets in use. */
  readonly hasRealResults: boolean
  /** The run to complete, in place of a new one. */
  readonly resumption?: Resumption
}

/** @throws ExpError `environment` where a target cannot be had and nothing may take its place */
export async function prepareRun(
  experiment: Experiment,
  { resumption, hasRealResults, aa, ...options }: PrepareOptions,
  { driver, clock, random, machine, signal }: Omit<RunDeps, 'onEvent' | 'isPrecise'>,
): Promise<PreparedRun> {
  const seed = resumption?.seed ?? Math.floor(random() * 2 ** 32)
  const chosen = aa === undefined ? options : { ...options, only: [aa], alone: true }
  const { trials, splitPairs: parted } = planTrials(experiment, {
    ...chosen,
    random: seededRandom(seed, orderStream),
  })
  const planned = new Set(trials.map(({ config }) => config))
  const configs = measuredConfigs(experiment).filter(({ key }) => planned.has(key))
  const here = configs.filter(({ host }) => host === undefined || host === machine.name)
  const elsewhere = configs.filter((config) => !here.includes(config))
  if (here.length === 0) throw nothingHere(elsewhere, machine.name)
  const found = await preflight(here, experiment.whenUnavailable, {
    driver,
    hasRealResults,
    signal,
  })
  if (resumption !== undefined && resumption.standIn !== found.standIn)
    throw otherTargets(resumption)
  const ours = trials.filter(
    ({ config, round }) =>
      here.some(({ key }) => key === config) && resumption?.has(config, round) !== true,
  )
  return {
    ...found,
    run: resumption?.run ?? runId(clock.wall(), random),
    experiment,
    seed,
    rounds: options.rounds ?? experiment.rounds,
    trials: aa === undefined ? ours : bothSides(ours),
    splitPairs: aa === undefined ? parted : [],
    onOtherHosts: elsewhere,
  }
}

/** Each trial twice, as side a and side b, in turn which comes first. */
function bothSides(trials: readonly RunTrial[]): readonly RunTrial[] {
  return trials.flatMap((trial) => {
    const sides = trial.round % 2 === 1 ? (['a', 'b'] as const) : (['b', 'a'] as const)
    return sides.map((side, index) => ({
      ...trial,
      side,
      position: 2 * trial.position - 1 + index,
    }))
  })
}

export interface Estimate {
  readonly estimateMs: number
  /** Configs that did not answer their probe; they count for nothing in the estimate. */
  readonly failedProbes: readonly { readonly config: string; readonly why: string }[]
}

/**
 * What the whole run will take, by one probe of each config.
 * @throws ExpError `environment` where not one config answers
 */
export async function estimateRun(
  { run, experiment, placements, trials }: PreparedRun,
  { clock, signal, onEvent }: Pick<RunDeps, 'clock' | 'signal' | 'onEvent'>,
): Promise<Estimate> {
  const perTrial = new Map<string, number>()
  const silent: { config: string; why: string }[] = []
  for (const placement of placements) {
    if (placement.skip !== undefined) continue
    const { config } = placement
    onEvent({ type: 'probing', config: config.key })
    const result = await probeConfig(placement, { run, keep: experiment.keep, clock, signal })
    if (result.answered) perTrial.set(config.key, estimateTrial(config, result.probe))
    else silent.push({ config: config.key, why: result.why })
  }
  if (perTrial.size === 0) throw nothingAnswers(silent)
  const estimateMs = trials.reduce((sum, { config }) => sum + (perTrial.get(config) ?? 0), 0)
  return { estimateMs, failedProbes: silent }
}

function otherTargets({ run, standIn }: Resumption): ExpError {
  return new ExpError(
    'invalid-input',
    standIn
      ? `run ${run} was measured on the embedded engine, and now what the file asks for can be had`
      : `run ${run} was measured on its real targets, and now they cannot all be had`,
    'The two never mix. Start a new run: `exp run` without `--resume`.',
  )
}

function nothingHere(elsewhere: readonly MeasuredConfig[], machine: string | undefined): ExpError {
  if (elsewhere.length === 0)
    return new ExpError(
      'invalid-input',
      'there is nothing to measure: every config holds figures from a document',
      '`exp report` renders it.',
    )
  const hosts = [...new Set(elsewhere.map(({ host }) => `\`${host ?? ''}\``))].join(', ')
  return new ExpError(
    'environment',
    `every config to measure belongs to another machine (${hosts}); this one is ${machine === undefined ? 'not named' : `\`${machine}\``}`,
    'Name this machine in `exp.local.yaml` (`name: …`), or run it there and bring the results by git.',
  )
}

function nothingAnswers(silent: Estimate['failedProbes']): ExpError {
  return new ExpError(
    'environment',
    `no config answered its probe\n${silent.map(({ config, why }) => `  ${config}: ${why}`).join('\n')}`,
    'See `exp doctor` for what this machine can run. Nothing was measured.',
  )
}
