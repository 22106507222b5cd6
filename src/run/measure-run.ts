/**
 * Runs the trials of a prepared run in their order, and stores each while it runs. A failed trial does not stop the
 * others.
 */
import { setTimeout } from 'node:timers/promises'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { keptDataset, keptWorkload } from '../experiment/kept-workload.ts'
import { isSameTarget, kindFacts } from '../experiment/target-kinds.ts'
import { idleLoopDelayP99 } from '../load/client-health.ts'
import type { LiveFigures } from '../load/load-plan.ts'
import { formatVersion, type TrialHeader, type TrialRecord } from '../results/record.ts'
import { timestamp, type Clock } from './clock.ts'
import type { Placement } from './preflight.ts'
import {
  measuredConfigs,
  type PreparedRun,
  type RunDeps,
  type RunOutcome,
  type RunTrial,
  type ScheduledTrial,
} from './run.ts'
import { searchCapacities, type MeasureTrial } from './search-capacity.ts'
import { TrialServer } from './trial-server.ts'
import { zeroCounts, runTrial, type TrialDeps, type TrialOutcome } from './trial.ts'

/**
 * The minimum number of rounds of a run with `until`. Such a run stops only after an even round, to keep the order
 * balanced.
 */
const minRoundsWithUntil = 6

export async function measureRun(prepared: PreparedRun, deps: RunDeps): Promise<RunOutcome> {
  await deps.rehearse(deps.signal)
  const idleLoopDelayP99Ms = await idleLoopDelayP99()
  const measured: RunOutcome['trials'][number][] = []
  let lastRound = Infinity
  const server = new TrialServer()
  let firstTrialOfServer = 0
  const measure: MeasureTrial = async (planned, total, keepsServer, trialsOfRounds = []) => {
    const trial: ScheduledTrial = { ...planned, index: measured.length + 1, total }
    if (!server.isRunning) firstTrialOfServer = planned.position
    deps.onEvent({ type: 'trial-started', trial })
    let live: LiveFigures | undefined
    const onProgress = (figures: LiveFigures) => {
      live = figures
      deps.onEvent({ type: 'progress', trial, live: figures })
    }
    const stopIfPrecise = async () => {
      if (!mayStop(prepared.experiment, planned, trialsOfRounds)) return undefined
      if (!(await deps.isPrecise(prepared.run, trial.round))) return undefined
      lastRound = trial.round
      return lastRound
    }
    const hooks = { idleLoopDelayP99Ms, onProgress, stopIfPrecise, server }
    const outcome = await storeTrial(
      prepared,
      trial,
      { ...hooks, firstTrialOfServer, keepsServer },
      deps,
    )
    measured.push({ trial, outcome })
    const liveField = live === undefined ? {} : { live }
    deps.onEvent({ type: 'trial-ended', trial, ...outcome, ...liveField })
  }
  try {
    const trials = await searchCapacities(prepared, measure, server, deps)
    const total = measured.length + trials.length
    for (const [index, planned] of trials.entries()) {
      if (deps.signal.aborted || planned.round > lastRound) break
      const keepsServer = planned.start !== undefined && trials[index + 1]?.start === planned.start
      await measure(planned, total, keepsServer, trials)
    }
  } finally {
    await server.stop()
  }
  return { run: prepared.run, trials: measured, interrupted: deps.signal.aborted }
}

/** True if the run may stop after this trial: with `until`, at the end of an even round. */
function mayStop(
  { until }: PreparedRun['experiment'],
  trial: RunTrial,
  trials: readonly RunTrial[],
): boolean {
  if (until === undefined || trial.side !== undefined) return false
  const next = trials[trials.indexOf(trial) + 1]
  return trial.round >= minRoundsWithUntil && trial.round % 2 === 0 && next?.round !== trial.round
}

export interface TrialHooks extends Pick<TrialDeps, 'server'> {
  readonly keepsServer: boolean
  /** The position of the first trial that the server serves. */
  readonly firstTrialOfServer: number
  readonly idleLoopDelayP99Ms: number
  readonly onProgress: (live: LiveFigures) => void
  readonly stopIfPrecise: TrialDeps['stopIfPrecise']
}

