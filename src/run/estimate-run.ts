/**
 * Estimates how long a run will take. Probes each config once before anything is measured: starts its server, sends a
 * request that loads the model and then one request of each kind, and stops the server. Configs that share a server in
 * the run share one probe server too. The probe also shows whether the config works at all.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { longestSearch, type CapacitySearch } from '../experiment/levels/capacity-search.ts'
import { requestKindsOf } from '../experiment/mix.ts'
import type { RunningTarget } from '../targets/target.ts'
import type { Clock } from './clock.ts'
import type { Placement } from './preflight.ts'
import { createRequestFactory } from './request-factory.ts'
import type { PreparedRun, RunDeps } from './run.ts'
import { TrialServer } from './trial-server.ts'
import { createClient } from './trial.ts'

export interface Estimate {
  /** If the run searches for a capacity: the longest time that the search may take. */
  readonly estimateMs: number
  /** Configs whose probe failed. Their trials count as 0 in the estimate. */
  readonly failedProbes: readonly { readonly config: string; readonly why: string }[]
}

/** @throws ExpError `environment` if every probe fails */
export async function estimateRun(
  { run, experiment, placements, trials, search, rounds }: PreparedRun,
  { clock, signal, onEvent }: Pick<RunDeps, 'clock' | 'signal' | 'onEvent'>,
): Promise<Estimate> {
  const msPerTrial = new Map<string, number>()
  const failedProbes: { config: string; why: string }[] = []
  const searchBound = search && searchBoundOf(experiment, search, rounds)
  const available = placements.filter(
    ({ skipReason, config }) =>
      skipReason === undefined && searchBound?.unprobed.has(config.key) !== true,
  )
  for (const group of groupByStart(available, trials)) {
    const server = new TrialServer()
    const deps = { run, keep: experiment.keep, clock, signal, server }
    for (const [index, placement] of group.entries()) {
      const { config } = placement
      onEvent({ type: 'probing', config: config.key })
      try {
        const probe = await probeConfig(placement, index === group.length - 1, deps)
        for (const each of [config, ...(searchBound?.levelsOf(config.key) ?? [])])
          msPerTrial.set(each.key, estimateTrial(each, probe))
      } catch (error) {
        await server.stop()
        signal.throwIfAborted()
        if (!(error instanceof ExpError)) throw error
        failedProbes.push({ config: config.key, why: error.message })
      }
    }
  }
  if (msPerTrial.size === 0) throw allProbesFailed(failedProbes)
  const counted =
    searchBound?.trials(trials.map(({ config }) => config)) ?? trials.map(({ config }) => config)
  const estimateMs = counted.reduce((sum, config) => sum + (msPerTrial.get(config) ?? 0), 0)
  return { estimateMs, failedProbes }
}

/** Groups the placements whose trials share one start of a server. */
function groupByStart(
  placements: readonly Placement[],
  trials: PreparedRun['trials'],
): readonly (readonly Placement[])[] {
  const groups = new Map<string, Placement[]>()
  for (const placement of placements) {
    const { key } = placement.config
    const start = trials.find(({ config }) => config === key)?.start
    const group = start === undefined ? key : `start ${String(start)}`
    groups.set(group, [...(groups.get(group) ?? []), placement])
  }
  return [...groups.values()]
}

function allProbesFailed(failedProbes: Estimate['failedProbes']): ExpError {
  const lines = failedProbes.map(({ config, why }) => `  ${config}: ${why}`)
  return new ExpError(
    'environment',
    ['no config answered its probe', ...lines],
    'Nothing was measured. `exp doctor` shows what this machine can run.',
  )
}

interface Probe {
  /** Time from the start of the server until it is ready. */
  readonly startMs: number
  readonly stopMs: number
  /** Duration of the first request, which includes loading the model. */
  readonly firstMs: number
  /** Duration of a request to the loaded model without other load; of a mix, the weighted mean of its kinds. */
  readonly requestMs: number
}

interface ProbeDeps {
  readonly run: string
  readonly keep: Experiment['keep']
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly server: TrialServer
}

/**
 * Throws `ExpError` if the server does not start or does not answer. If configs share a server, the first one includes
 * the time for starting it, and the last one the time for stopping it.
 */
async function probeConfig(placement: Placement, isLast: boolean, deps: ProbeDeps): Promise<Probe> {
  const { clock, signal, server } = deps
  const { config } = placement
  const startedAt = clock.monotonic()
  const target = await server.start(placement, signal)
  const startMs = clock.monotonic() - startedAt
  let requests: Pick<Probe, 'firstMs' | 'requestMs'>
  let stopCalledAt: number
  try {
    requests = await sendProbeRequests(config, target, deps)
  } finally {
    stopCalledAt = clock.monotonic()
    if (isLast) await server.stop()
  }
  return { startMs, ...requests, stopMs: clock.monotonic() - stopCalledAt }
}

