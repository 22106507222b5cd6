/** The trials of a run, in order: each stored as it happens, and a failed one does not stop the others. */
import { setTimeout } from 'node:timers/promises'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { isSameTarget, kindFacts } from '../experiment/target-kinds.ts'
import { idleLoopDelayP99 } from '../load/client-health.ts'
import type { LiveFigures } from '../load/live-figures.ts'
import { formatVersion, type TrialHeader, type TrialRecord } from '../results/record.ts'
import { timestamp, type Clock } from './clock.ts'
import type { Placement } from './preflight.ts'
import type { ScheduledTrial } from './run-event.ts'
import { measuredConfigs, type PreparedRun, type RunDeps, type RunOutcome } from './run.ts'
import { runTrial, type TrialOutcome } from './trial.ts'

/** Under `until`, rounds may end from this one on, and only in pairs, so that the order stays balanced. */
const minRounds = 6

export async function measureRun(prepared: PreparedRun, deps: RunDeps): Promise<RunOutcome> {
  const idleLoopDelayP99Ms = await idleLoopDelayP99()
  const trials: RunOutcome['trials'][number][] = []
  let stopAfter = Infinity
  for (const [index, planned] of prepared.trials.entries()) {
    if (deps.signal.aborted || planned.round > stopAfter) break
    const trial: ScheduledTrial = { ...planned, index: index + 1, total: prepared.trials.length }
    deps.onEvent({ type: 'trial-started', trial })
    let live: LiveFigures | undefined
    const onProgress = (now: LiveFigures) => {
      live = now
      deps.onEvent({ type: 'progress', trial, live: now })
    }
    const stopsHere = async () => {
      const precise =
        mayStop(prepared, index) && (await deps.isPrecise(prepared.run, planned.round))
      if (precise) stopAfter = planned.round
      return precise
    }
    const outcome = await storeTrial(
      prepared,
      trial,
      { idleLoopDelayP99Ms, onProgress, stopsHere },
      deps,
    )
    trials.push({ trial, outcome })
    deps.onEvent({
      type: 'trial-ended',
      trial,
      ...outcome,
      ...(live === undefined ? {} : { live }),
    })
  }
  return { run: prepared.run, trials, interrupted: deps.signal.aborted }
}

/** Whether the run may end with this trial, the last of its round, if it is precise enough. */
function mayStop({ experiment, trials }: PreparedRun, index: number): boolean {
  const [trial, next] = [trials[index], trials[index + 1]]
  if (experiment.until === undefined || trial === undefined || trial.side !== undefined)
    return false
  return trial.round >= minRounds && trial.round % 2 === 0 && next?.round !== trial.round
}

interface TrialHooks {
  readonly idleLoopDelayP99Ms: number
  readonly onProgress: (live: LiveFigures) => void
  /** Asked when all but the trial's end is stored. */
  readonly stopsHere: () => Promise<boolean>
}

async function storeTrial(
  prepared: PreparedRun,
  trial: ScheduledTrial,
  { idleLoopDelayP99Ms, onProgress, stopsHere }: TrialHooks,
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
      { ...plan, ...scopeOf(prepared, trial, placement.config) },
      {
        write,
        observeHost,
        clock,
        signal: AbortSignal.any([signal, writer.failed]),
        onProgress,
        stoppedAtRound: async () => ((await stopsHere()) ? trial.round : undefined),
      },
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

/** Where one server answers for several sides, each gets cold prefixes of its own. */
function scopeOf(
  { experiment }: PreparedRun,
  { side }: ScheduledTrial,
  { key, target }: MeasuredConfig,
): { cacheScope?: string } {
  if (kindFacts(target.kind).startsServer) return {}
  if (side !== undefined) return { cacheScope: `${key} ${side}` }
  const sharing = measuredConfigs(experiment).filter((config) =>
    isSameTarget(config.target, target),
  )
  return sharing.length > 1 ? { cacheScope: key } : {}
}

async function settle(pauseMs: number, signal: AbortSignal): Promise<void> {
  if (pauseMs > 0) await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined)
}

function headerOf(
  { run, rounds, seed }: PreparedRun,
  { config, driver, requestedKind: asked, standIn, why }: Placement,
  { round, position, side }: ScheduledTrial,
  startedAt: string,
  { tool, machine }: Pick<RunDeps, 'tool' | 'machine'>,
): TrialHeader {
  const { dataset } = config
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
    target: { asked, actual: driver.kind, standIn, ...(why === undefined ? {} : { why }) },
    ...(side === undefined ? {} : { side }),
    model: config.model.name,
    dataset: { name: dataset.name, digest: dataset.digest, samples: dataset.samples.length },
    settings: { env: config.env, options: config.options },
    workload: { ...config.workload },
    rounds,
    seed,
  }
}
