import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { planTrials } from '../../src/experiment/plan.ts'
import { seededRandom } from '../../src/run/random.ts'
import { experimentText, parsed } from './support.ts'

const experiment = parsed(
  experimentText({
    configs: [
      'configs:',
      '  native: {target: process}',
      '  native-slots: {from: native, env: {OLLAMA_NUM_PARALLEL: 4}}',
      '  docker: {target: {docker: {image: "ollama/ollama:0.11.3"}}}',
      '  docker-slots: {from: docker, env: {OLLAMA_NUM_PARALLEL: 2}}',
      '  old: {recorded: {source: old.md, date: 2025-08-06, metrics: {qps: 6.53/s}}}',
    ].join('\n'),
    baseline: 'baseline: native-slots',
    hypotheses:
      'hypotheses: [{statement: a, claim: {metric: qps, config: docker-slots, versus: native, ratio: ">= 80%"}}]',
  }),
)
const keys = ['native', 'native-slots', 'docker', 'docker-slots']

describe('planTrials', () => {
  it('plans each measured config once per round, in reverse order in every second round, for any seed', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 1, max: 20 }), (seed, rounds) => {
        const { trials, halfMeasuredPairs } = planTrials(experiment, {
          random: seededRandom(seed, 0),
          rounds,
        })
        const orders = Array.from({ length: rounds }, (_, index) =>
          trials.filter(({ round }) => round === index + 1).map(({ config }) => config),
        )
        for (const [index, order] of orders.entries()) {
          expect(order.toSorted()).toEqual(keys.toSorted())
          expect(order).toEqual(index % 2 === 0 ? orders[0] : orders[0]!.toReversed())
        }
        expect(trials.map(({ position }) => position)).toEqual(trials.map((_, index) => index + 1))
        expect(halfMeasuredPairs).toEqual([])
      }),
    )
  })

  it('starts with each config about equally often', () => {
    const first = Array.from(
      { length: 4000 },
      (_, seed) =>
        planTrials(experiment, { random: seededRandom(seed, 0), rounds: 1 }).trials[0]!.config,
    )
    for (const key of keys) {
      const share = first.filter((config) => config === key).length / first.length
      expect(share).toBeGreaterThan(0.22)
      expect(share).toBeLessThan(0.28)
    }
  })

  it('plans the same trials for the same seed', () => {
    expect(planTrials(experiment, { random: seededRandom(7, 0) })).toEqual(
      planTrials(experiment, { random: seededRandom(7, 0) }),
    )
  })
})

describe('planTrials with `only`', () => {
  const only = (names: readonly string[], alone = false) => {
    const { trials, halfMeasuredPairs } = planTrials(experiment, {
      random: seededRandom(1, 0),
      rounds: 1,
      only: names,
      alone,
    })
    return { configs: trials.map(({ config }) => config).toSorted(), halfMeasuredPairs }
  }

  it('also measures the configs that they are compared with, and lists the pairs of which it measures only one config', () => {
    expect(only(['docker-slots'])).toEqual({
      configs: ['docker', 'docker-slots', 'native', 'native-slots'],
      halfMeasuredPairs: [],
    })
    expect(only(['docker'])).toEqual({
      configs: ['docker', 'native-slots'],
      halfMeasuredPairs: [
        ['native-slots', 'native'],
        ['docker-slots', 'docker'],
        ['docker-slots', 'native-slots'],
      ],
    })
  })

  it('measures only the named configs with `alone`', () => {
    expect(only(['docker'], true)).toEqual({
      configs: ['docker'],
      halfMeasuredPairs: [
        ['docker-slots', 'docker'],
        ['docker', 'native-slots'],
      ],
    })
  })

  it('refuses unknown and recorded configs', () => {
    expect(() => only(['dokcer'])).toThrow(
      new ExpError('invalid-input', 'no config is named `dokcer`', 'did you mean `docker`?'),
    )
    expect(() => only(['old'])).toThrow(/recorded from a document/)
  })
})
