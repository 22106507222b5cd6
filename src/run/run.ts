/**
 * One run of an experiment. Enters: an `Experiment`, and what the run needs of the world: targets, the store,
 * the clock, this machine. `prepareRun` finds out before anything is measured what can be had and how long it
 * takes; `measure` runs the trials in their order, each stored as it happens, and goes on where one fails.
 */
import { setTimeout } from 'node:timers/promises'
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { planTrials, type PlannedTrial, type TrialPlanOptions } from '../experiment/plan.ts'
import { idleLoopDelayP99 } from '../load/client-health.ts'
import type { Live } from '../load/live-stats.ts'
import {
  formatVersion,
  type TargetKind,
  type TrialHeader,
  type TrialRecord,
} from '../results/record.ts'
import type { ResultStore } from '../results/store.ts'
import type { Observation, TargetDriver } from '../targets/target.ts'
import { timestamp, type Clock } from './clock.ts'
import { estimateTrial } from './estimate.ts'
import type { Resumption } from './resumption.ts'
import { preflight, type Placement, type Preflight } from './preflight.ts'
import { probeConfig } from './probe.ts'
import { runId } from './run-id.ts'
import type { RunEvent, TrialPlace } from './run-event.ts'
import { runTrial, type TrialOutcome } from './trial.ts'

export interface RunDeps {
  readonly driver: (kind: TargetKind) => TargetDriver
  readonly store: ResultStore
  readonly clock: Clock
  readonly random: () => number
  readonly machine: TrialHeader['host']
  readonly observeHost: () => Promise<readonly Observation[]>
  readonly tool: TrialHeader['tool']
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
}

export interface PreparedRun extends Preflight {
  readonly run: string
  readonly experiment: Experiment
  readonly seed: number
  readonly rounds: number
  readonly trials: readonly PlannedTrial[]
  /** Pairs that `only` parts: config and what it is compared with. */
  readonly parted: readonly (readonly [config: string, versus: string])[]
  /** Configs that belong to another machine and stay pending here. */
  readonly elsewhere: readonly MeasuredConfig[]
}

export interface RunOutcome {
  readonly run: string
  readonly trials: readonly { readonly trial: TrialPlace; readonly outcome: TrialOutcome }[]
  readonly interrupted: boolean
}

export interface PrepareOptions extends Omit<TrialPlanOptions, 'seed'> {
  /** The experiment has results of its real targets in use. */
  readonly hasRealResults: boolean
  /** The run to complete, in place of a new one. */
  readonly resumption?: Resumption | undefined
}

/** @throws ExpError `environment` where a target cannot be had and nothing may take its place */
export async function prepareRun(
  experiment: Experiment,
  { resumption, hasRealResults, ...options }: PrepareOptions,
  { driver, clock, random, machine, signal }: RunDeps,
): Promise<PreparedRun> {
  const seed = resumption?.seed ?? Math.floor(random() * 2 ** 32)
  const planned = planTrials(experiment, { ...options, seed })
  const configs = measuredConfigs(experiment).filter(({ key }) =>
    planned.trials.some(({ config }) => config === key),
  )
  const elsewhere = configs.filter(({ host }) => host !== undefined && host !== machine.name)
  const here = configs.filter((config) => !elsewhere.includes(config))
  if (here.length === 0) throw nothingHere(elsewhere, machine.name)
  const found = await preflight(here, experiment.whenUnavailable, {
    driver,
    hasRealResults,
    signal,
  })
  if (resumption !== undefined && resumption.standIn !== found.standIn)
    throw otherTargets(resumption)
  const measurable = new Set(here.map(({ key }) => key))
  return {
    ...found,
    run: resumption?.run ?? runId(clock.wall(), random),
    experiment,
    seed,
    rounds: options.rounds ?? experiment.rounds,
    trials: planned.trials.filter(
      ({ config, round }) => measurable.has(config) && resumption?.has(config, round) !== true,
    ),
    parted: planned.parted,
    elsewhere,
  }
}

/** What the whole run will take, in ms, by one probe of each config; configs that did not answer count for nothing. */
export async function estimateRun(
  prepared: PreparedRun,
  { clock, signal, onEvent }: RunDeps,
): Promise<{
  readonly estimateMs: number
  readonly silent: readonly { config: string; why: string }[]
}> {
  const perTrial = new Map<string, number>()
  const silent: { config: string; why: string }[] = []
  const { run, experiment, placements } = prepared
  for (const placement of placements) {
    onEvent({ type: 'probing', config: placement.config.key })
    const result = await probeConfig(placement, { run, keep: experiment.keep, clock, signal })
    if (result.answered)
      perTrial.set(placement.config.key, estimateTrial(placement.config, result.probe))
    else silent.push({ config: placement.config.key, why: result.why })
  }
  if (silent.length === placements.length) throw nothingAnswers(silent)
  const estimateMs = prepared.trials.reduce(
    (sum, { config }) => sum + (perTrial.get(config) ?? 0),
    0,
  )
  return { estimateMs, silent }
}

