/**
 * Runs one trial: starts the server, reads evidence, runs the load, reads evidence again, stops the server. Appends
 * a record for each step. A failure is the outcome of the trial, not an exception.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { RunQueueReader } from '../host/processes/run-queue.ts'
import type { SampleResources, ServerProcesses } from '../host/resources/sampler.ts'
import { runLoad } from '../load/load.ts'
import type { LoadResult, LiveFigures } from '../load/load-plan.ts'
import { OllamaClient } from '../ollama/client.ts'
import type { Evidence, TrialEnd, TrialHeader, TrialRecord } from '../results/record.ts'
import type { TimingCalibration } from '../results/timing-errors.ts'
import type { Observation, RunningTarget } from '../targets/target.ts'
import { timestamp, type Clock } from './clock.ts'
import type { Placement } from './preflight.ts'
import { createRequestFactory, keptReason } from './request-factory.ts'
import { pauseStream, seededRandom } from './random.ts'
import { requestPlan } from './request-plan.ts'
import type { TrialServer } from './trial-server.ts'

export interface TrialPlan {
  readonly placement: Placement
  readonly header: TrialHeader
  readonly keep: Experiment['keep']
  /**
   * The config, or the side of an A/A run. Set if several of them share a server, so that their `cache: cold` prefixes
   * differ.
   */
  readonly cacheOwner?: string
  readonly idleLoopDelayP99Ms: number
  /**
   * True if the next trial uses the same server. If this trial does not end well, the server is stopped nevertheless.
   */
  readonly keepsServer: boolean
}

export interface TrialDeps {
  readonly server: TrialServer
  readonly write: (record: TrialRecord) => void
  /** Facts about this machine now, for servers on it: all of them, or only those that change within minutes. */
  readonly observeHost: (which: 'all' | 'changing') => Promise<readonly Observation[]>
  /** Returns a function that samples what the server uses. */
  readonly resourceSampler: (processes: ServerProcesses) => SampleResources
  readonly clock: Clock
  readonly timingErrorSources: TimingErrorSources
  /** Keeps this program's own work from disturbing its measurements, until the returned function is called. */
  readonly steadyEngine: () => () => void
  readonly signal: AbortSignal
  readonly onProgress: (live: LiveFigures) => void
  /**
   * Ends the run after this trial if its results are precise enough, and then returns the trial's round. Called when
   * all records of the trial are stored except its end record.
   */
  readonly stopIfPrecise: () => Promise<number | undefined>
}

/** What is known about this program's own timing error before a trial. */
export interface TimingErrorSources extends RunQueueReader {
  /** Absent if `exp doctor --calibrate` never ran on this machine. */
  readonly calibration?: TimingCalibration | undefined
}

export interface TrialOutcome {
  readonly outcome: TrialEnd['outcome'] | 'interrupted'
  readonly reason?: string
  readonly counts?: TrialEnd['counts']
}

/** The time limit for reading evidence. */
const observeTimeoutMs = 10_000
/** How often memory and energy are sampled while the load runs. */
const samplePeriodMs = 1_000
/** Evidence under load is read this long after the measured window opens. */
const duringDelayMs = 1_000

/** Throws only for a bug, or if a record cannot be written. It stops the server before it throws. */
export async function runTrial(plan: TrialPlan, deps: TrialDeps): Promise<TrialOutcome> {
  const { clock, server, signal, write } = deps
  const trialStart = clock.monotonic()
  const writeEvidence = evidenceWriter(deps, trialStart)
  let target: RunningTarget
  try {
    target = await server.start(plan.placement, signal)
  } catch (error) {
    if (signal.aborted) return { outcome: 'interrupted' }
    if (!(error instanceof ExpError)) throw error
    // If the server runs on another machine, facts about this one do not explain the failure.
    if (plan.placement.machine === undefined)
      writeEvidence('after', await deps.observeHost('changing'))
    return await writeEnd({ outcome: 'failed', reason: error.message, counts: zeroCounts }, deps)
  }
  let keepsServer = false
  try {
    writeEvidence('before', await observeMachine('all', target, deps))
    writeEvidence('before', await target.observe('before', observationSignal(signal)))
    const result = await runTrialLoad(plan, target, trialStart, deps, writeEvidence)
    if (result.window) write(result.window)
    if (result.outcome === 'interrupted') return { outcome: 'interrupted', counts: result.counts }
    writeEvidence('after', await target.observe('after', observationSignal(signal)))
    writeEvidence('after', await observeMachine('changing', target, deps))
    const exitReason = await target.exitReason()
    keepsServer = plan.keepsServer && exitReason === undefined && result.outcome === 'ended'
    if (exitReason === undefined) return await writeEnd(result, deps)
    const reason = keptReason(exitReason, plan.placement.config, plan.keep)
    return await writeEnd({ ...result, outcome: 'failed', reason }, deps)
  } finally {
    if (!keepsServer) await server.stop()
  }
}

/** Facts about the machine of the server. */
function observeMachine(
  which: 'all' | 'changing',
  target: RunningTarget,
  { observeHost, signal }: TrialDeps,
): Promise<readonly Observation[]> {
  return target.observeMachine?.(which, observationSignal(signal)) ?? observeHost(which)
}

