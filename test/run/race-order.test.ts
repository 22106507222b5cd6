import { describe, expect, it } from 'vitest'
import { raceTrials } from '../../src/run/race-order.ts'

const ordersOf = (
  phase: 'race' | 'confirmation',
  rounds: readonly [first: number, last: number],
  configs: readonly string[],
  seed = 7,
) => {
  const [firstRound, lastRound] = rounds
  const trials = raceTrials({ phase, firstRound, lastRound, configs }, seed)
  return Array.from({ length: lastRound - firstRound + 1 }, (_, index) =>
    trials.filter(({ round }) => round === firstRound + index).map(({ config }) => config),
  )
}

describe('the order of a race', () => {
  it('is random in every odd round and reversed in the next', () => {
    const configs = ['a', 'b', 'c', 'd', 'e']
    const orders = ordersOf('race', [3, 6], configs)
    expect(orders[1]).toEqual(orders[0]?.toReversed())
    expect(orders[3]).toEqual(orders[2]?.toReversed())
    expect(orders[2]).not.toEqual(orders[0])
    expect(orders[0]?.toSorted()).toEqual(configs)
    expect(ordersOf('race', [3, 6], configs)).toEqual(orders)
  })
})

describe('the order of a confirmation', () => {
  it('begins with each config equally often, and has neighbours of both kinds', () => {
    const firsts = ordersOf('confirmation', [5, 10], ['default', 'best']).map(([first]) => first)
    expect(firsts.filter((first) => first === firsts[0])).toHaveLength(3)
    const same = firsts.slice(1).filter((first, index) => first === firsts[index])
    expect(same).toHaveLength(2)
  })

  it('begins with either config', () => {
    const first = (seed: number) =>
      ordersOf('confirmation', [3, 8], ['default', 'best'], seed)[0]?.[0]
    const seeds = Array.from({ length: 20 }, (_, seed) => seed)
    expect(new Set(seeds.map(first)).size).toBe(2)
  })
})