async function sendProbeRequests(
  config: MeasuredConfig,
  target: RunningTarget,
  { run, keep, clock, signal }: ProbeDeps,
): Promise<Pick<Probe, 'firstMs' | 'requestMs'>> {
  const scope = { run: `${run}-probe`, round: 0 }
  const factory = createRequestFactory(config, scope, keep)
  const client = createClient(target, clock)
  const send = async (kind: number, occurrence: number) => {
    const { request } = factory.prepare({ kind, sampleIndex: 0, occurrence, phase: 'warmup' })
    const { timeoutMs } = config.workload
    const answer = await client.generate(request, { timeoutMs, signal })
    if (answer.outcome !== 'ok')
      throw new ExpError(
        'environment',
        `its first request failed: ${answer.httpStatus === undefined || answer.httpStatus === 200 ? '' : `(${answer.httpStatus}) `}${answer.error ?? answer.outcome}`,
      )
    return answer.endedAt - answer.sentAt
  }
  try {
    const firstMs = await send(0, 0)
    let [weights, weightedMs] = [0, 0]
    for (const [kind, { weight }] of requestKindsOf(config).entries()) {
      weights += weight
      weightedMs += weight * (await send(kind, 1))
    }
    return { firstMs, requestMs: weightedMs / weights }
  } finally {
    await client.close()
  }
}

/**
 * How long one trial of the config takes, in milliseconds. Assumes that concurrent requests share the same compute, so
 * that requests of `users` users take `users` times as long. This is right for a saturated machine; for others it is an
 * overestimate. A user who pauses needs for each request the time of a request without other load plus the pause, or
 * the time of a request under load if that is longer.
 */
function estimateTrial(config: MeasuredConfig, probe: Probe): number {
  const { load, warmupRequests } = config.workload
  const users = load.kind === 'open' ? 1 : load.users
  const underLoadMs = probe.requestMs * users
  const fixedMs = config.settleMs + probe.startMs + probe.stopMs + probe.firstMs
  const rampMs =
    load.kind === 'open' ? 0 : load.rampMs === 'auto' ? underLoadMs : (load.rampMs ?? 0)
  const pauseMs = load.kind === 'open' ? 0 : (load.pause?.meanMs ?? 0)
  const cycleMs = Math.max(underLoadMs, probe.requestMs + pauseMs)
  const warmupMs = (Math.max(0, warmupRequests - 1) / users) * underLoadMs
  switch (load.kind) {
    case 'closed-duration': {
      const minRequestsMs = (load.atLeast / users) * cycleMs
      const windowMs = Math.min(
        Math.max(load.durationMs, minRequestsMs),
        Math.max(load.atMostMs, load.durationMs),
      )
      return fixedMs + warmupMs + windowMs + underLoadMs
    }
    case 'closed-requests':
      return fixedMs + warmupMs + rampMs + (load.requests / users) * cycleMs
    case 'open':
      return fixedMs + warmupMs + load.durationMs + underLoadMs
  }
}

/** The most that a run with capacity searches may have to measure. */
interface SearchBound {
  /** Levels that are not probed, because the first level of their series is. */
  readonly unprobed: ReadonlySet<string>
  /** All levels of the series whose first level is this config; empty for any other config. */
  readonly levelsOf: (key: string) => readonly MeasuredConfig[]
  /**
   * The config of each trial of the longest search.
   * @param planned the configs of the trials of a plan that measures all levels in all rounds
   */
  readonly trials: (planned: readonly string[]) => readonly string[]
}

function searchBoundOf(
  { series = [], configs }: Experiment,
  search: CapacitySearch,
  rounds: number,
): SearchBound {
  const levels = new Set(series.flatMap((each) => each.levels.map(({ config }) => config)))
  const firsts = new Set(series.map((each) => each.levels[0]?.config))
  const measured = configs.filter((config) => config.kind === 'measured')
  const { windows, confirm } = longestSearch(search)
  return {
    unprobed: new Set([...levels].filter((key) => !firsts.has(key))),
    levelsOf: (key) => {
      const own = series.find((each) => each.levels[0]?.config === key)?.levels ?? []
      return own.flatMap(({ config }) => measured.filter(({ key: each }) => each === config))
    },
    trials: (planned) => [
      ...planned.filter((key) => !levels.has(key)),
      ...series
        .filter((each) => each.levels.some(({ config }) => planned.includes(config)))
        .flatMap((each) => {
          const keyOf = (level: number) =>
            each.levels.find(({ value }) => value === level)?.config ?? ''
          const inRounds = Array.from({ length: rounds }, () => confirm).flat()
          return [...windows, ...inRounds].map(keyOf)
        }),
    ],
  }
}