/** Measures one trial, and stores it while it runs. */
export async function storeTrial(
  prepared: PreparedRun,
  trial: ScheduledTrial,
  {
    idleLoopDelayP99Ms,
    firstTrialOfServer,
    keepsServer,
    onProgress,
    stopIfPrecise,
    server,
  }: TrialHooks,
  {
    store,
    clock,
    timingErrorSources,
    steadyEngine,
    signal,
    observeHost,
    resourceSampler,
    ...deps
  }: RunDeps,
): Promise<TrialOutcome> {
  const placement = prepared.placements.find(({ config }) => config.key === trial.config)
  if (placement === undefined) throw new Error(`no placement for ${trial.config}`)
  if (placement.skipReason === undefined) await settle(placement.config.settleMs, signal)
  // In the plan, `start` numbers the starts of servers; in the record, it is the position of the first trial of a server.
  const recordedTrial = {
    ...trial,
    ...(trial.start === undefined ? {} : { start: firstTrialOfServer }),
  }
  const header = headerOf(prepared, placement, recordedTrial, timestamp(clock.wall()), deps)
  const writer = await store.create(header)
  const write = (record: TrialRecord) => writer.append(record)
  try {
    if (placement.skipReason !== undefined) return skipTrial(placement.skipReason, write, clock)
    const plan = {
      placement,
      header,
      keep: prepared.experiment.keep,
      idleLoopDelayP99Ms,
      keepsServer,
    }
    return await runTrial(
      { ...plan, ...cacheOwnerOf(prepared, trial, placement.config) },
      {
        write,
        observeHost,
        resourceSampler,
        clock,
        timingErrorSources,
        steadyEngine,
        signal: AbortSignal.any([signal, writer.failed]),
        onProgress,
        stopIfPrecise,
        server,
      },
    )
  } finally {
    await writer.close()
  }
}

/** Stores a trial of a config whose target is not available, so that its round counts as skipped. */
function skipTrial(
  reason: string,
  write: (record: TrialRecord) => void,
  clock: Clock,
): TrialOutcome {
  const outcome = { outcome: 'skipped', reason, counts: zeroCounts } as const
  write({ type: 'end', endedAt: timestamp(clock.wall()), ...outcome })
  return outcome
}

/** If one server serves several configs or sides, the prefixes of `cache: cold` must differ between them. */
function cacheOwnerOf(
  { experiment }: PreparedRun,
  { side, start }: ScheduledTrial,
  { key, target }: MeasuredConfig,
): { cacheOwner?: string } {
  if (start !== undefined && side === undefined) return { cacheOwner: key }
  if (kindFacts(target.kind).startsServer) return {}
  if (side !== undefined) return { cacheOwner: `${key} ${side}` }
  const sameServer = measuredConfigs(experiment).filter((config) =>
    isSameTarget(config.target, target),
  )
  return sameServer.length > 1 ? { cacheOwner: key } : {}
}

async function settle(pauseMs: number, signal: AbortSignal): Promise<void> {
  if (pauseMs > 0) await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined)
}

function headerOf(
  { run, experiment, rounds, look, seed, sequence }: PreparedRun,
  { config, driver, machine: serverHost, requestedKind, standIn, why }: Placement,
  { round, position, side, start, racePhase, search }: ScheduledTrial,
  startedAt: string,
  { tool, machine }: Pick<RunDeps, 'tool' | 'machine'>,
): TrialHeader {
  const { dataset } = config
  const { prompts } = experiment.keep
  return {
    type: 'trial',
    formatVersion,
    run,
    config: config.key,
    round,
    position,
    measurementDigest: config.measurementDigest,
    startedAt,
    tool,
    host: machine,
    ...(serverHost === undefined ? {} : { serverHost }),
    target: {
      asked: requestedKind,
      actual: driver.kind,
      standIn,
      ...(why === undefined ? {} : { why }),
    },
    ...(side === undefined ? {} : { side }),
    ...(start === undefined ? {} : { start }),
    ...(racePhase === undefined ? {} : { racePhase }),
    ...(search === undefined ? {} : { search }),
    model: config.model.name,
    dataset: { ...keptDataset(dataset, prompts), samples: dataset.samples.length },
    settings: { env: config.env, options: config.options },
    workload: { ...keptWorkload(config.workload, prompts) },
    rounds,
    ...(rounds === experiment.rounds ? {} : { fileRounds: experiment.rounds }),
    ...(look === 1 ? {} : { look }),
    ...(experiment.looks === undefined ? {} : { plannedLooks: experiment.looks }),
    ...(sequence === undefined ? {} : { sequence }),
    seed,
  }
}
