/** Claims about two configs whose trials are simulated. */
import type { Verdict } from '../../src/analysis/analysis.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import type { Claim, Hypothesis, MeasuredConfig } from '../../src/experiment/experiment.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import type { Simulation } from './simulate.ts'
import { analysisOf, roundsOf } from './simulated-analysis.ts'

export const native = measuredConfig('native')
export const tuned = measuredConfig('tuned', { from: 'native' })
export const threshold = (comparator: '<=' | '<' | '>=' | '>', value: number) => ({
  comparator,
  value,
  text: `${comparator} ${value}`,
})
export type Rounds = readonly TrialSummary[]
export const rounds = (
  config: string,
  count: number,
  simulation: Simulation | ((round: number) => Simulation) = {},
): Rounds =>
  roundsOf(config, count, typeof simulation === 'function' ? simulation : () => simulation)

/** A claim about `tuned`, by default against `native`, with the trials of both. */
export interface Scenario {
  readonly claim: Claim
  readonly native?: Rounds
  readonly tuned?: Rounds
  readonly configs?: readonly [MeasuredConfig, MeasuredConfig]
  readonly standIn?: boolean
  /** How many times the experiment makes the claim. */
  readonly claims?: number
  /** `looks` in the file. */
  readonly looks?: number
}

export function resultOf({
  claim,
  native: from,
  tuned: to,
  configs,
  standIn = false,
  claims = 1,
  looks,
}: Scenario) {
  const hypotheses = Array.from({ length: claims }, (_, index): Hypothesis => {
    return { id: `H${index}`, statement: '', gate: true, claim }
  })
  const experiment = experimentOf(configs ?? [native, tuned], {
    rounds: 6,
    hypotheses,
    ...(looks === undefined ? {} : { looks }),
  })
  const trials = { ...(from && { native: from }), ...(to && { tuned: to }) }
  const analysis = analysisOf(experiment, trials, { standIn })
  return { analysis, result: analysis.hypotheses[0]! }
}
export const verdictOf = (scenario: Scenario): Verdict => resultOf(scenario).result.verdict

export const change = (comparator: '<=' | '>=', value: number, metric = 'latencyMean'): Claim => ({
  kind: 'change',
  metric,
  config: 'tuned',
  versus: 'native',
  threshold: threshold(comparator, value),
})
export const same = (band: number, metric = 'latencyMean'): Claim => ({
  kind: 'same',
  metric,
  config: 'tuned',
  versus: 'native',
  band,
  text: `${band}%`,
})
/** Trials whose service times vary by 1 % between rounds. */
export const spread =
  (pace: number, by = 0.01) =>
  (round: number): Simulation => ({
    pace: pace * (1 + by * Math.sin(round * 2.3)),
  })
/** `fast` has about half the latency of `slow`. */
export const slow = rounds('native', 6, spread(2))
export const fast = rounds('tuned', 6, spread(1))

export const ratio = (comparator: '<=' | '>=', value: number): Claim => ({
  kind: 'ratio',
  metric: 'qps',
  config: 'tuned',
  versus: 'native',
  threshold: threshold(comparator, value),
})
export const value = (comparator: '<=' | '>=', ms: number): Claim => ({
  kind: 'value',
  metric: 'latencyMean',
  config: 'tuned',
  threshold: threshold(comparator, ms),
})
/** The measured value of a claim. A threshold at this value lies inside its interval. */
export const measuredOf = (claim: Claim, native = slow, tuned = fast) =>
  resultOf({ claim, native, tuned }).result.measured ?? NaN
