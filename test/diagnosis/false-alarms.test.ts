/** Simulates two configs a thousand times to count how often chance alone proves a cause. */
import { describe, expect, it } from 'vitest'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import type { Cause } from '../../src/diagnosis/rules.ts'
import { analysisOf } from '../analysis/story.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { seededNormal } from '../support/random.ts'
import { trials, type Side } from './support/pairs.ts'
import { combined, delayedOnTheWay, waitsForLoad } from './support/request-changes.ts'

const draws = 1000
const errorRate = 0.05
/** Slowdown over a session, in which each trial is a little slower than the previous one. */
const drift = 0.03

/** Three users share one slot, wait for the model at the start, and reach the server through a proxy. */
const side: Side = {
  facts: { slots: 1 },
  after: { loadCount: 1 },
  server: {
    windowMs: 2_000,
    slots: 1,
    alter: combined(
      waitsForLoad(500, ({ index }) => index < 3),
      delayedOnTheWay(250),
    ),
  },
}

interface Noise {
  readonly rounds: number
  /** Relative spread between trials, for each part of the latency and for the sum: 0.02 means 2 %. */
  readonly spread: number
  /** The additional wait of the second config, with one slot, relative to the wait of the first, with two. Default: 0, with one slot on both. */
  readonly longerWait?: number
}

/** The proven causes of each draw. */
function provenCauses({ rounds, spread, longerWait = 0 }: Noise): readonly (readonly Cause[])[] {
  const configs = [measuredConfig('one'), measuredConfig('other', { from: 'one' })]
  const experiment = experimentOf(configs, { baseline: 'one', rounds })
  const normal = seededNormal(rounds)
  const factor = (position: number) =>
    Math.exp((drift * position) / (2 * rounds - 1) + spread * normal())
  const first = longerWait === 0 ? side : { ...side, facts: { slots: 2 } }
  const one = trials('one', first, 'process', rounds)
  const other = trials('other', side, 'process', rounds)
  return Array.from({ length: draws }, () => {
    const varied = (all: readonly TrialSummary[], which: 0 | 1) =>
      all.map((trial, round) => {
        const pace = factor(2 * round + ((round + which) % 2))
        const wait = 1 + which * longerWait
        return withFigures(trial, (id) => pace * factor(0) * (id === 'wait' ? wait : 1))
      })
    const analysis = analysisOf(experiment, { one: varied(one, 0), other: varied(other, 1) })
    const [explanation] = diagnose(experiment, analysis).explanations
    return (explanation?.findings ?? [])
      .filter(({ certainty }) => certainty === 'proven')
      .map(({ cause }) => cause)
  })
}

/** The trial with each part of its latency, and the length of its answers, multiplied. */
function withFigures(trial: TrialSummary, times: (id: string) => number): TrialSummary {
  const part = (id: string) => (trial.figures.get(id)?.value ?? NaN) * times(id)
  const [tokens, longer] = [trial.figures.get('outputTokens')?.value ?? NaN, times('outputTokens')]
  const parts = {
    wait: part('wait'),
    load: part('load'),
    prefill: part('prefill'),
    decode: part('decode') * longer,
    outside: part('outside'),
  }
  const figures = {
    ...parts,
    latencyMean: Object.values(parts).reduce((sum, each) => sum + each, 0),
    outputTokens: tokens * longer,
    decodeSpeed: ((tokens * longer) / parts.decode) * 1000,
  }
  return {
    ...trial,
    figures: new Map(Object.entries(figures).map(([id, value]) => [id, { n: 20, value }])),
  }
}

const share = (all: readonly (readonly Cause[])[], is: (causes: readonly Cause[]) => boolean) =>
  all.filter(is).length / draws

describe('chance', () => {
  it.each([
    { rounds: 4, spread: 0.02 },
    { rounds: 6, spread: 0.02 },
    { rounds: 4, spread: 0.1 },
    { rounds: 6, spread: 0.1 },
  ])('proves no cause where configs do not differ: %o', (noise) => {
    const proven = provenCauses(noise)
    expect(share(proven, (causes) => causes.length > 0)).toBeLessThanOrEqual(errorRate)
  })

  it('proves the cause that exists, and no other', () => {
    const proven = provenCauses({ rounds: 6, spread: 0.1, longerWait: 2 })
    expect(share(proven, (causes) => causes.includes('slots'))).toBeGreaterThan(0.95)
    const others = share(proven, (causes) => causes.some((cause) => cause !== 'slots'))
    expect(others).toBeLessThanOrEqual(errorRate)
  })
})