/** Runs the trials in order; each is stored as it happens, and a failed one does not stop the others. */
export async function measure(prepared: PreparedRun, deps: RunDeps): Promise<RunOutcome> {
  const { signal, onEvent } = deps
  const idleLoopDelayP99Ms = await idleLoopDelayP99()
  const outcomes: RunOutcome['trials'][number][] = []
  for (const [index, planned] of prepared.trials.entries()) {
    if (signal.aborted) break
    const trial: TrialPlace = { ...planned, index: index + 1, of: prepared.trials.length }
    onEvent({ type: 'trial-started', trial })
    let live: Live | undefined
    const onProgress = (now: Live) => {
      live = now
      onEvent({ type: 'progress', trial, live: now })
    }
    const outcome = await storeTrial(prepared, trial, idleLoopDelayP99Ms, onProgress, deps)
    outcomes.push({ trial, outcome })
    onEvent({ type: 'trial-ended', trial, ...outcome, ...(live === undefined ? {} : { live }) })
  }
  return { run: prepared.run, trials: outcomes, interrupted: signal.aborted }
}

async function storeTrial(
  prepared: PreparedRun,
  trial: TrialPlace,
  idleLoopDelayP99Ms: number,
  onProgress: (live: Live) => void,
  { store, clock, signal, observeHost, ...deps }: RunDeps,
): Promise<TrialOutcome> {
  const placement = prepared.placements.find(({ config }) => config.key === trial.config)
  if (placement === undefined) throw new Error(`no placement for ${trial.config}`)
  if (placement.skip === undefined) await settle(placement.config.settleMs, signal)
  const header = headerOf(prepared, placement, trial, timestamp(clock.wall()), deps)
  const writer = await store.create(header)
  const write = (record: TrialRecord) => writer.append(record)
  try {
    if (placement.skip !== undefined) return skipTrial(placement.skip, write, clock)
    const plan = { placement, header, keep: prepared.experiment.keep, idleLoopDelayP99Ms }
    return await runTrial(
      { ...plan, ...scopeOf(prepared, placement.config) },
      { write, observeHost, clock, signal: AbortSignal.any([signal, writer.failed]), onProgress },
    )
  } finally {
    await writer.close()
  }
}

/** A trial of a config that cannot be had here, so that its round is known to have been left out. */
function skipTrial(
  reason: string,
  write: (record: TrialRecord) => void,
  clock: Clock,
): TrialOutcome {
  const counts = { sent: 0, ok: 0, failed: 0, cancelled: 0 }
  write({ type: 'end', endedAt: timestamp(clock.wall()), outcome: 'skipped', reason, counts })
  return { outcome: 'skipped', reason, counts }
}

/** Where several configs ask one server, each gets cold prefixes of its own. */
function scopeOf(
  { experiment }: PreparedRun,
  { key, target }: MeasuredConfig,
): { cacheScope?: string } {
  if (target.kind !== 'url') return {}
  const sharing = measuredConfigs(experiment).filter(
    (config) => config.target.kind === 'url' && config.target.url === target.url,
  )
  return sharing.length > 1 ? { cacheScope: key } : {}
}

async function settle(pauseMs: number, signal: AbortSignal): Promise<void> {
  if (pauseMs > 0) await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined)
}

function measuredConfigs(experiment: Experiment): readonly MeasuredConfig[] {
  return experiment.configs.filter((config) => config.kind === 'measured')
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
    return new ExpError('invalid-input', 'there is nothing to measure: every config is recorded')
  const hosts = [...new Set(elsewhere.map(({ host }) => `\`${host ?? ''}\``))].join(', ')
  return new ExpError(
    'environment',
    `every config to measure belongs to another machine (${hosts}); this one is ${machine === undefined ? 'not named' : `\`${machine}\``}`,
    'Name this machine in `exp.local.yaml` (`name: …`), or run it there and bring the results by git.',
  )
}

function nothingAnswers(silent: readonly { config: string; why: string }[]): ExpError {
  return new ExpError(
    'environment',
    `no config answered its probe\n${silent.map(({ config, why }) => `  ${config}: ${why}`).join('\n')}`,
    'See `exp doctor` for what this machine can run. Nothing was measured.',
  )
}

function headerOf(
  { run, rounds, seed }: PreparedRun,
  { config, driver, asked, standIn, why }: Placement,
  trial: TrialPlace,
  startedAt: string,
  { tool, machine }: Pick<RunDeps, 'tool' | 'machine'>,
): TrialHeader {
  const { dataset } = config
  return {
    type: 'trial',
    formatVersion,
    run,
    config: config.key,
    round: trial.round,
    position: trial.position,
    measurementDigest: config.measurementDigest,
    startedAt,
    tool,
    host: machine,
    target: { asked, actual: driver.kind, standIn, ...(why === undefined ? {} : { why }) },
    model: config.model.name,
    dataset: { name: dataset.name, digest: dataset.digest, samples: dataset.samples.length },
    settings: { env: config.env, options: config.options },
    workload: { ...config.workload },
    rounds,
    seed,
  }
}
