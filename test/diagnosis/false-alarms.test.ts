/**
 * Simulates hundreds of experiments to count how often chance alone proves a cause, and how often a real one is found.
 */
import { describe, expect, it } from 'vitest'
import {
  busySide,
  partlyOffloaded,
  simulateCauses,
  unlikelyCount,
  type CauseSimulation,
  type NamedCauses,
} from '../support/simulated-causes.ts'

const experiments = 200
const usual = { seed: 17, experiments, rounds: 6, trialSpread: 0.04 } satisfies CauseSimulation

function count(simulation: Partial<CauseSimulation>, is: (named: NamedCauses) => boolean): number {
  return simulateCauses({ ...usual, ...simulation }).filter(is).length
}
const isAnyNamed = ({ proven, critical }: NamedCauses) => proven.length + critical.length > 0

describe('chance', () => {
  it.each<[string, Partial<CauseSimulation>]>([
    ['4 rounds', { rounds: 4 }],
    ['6 rounds', {}],
    ['trials that differ a lot', { trialSpread: 0.08 }],
    ['all parts slowed alike', { partSpread: 0.001 }],
    ['evidence on one side only, which costs nothing', { sides: [busySide, partlyOffloaded] }],
    ['parts of latency missing on one side', { missing: 'parts' }],
    ['a document on one side', { missing: 'recorded', trialSpread: 0.08 }],
  ])('names no proven or critical cause where configs do not differ: %s', (_, simulation) => {
    expect(count(simulation, isAnyNamed)).toBeLessThan(unlikelyCount(experiments, 0.01))
  })
})

describe('a real cause', () => {
  /** Compute that takes 20 % longer, and with it the wait for the one slot. */
  const slowCompute = {
    sides: [busySide, partlyOffloaded],
    planted: { prefill: 1.2, decode: 1.2, wait: 1.2 },
    trialSpread: 0.02,
  } as const

  it.each<[string, Partial<CauseSimulation>, number]>([
    ['in 6 rounds', {}, 0.55],
    ['in 10 rounds', { rounds: 10 }, 0.7],
    ['although parts of latency are missing on one side', { missing: 'parts' }, 0.55],
  ])('of 20%% of the compute is proven %s', (_, simulation, power) => {
    const all = simulateCauses({ ...usual, experiments: 100, ...slowCompute, ...simulation })
    const share = (is: (named: NamedCauses) => boolean) => all.filter(is).length / all.length
    expect(share(({ found }) => found.includes('partial-offload'))).toBeGreaterThan(0.9)
    expect(share(({ proven }) => proven.includes('partial-offload'))).toBeGreaterThan(power)
  })

  it('is proven alone if only the wait is longer', () => {
    const longerWait = {
      sides: [{ ...busySide, facts: { slots: 2 } }, busySide],
      planted: { wait: 3 },
      trialSpread: 0.05,
      stragglers: 0,
    } as const
    const slots = count(longerWait, ({ proven }) => proven.includes('slots'))
    expect(slots / experiments).toBeGreaterThan(0.95)
    const others = ({ proven }: NamedCauses) => proven.some((cause) => cause !== 'slots')
    expect(count(longerWait, others)).toBeLessThan(unlikelyCount(experiments, 0.05))
  })
})
