import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Mix, WalkStep } from '../../src/load/load-plan.ts'
import { balancedBlock, walksOf } from '../../src/load/sample-walk.ts'
import { seededRandom } from '../support/random.ts'

const weights = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 4 })

function mixOf(itemWeights: readonly number[], seed: number): Mix {
  return {
    kinds: itemWeights.map((weight, index) => ({
      item: `kind-${index}`,
      weight,
      samples: ['a', 'b', 'c'].slice(0, 1 + (index % 3)),
    })),
    random: seededRandom(seed),
  }
}

function steps(mix: Mix, seed: number, count: number): readonly WalkStep[] {
  const plan = {
    load: { kind: 'closed-requests', users: 1, requests: count } as const,
    warmupRequests: 0,
    samples: ['a'],
    mix,
    timeoutMs: 1000,
    idleLoopDelayP99Ms: 0,
  }
  const { measured } = walksOf(plan, seededRandom(seed))
  return Array.from({ length: count }, () => measured.next())
}

describe('a mix', () => {
  it('has each kind as often as its weight in every block', () => {
    fc.assert(
      fc.property(weights, fc.nat(), (itemWeights, seed) => {
        const mix = mixOf(itemWeights, seed)
        const block = balancedBlock(mix)
        const counts = itemWeights.map((_, kind) => block.filter((each) => each === kind).length)
        expect(counts.map((count) => count * (itemWeights[0] ?? 0))).toEqual(
          itemWeights.map((weight) => weight * (counts[0] ?? 0)),
        )
        expect(balancedBlock({ ...mix, kinds: mix.kinds.slice(0, 1) })).toEqual([0])
      }),
    )
  })

  it('sends its kinds in the same order in all rounds, and the samples of each in an order of its own', () => {
    const [one, other] = [11, 12].map((round) => steps(mixOf([3, 1], 5), round, 200))
    const kindsOf = (all: readonly WalkStep[] = []) => all.map(({ kind }) => kind)
    expect(kindsOf(one)).toEqual(kindsOf(other))
    expect(kindsOf(one)).not.toEqual(kindsOf(steps(mixOf([3, 1], 6), 11, 200)))
    expect(kindsOf(one).filter((kind) => kind === 1)).toHaveLength(50)
  })

  it('walks through the samples of each kind by itself', () => {
    const all = steps(mixOf([1, 2], 3), 3, 60)
    const second = all.filter(({ kind }) => kind === 1)
    expect(second.slice(0, 4).map(({ occurrence }) => occurrence)).toEqual([0, 0, 1, 1])
    expect(new Set(second.slice(0, 2).map(({ sampleIndex }) => sampleIndex))).toEqual(
      new Set([0, 1]),
    )
  })

  it('warms up its kinds in turn', () => {
    const { warmup } = walksOf(
      {
        load: { kind: 'closed-requests', users: 1, requests: 1 },
        warmupRequests: 4,
        samples: ['a'],
        mix: mixOf([9, 1], 1),
        timeoutMs: 1000,
        idleLoopDelayP99Ms: 0,
      },
      seededRandom(1),
    )
    expect([1, 2, 3, 4].map(() => warmup.next().kind)).toEqual([0, 1, 0, 1])
  })
})
