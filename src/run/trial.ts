/**
 * One trial: the server comes up, evidence is read, the load runs, evidence is read again, the server goes down;
 * every step is a record, appended as it happens behind the header. What goes wrong on the way is the trial's outcome, not an
 * exception; only a record that cannot be written, or a bug, is thrown, after the server is down.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { runLoad } from '../load/load.ts'
import type { LoadResult } from '../load/load-plan.ts'
import type { LiveFigures } from '../load/live-figures.ts'
import { OllamaClient } from '../ollama/client.ts'
import type { Evidence, TrialEnd, TrialHeader, TrialRecord } from '../results/record.ts'
import type { Observation, RunningTarget } from '../targets/target.ts'
import { timestamp, type Clock } from './clock.ts'
import type { Placement } from './preflight.ts'
import { createRequestFactory, type RequestFactory } from './request-factory.ts'
import { seededRandom } from './random.ts'

export interface TrialPlan {
  readonly placement: Placement
  readonly header: TrialHeader
  readonly keep: Experiment['keep']
  /** The config's key where another config asks the same server, which would know its prompts again. */
  readonly cacheScope?: string
  readonly idleLoopDelayP99Ms: number
}

export interface TrialDeps {
  readonly write: (record: TrialRecord) => void
  /** Facts about this machine as of now: all of them, or those that change from minute to minute. */
  readonly observeHost: (which: 'all' | 'changing') => Promise<readonly Observation[]>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (live: LiveFigures) => void
  /** Asked when all but the end is stored: the round that the run stops at, if it stops with this trial. */
  readonly stoppedAtRound: () => Promise<number | undefined>
}

export interface TrialOutcome {
  readonly outcome: TrialEnd['outcome'] | 'interrupted'
  readonly reason?: string
  readonly counts?: TrialEnd['counts']
}

/** Cleaned-up work that outlives an aborted signal: reading evidence from a server that is about to go. */
const observeTimeoutMs = 10_000
/** After the window has opened, so that what is read is read under load. */
const duringDelayMs = 1_000

export async function runTrial(plan: TrialPlan, deps: TrialDeps): Promise<TrialOutcome> {
  const { placement } = plan
  const { clock, signal, write } = deps
  const zero = clock.monotonic()
  const evidence = evidenceWriter(deps, zero)
  let target: RunningTarget
  try {
    target = await placement.driver.start(placement.config, signal)
  } catch (error) {
    if (signal.aborted) return { outcome: 'interrupted' }
    if (!(error instanceof ExpError)) throw error
    evidence('after', await deps.observeHost('changing'))
    return await end({ outcome: 'failed', reason: error.message, counts: nothingSent }, deps)
  }
  try {
    evidence('before', await deps.observeHost('all'))
    evidence('before', await target.observe('before', observing(signal)))
    const result = await load(plan, target, zero, deps, evidence)
    if (result.window) write(result.window)
    if (result.outcome === 'interrupted') return { outcome: 'interrupted', counts: result.counts }
    evidence('after', await target.observe('after', observing(signal)))
    evidence('after', await deps.observeHost('changing'))
    const died = await target.ended()
    return await end(
      died === undefined ? result : { ...result, outcome: 'failed', reason: died },
      deps,
    )
  } finally {
    await target.stop()
  }
}

type WriteEvidence = (when: Evidence['when'], observations: readonly Observation[]) => void

function evidenceWriter({ write, clock }: TrialDeps, zero: number): WriteEvidence {
  return (when, observations) => {
    const atMs = Math.round(clock.monotonic() - zero)
    for (const observation of observations) write({ type: 'evidence', atMs, when, ...observation })
  }
}

async function load(
  plan: TrialPlan,
  target: RunningTarget,
  zero: number,
  { write, clock, signal, onProgress }: TrialDeps,
  evidence: WriteEvidence,
): Promise<LoadResult> {
  const { config } = plan.placement
  const { workload, dataset } = config
  const { run, round, seed } = plan.header
  const questions: RequestFactory = createRequestFactory(
    config,
    target.model,
    { run, round, ...(plan.cacheScope === undefined ? {} : { config: plan.cacheScope }) },
    plan.keep,
  )
  const client = new OllamaClient({
    baseUrl: target.url,
    headers: target.headers,
    proxy: target.proxy,
    now: clock.monotonic,
  })
  const during = new DuringObservation(target, evidence, signal)
  try {
    await client.connect(workload.load.kind === 'open' ? 1 : workload.load.users, { signal })
    return await runLoad(
      {
        load: workload.load,
        warmupRequests: warmupRequests(plan),
        samples: dataset.samples.map(({ id }) => id),
        timeoutMs: workload.timeoutMs,
        idleLoopDelayP99Ms: plan.idleLoopDelayP99Ms,
      },
      {
        generate: (request, options) => client.generate(request, options),
        prepare: (ask) => questions.prepare(ask),
        evaluate: (sampleIndex, generation) => questions.evaluate(sampleIndex, generation),
        write,
        now: clock.monotonic,
        zero,
        random: seededRandom(seed, round),
        signal,
        onProgress: (live) => {
          if (live.phase === 'measured' && live.elapsedMs >= duringDelayMs) during.begin()
          onProgress(live)
        },
      },
    )
  } catch (error) {
    if (signal.aborted) return { outcome: 'interrupted', counts: nothingSent }
    if (!(error instanceof ExpError) || error.code !== 'environment') throw error
    return { outcome: 'failed', reason: error.message, counts: nothingSent }
  } finally {
    await during.ended()
    await client.close()
  }
}

/** `cache: warm` has asked every sample before it measures. */
function warmupRequests({ placement: { config } }: TrialPlan): number {
  const { warmupRequests: asked, cache } = config.workload
  return cache === 'warm' ? Math.max(asked, config.dataset.samples.length) : asked
}

/** Reads evidence once while requests run. */
class DuringObservation {
  readonly #target: RunningTarget
  readonly #evidence: WriteEvidence
  readonly #signal: AbortSignal
  #reading: Promise<void> | undefined

  constructor(target: RunningTarget, evidence: WriteEvidence, signal: AbortSignal) {
    this.#target = target
    this.#evidence = evidence
    this.#signal = signal
  }

  begin(): void {
    this.#reading ??= this.#read()
  }

  async ended(): Promise<void> {
    await this.#reading
  }

  async #read(): Promise<void> {
    this.#evidence('during', await this.#target.observe('during', observing(this.#signal)))
  }
}

function observing(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(observeTimeoutMs)])
}

const nothingSent: TrialEnd['counts'] = { sent: 0, ok: 0, failed: 0, cancelled: 0 }

async function end(
  {
    outcome,
    reason,
    counts,
    client,
  }: Pick<TrialEnd, 'outcome' | 'reason' | 'counts' | 'client'> | LoadResult,
  { write, clock, stoppedAtRound }: TrialDeps,
): Promise<TrialOutcome> {
  if (outcome === 'interrupted') return { outcome, counts }
  const stopped = await stoppedAtRound()
  write({
    type: 'end',
    endedAt: timestamp(clock.wall()),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    counts,
    ...(client === undefined ? {} : { client }),
    ...(stopped === undefined ? {} : { stoppedAtRound: stopped }),
  })
  return { outcome, ...(reason === undefined ? {} : { reason }), counts }
}
