/**
 * Simulates the figures of experiments and returns the causes that their diagnosis names. The two configs differ only
 * by chance, or also by factors that the simulation sets. Fast enough for thousands of experiments.
 */
import type { TrialFigure, TrialSummary } from '../../src/analysis/trial-summary.ts'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import type { Cause } from '../../src/diagnosis/rules.ts'
import { latencyPartIds } from '../../src/metrics/catalog.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { trials, type Side } from '../diagnosis/support/pairs.ts'
import { combined, delayedOnTheWay, waitsForLoad } from '../diagnosis/support/request-changes.ts'
import { experimentOf, measuredConfig, recordedConfig } from '../report/support/analysis.ts'
import { seededNormal, seededRandom } from './random.ts'

export interface CauseSimulation {
  readonly seed: number
  readonly experiments: number
  readonly rounds: number
  /** Spread between trials that slows all parts of the latency alike: 0.02 means 2 %. */
  readonly trialSpread: number
  /** Spread between trials that slows one part of the latency alone. Default: `trialSpread`. */
  readonly partSpread?: number
  /** Share of trials that a disturbance makes 30 % slower. Default: 0.02. */
  readonly stragglers?: number
  /** Slowdown over the session, in which each trial is a little slower than the previous one. Default: 0.03. */
  readonly drift?: number
  /** The two configs. Default: `busySide` on both. */
  readonly sides?: readonly [Side, Side]
  /** Factors on figures of the second config. Default: none, so that both are the same. */
  readonly planted?: Readonly<Record<string, number>>
  /**
   * - `parts`: one trial of the second config lacks the parts of latency, because it failed an audit
   * - `recorded`: the first config is recorded, with mean latency and users only
   */
  readonly missing?: 'parts' | 'recorded'
}

/** The causes that a diagnosis names. */
export interface NamedCauses {
  readonly proven: readonly Cause[]
  readonly critical: readonly Cause[]
  /** Likely or proven. */
  readonly found: readonly Cause[]
}

/** Three users share one slot, wait for the model at the start, and reach the server through a proxy. */
export const busySide: Side = {
  facts: { slots: 1 },
  after: { loadCount: 1 },
  server: {
    windowMs: 2_000,
    slots: 1,
    alter: combined(
      waitsForLoad(500, ({ index }) => index < 3),
      delayedOnTheWay(60),
    ),
  },
}

/** The same side with only some layers on the GPU. */
export const partlyOffloaded: Side = {
  ...busySide,
  facts: { slots: 1, layersOffloaded: 20, vramBytes: 700_000 },
}

/** One entry for each simulated experiment. */
export function simulateCauses(simulation: CauseSimulation): readonly NamedCauses[] {
  const { seed, experiments, rounds, sides = [busySide, busySide], missing } = simulation
  const configs = [
    missing === 'recorded' ? undefined : measuredConfig('one'),
    measuredConfig('other', { from: 'one' }),
  ].filter((each) => each !== undefined)
  const stored = [
    trials('one', sides[0], 'process', rounds),
    trials('other', sides[1], 'process', rounds),
  ]
  const sample = figureSampler(simulation, seed)
  return Array.from({ length: experiments }, () => {
    const [one = [], other = []] = sample(stored)
    const document =
      missing === 'recorded' ? [recordedConfig('one', { figures: recordedFigures(one[0]) })] : []
    const experiment = experimentOf([...document, ...configs], { baseline: 'one', rounds })
    const analysis = analysisOf(experiment, document.length > 0 ? { other } : { one, other })
    const findings = diagnose(experiment, analysis).explanations.flatMap((each) => each.findings)
    const named = (is: (finding: (typeof findings)[number]) => boolean) =>
      findings.filter(is).map(({ cause }) => cause)
    return {
      proven: named(({ certainty }) => certainty === 'proven'),
      critical: named((finding) => finding.rank === 'critical'),
      found: named(({ certainty }) => certainty !== 'possible'),
    }
  })
}

/** Returns a function that simulates an experiment: it replaces the figures of the given trials by random ones. */
function figureSampler(simulation: CauseSimulation, seed: number) {
  const { trialSpread, partSpread = trialSpread, stragglers = 0.02, drift = 0.03 } = simulation
  const { rounds, planted = {}, missing } = simulation
  const [normal, random] = [seededNormal(seed), seededRandom(seed + 1)]
  return (stored: readonly (readonly TrialSummary[])[]) =>
    stored.map((all, which) =>
      all.map((trial, round) => {
        const place = (round + which) % 2
        const disturbed = random() < stragglers ? 1.3 : 1
        const session = Math.exp((drift * (2 * round + place)) / (2 * rounds - 1))
        const pace = disturbed * session * Math.exp(trialSpread * normal())
        const varied = withFigures(
          { ...trial, header: { ...trial.header, position: place } },
          (id) =>
            (id === 'outputTokens' ? 1 : pace) *
            Math.exp(partSpread * normal()) *
            (which === 1 ? (planted[id] ?? 1) : 1),
        )
        return missing === 'parts' && which === 1 && round === 0 ? withoutParts(varied) : varied
      }),
    )
}

/** The trial with each part of its latency, and the length of its answers, multiplied. */
function withFigures(trial: TrialSummary, times: (id: string) => number): TrialSummary {
  const own = (id: string) => trial.figures.get(id)?.value ?? NaN
  const longer = times('outputTokens')
  const parts = latencyPartIds.map(
    (id) => [id, own(id) * times(id) * (id === 'decode' ? longer : 1)] as const,
  )
  const decode = parts.find(([id]) => id === 'decode')?.[1] ?? NaN
  const tokens = own('outputTokens') * longer
  return {
    ...trial,
    figures: figuresOf([
      ...parts,
      ['latencyMean', parts.reduce((sum, [, value]) => sum + value, 0)],
      ['outputTokens', tokens],
      ['decodeSpeed', (tokens / decode) * 1000],
    ]),
  }
}

function figuresOf(values: readonly (readonly [string, number])[]) {
  return new Map(values.map(([id, value]): [string, TrialFigure] => [id, { n: 20, value }]))
}

function withoutParts(trial: TrialSummary): TrialSummary {
  const absent: TrialFigure = { n: 20, absence: { code: 'audit', audit: 'timeBudget' } }
  const parts = latencyPartIds.map((id) => [id, absent] as const)
  return { ...trial, figures: new Map([...trial.figures, ...parts]) }
}

function recordedFigures(trial: TrialSummary | undefined) {
  const latency = trial?.figures.get('latencyMean')?.value ?? NaN
  return [
    { metric: 'latencyMean', value: latency },
    { metric: 'users', value: 3 },
  ] as const
}

/** The smallest k with P(X >= k) < 1e-4, where X is binomial with `n` experiments and this `rate`. */
export function unlikelyCount(n: number, rate: number): number {
  let [count, probability, tail] = [0, (1 - rate) ** n, 1]
  while (tail >= 1e-4) {
    tail -= probability
    probability *= ((n - count) / (count + 1)) * (rate / (1 - rate))
    count += 1
  }
  return count
}
