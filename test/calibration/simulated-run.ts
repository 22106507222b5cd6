/** Runs with a known truth, at the level of latencies: cheap enough for a hundred thousand experiments. */
import type { TrialFigure, TrialSummary } from '../../src/analysis/trial-summary.ts'
import { quantileOf } from '../../src/stats/quantile.ts'
import { roundsOf } from '../analysis/simulated-analysis.ts'
import { autocorrelated } from '../support/noise.ts'
import { seededNormal, seededRandom } from '../support/random.ts'
import type { RequestTimes } from '../stats/request-times.ts'

/** Random numbers that depend only on a seed. */
export interface Source {
  readonly normal: () => number
  readonly random: () => number
}

export function sourceOf(seed: number): Source {
  return { normal: seededNormal(seed), random: seededRandom(seed + 0x9e3779b9) }
}

/** What varies between trials and between requests. */
export interface World {
  readonly rounds: number
  /** Requests of a trial. */
  readonly requests: number
  /** Relative spread between trials; each experiment draws its own from this range. */
  readonly trialSpread: readonly [number, number]
  /** Correlation of consecutive trials. */
  readonly correlation: number
  /** Slowdown over the session. */
  readonly drift: number
  /** Share of trials that a disturbance makes 30 % slower. */
  readonly disturbed: number
  /** Share of trials that are missing. */
  readonly missing: number
  /** Relative spread between the requests of a trial. */
  readonly requestSpread: number
  /** Share of requests that take 2 to 4 times as long. */
  readonly stragglers: number
  /** Share of requests that fail, on average over trials. Failures cluster: its logarithm has a spread of 1. */
  readonly failures: number
}

export const usualWorld: World = {
  rounds: 6,
  requests: 100,
  trialSpread: [0.02, 0.08],
  correlation: 0.3,
  drift: 0.03,
  disturbed: 0.02,
  missing: 0.03,
  requestSpread: 0.3,
  stragglers: 0.02,
  failures: 0.01,
}

export interface SimulatedTrial {
  readonly round: number
  readonly position: number
  /** In ms, ascending. */
  readonly latencies: Float64Array
  readonly failed: number
}

/** The latency of a usual request without any effect. */
export const medianMs = 1000

/** The world's times of requests, for the truth of figures; holds without drift, correlation and disturbances. */
export function requestTimes({ requestSpread, trialSpread, stragglers }: World): RequestTimes {
  return { spread: requestSpread, trialSpread: trialSpread[0], stragglers, factors: [2, 4] }
}

/**
 * The trials of each config of a run, in counterbalanced rounds.
 * @param effects the logarithm of the factor on all latencies, for each config
 * @param extraFailures added to the share of failures, for each config
 */
export function simulatedRun(
  world: World,
  effects: readonly number[],
  { normal, random }: Source,
  extraFailures: readonly number[] = [],
): readonly (readonly SimulatedTrial[])[] {
  const [least, most] = world.trialSpread
  const spread = least + (most - least) * random()
  const noise = autocorrelated(normal, world.correlation)
  const last = world.rounds * effects.length
  const trials = effects.map((): SimulatedTrial[] => [])
  for (let index = 0; index < last; index++) {
    const [round, place] = [Math.floor(index / effects.length), index % effects.length]
    const which = round % 2 === 0 ? place : effects.length - 1 - place
    const disturbance = random() < world.disturbed ? Math.log(1.3) : 0
    const pace =
      spread * noise() + disturbance + (world.drift * index) / last + (effects[which] ?? 0)
    const latencies = Float64Array.from({ length: world.requests }, () => {
      const late = random() < world.stragglers ? 2 + 2 * random() : 1
      return medianMs * late * Math.exp(pace + world.requestSpread * normal())
    })
    const rate = world.failures * Math.exp(normal() - 0.5) + (extraFailures[which] ?? 0)
    const failed = share(world.requests, rate, random)
    if (random() >= world.missing)
      trials[which]?.push({
        round: round + 1,
        position: index + 1,
        latencies: latencies.sort(),
        failed,
      })
  }
  return trials
}

function share(n: number, rate: number, random: () => number): number {
  let count = 0
  for (let index = 0; index < n; index++) if (random() < rate) count += 1
  return count
}

const [template] = roundsOf('one', 1, () => ({ windowMs: 3_000 }))

export interface SummaryOptions {
  readonly run?: string
  /** The only metric that is needed, which makes analysis faster. */
  readonly only?: string
}

/** The trials as analysis sees them. */
export function summaries(
  trials: readonly SimulatedTrial[],
  config: string,
  { run = 'run', only }: SummaryOptions = {},
): readonly TrialSummary[] {
  if (template === undefined) throw new Error('no template')
  return trials.map(({ round, position, latencies, failed }) => ({
    ...template,
    header: { ...template.header, config, run, round, position },
    figures: new Map(
      figuresOf(latencies, failed).filter(([id]) => only === undefined || id === only),
    ),
    tallies: { ...template.tallies, doneReasons: new Map(), cutBySample: new Map() },
  }))
}

/** Three users, who wait for each answer. */
function figuresOf(
  latencies: Float64Array,
  failed: number,
): readonly (readonly [string, TrialFigure])[] {
  const n = latencies.length
  const mean = latencies.reduce((sum, latency) => sum + latency, 0) / n
  const quantile = (share: number): TrialFigure => {
    return { value: quantileOf(latencies, share), n, ascendingValues: latencies }
  }
  return [
    ['qps', { value: 3000 / mean, n }],
    ['latencyMean', { value: mean, n }],
    ['latencyP50', quantile(0.5)],
    ['latencyP95', quantile(0.95)],
    ['okRate', { value: 100 - (failed / n) * 100, n, counts: { part: n - failed, whole: n } }],
  ]
}

/** The logarithms of all latencies together. */
export function pooledLogs(trials: readonly SimulatedTrial[]): readonly number[] {
  return trials.flatMap(({ latencies }) => Array.from(latencies, Math.log))
}

/** The mean latency of each trial, as a logarithm. */
export function meanLogs(trials: readonly SimulatedTrial[]): readonly number[] {
  return trials.map(({ latencies }) =>
    Math.log(latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length),
  )
}