type WriteEvidence = (when: Evidence['when'], observations: readonly Observation[]) => void

function evidenceWriter({ write, clock }: TrialDeps, trialStart: number): WriteEvidence {
  return (when, observations) => {
    const atMs = Math.round(clock.monotonic() - trialStart)
    for (const observation of observations) write({ type: 'evidence', atMs, when, ...observation })
  }
}

async function runTrialLoad(
  plan: TrialPlan,
  target: RunningTarget,
  trialStart: number,
  deps: TrialDeps,
  writeEvidence: WriteEvidence,
): Promise<LoadResult> {
  const { write, clock, timingErrorSources, steadyEngine, signal, onProgress } = deps
  const { config } = plan.placement
  const { load } = config.workload
  const { run, round, seed } = plan.header
  const { cacheOwner } = plan
  const scope = { run, round, ...(cacheOwner === undefined ? {} : { owner: cacheOwner }) }
  const factory = createRequestFactory(config, scope, plan.keep)
  const client = createClient(target, clock, timingErrorSources.runQueue)
  const readings: Promise<void>[] = []
  const readDuring = async () =>
    writeEvidence('during', await target.observe('during', observationSignal(signal)))
  const stopSampling = startSampling(deps.resourceSampler(target.processes), writeEvidence)
  try {
    await client.connect(load.kind === 'open' ? 1 : load.users, { signal })
    return await runLoad(
      { ...requestPlan(config, plan.keep, seed), idleLoopDelayP99Ms: plan.idleLoopDelayP99Ms },
      {
        generate: async (request, options) =>
          factory.withKeptError(request, await client.generate(request, options)),
        prepare: (request) => factory.prepare(request),
        evaluate: (step, generation) => factory.evaluate(step, generation),
        write,
        now: clock.monotonic,
        trialStart,
        random: seededRandom(seed, round),
        pauseRandom: (user) => seededRandom(seed, pauseStream(round, user)),
        signal,
        onWarmupEnd: steadyEngine,
        onProgress: (live) => {
          const isDue = live.phase === 'measured' && live.elapsedMs >= duringDelayMs
          if (isDue && readings.length === 0) readings.push(readDuring())
          onProgress(live)
        },
      },
    )
  } catch (error) {
    if (signal.aborted) return { outcome: 'interrupted', counts: zeroCounts }
    if (!(error instanceof ExpError) || error.code !== 'environment') throw error
    return { outcome: 'failed', reason: error.message, counts: zeroCounts }
  } finally {
    await Promise.all([...readings, stopSampling()])
    await client.close()
  }
}

/** Takes a sample now and then each second. Returns a function that takes a last sample and stops. */
function startSampling(sample: SampleResources, writeEvidence: WriteEvidence): () => Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const sampling = (async () => {
    for (let isLast = false; !isLast;) {
      isLast = signal.aborted
      await sample((reading) => writeEvidence('during', [reading]))
      if (!isLast) await sleep(samplePeriodMs, undefined, { signal }).catch(() => undefined)
    }
  })()
  return () => {
    stopping.abort()
    return sampling
  }
}

/** A client of the target that uses the run's clock. */
export function createClient(
  target: RunningTarget,
  clock: Clock,
  runQueue?: TimingErrorSources['runQueue'],
): OllamaClient {
  return new OllamaClient({
    baseUrl: target.url,
    headers: target.headers,
    name: target.name,
    proxy: target.proxy,
    now: clock.monotonic,
    runQueue,
  })
}

/** Aborts when the run is interrupted, or when reading evidence takes too long. */
function observationSignal(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(observeTimeoutMs)])
}

export const zeroCounts: TrialEnd['counts'] = { sent: 0, ok: 0, failed: 0, cancelled: 0 }

async function writeEnd(
  {
    outcome,
    reason,
    counts,
    client,
  }: Pick<TrialEnd, 'outcome' | 'reason' | 'counts' | 'client'> | LoadResult,
  { write, clock, timingErrorSources, stopIfPrecise }: TrialDeps,
): Promise<TrialOutcome> {
  if (outcome === 'interrupted') return { outcome, counts }
  const stoppedAtRound = await stopIfPrecise()
  write({
    type: 'end',
    endedAt: timestamp(clock.wall()),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    counts,
    ...(client === undefined ? {} : { client: withTimingErrorSources(client, timingErrorSources) }),
    ...(stoppedAtRound === undefined ? {} : { stoppedAtRound }),
  })
  return { outcome, ...(reason === undefined ? {} : { reason }), counts }
}

type Client = NonNullable<TrialEnd['client']>

/** Adds why the estimates are incomplete, and the calibration of this machine. */
function withTimingErrorSources(
  client: Client,
  { runQueueMissing, calibration }: TimingErrorSources,
): Client {
  if (client.timing === undefined) return client
  return {
    ...client,
    timing: {
      ...client.timing,
      ...(runQueueMissing === undefined ? {} : { runQueueMissing }),
      ...(calibration === undefined ? {} : { calibration }),
    },
  }
}
