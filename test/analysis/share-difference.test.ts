import { describe, expect, it } from 'vitest'
import {
  sampleShareDifference,
  shareDifference,
  type TrialSamples,
  type TrialShare,
} from '../../src/analysis/share-difference.ts'
import { seededNormal, seededRandom } from '../support/random.ts'

const draws = 500

interface Situation {
  readonly rounds: number
  readonly requests: number
  /** The share in percent, on average over trials. */
  readonly percent: number
  /** Spread of the logarithm of the share between trials. */
  readonly cluster?: number
  /** Points by which the share of the second side is higher. */
  readonly more?: number
  readonly unpaired?: boolean
}

/** The share of experiments in which the shares of both sides are called different. */
function alarmRate({
  rounds,
  requests,
  percent,
  cluster = 0,
  more = 0,
  unpaired,
}: Situation): number {
  const random = seededRandom(rounds * 1000 + requests + percent)
  const normal = seededNormal(rounds * 77 + percent)
  const side = (run: string, share: number): readonly TrialShare[] =>
    Array.from({ length: rounds }, (_, round) => {
      const rate = share * Math.exp(cluster * normal() - cluster ** 2 / 2)
      const part = Array.from({ length: requests }).filter(() => random() < rate).length
      return { run, round, part, whole: requests }
    })
  let found = 0
  for (let draw = 0; draw < draws; draw += 1) {
    const [one, two] = [
      side('one', percent / 100),
      side(unpaired === true ? 'two' : 'one', (percent + more) / 100),
    ]
    if (shareDifference(one, two)?.kind === 'different') found += 1
  }
  return found / draws
}

describe('equal shares', () => {
  it.each([
    ...[3, 6, 10].flatMap((rounds) =>
      [0.5, 1, 2, 5].map((percent) => ({ rounds, requests: 40, percent })),
    ),
    { rounds: 6, requests: 100, percent: 30 },
    { rounds: 6, requests: 100, percent: 50, unpaired: true },
    { rounds: 3, requests: 100, percent: 2, cluster: 1 },
    { rounds: 6, requests: 100, percent: 2, cluster: 1 },
    { rounds: 6, requests: 100, percent: 5, cluster: 1.5 },
    { rounds: 10, requests: 100, percent: 5, cluster: 1, unpaired: true },
  ])('are rarely called different: %o', (world) => {
    // 5 % and three standard errors of 500 draws
    expect(alarmRate(world)).toBeLessThan(0.08)
  })
})

it('finds shares that differ', () => {
  expect(alarmRate({ rounds: 6, requests: 100, percent: 1, more: 9 })).toBeGreaterThan(0.9)
  expect(
    alarmRate({ rounds: 6, requests: 100, percent: 2, more: 18, cluster: 0.5 }),
  ).toBeGreaterThan(0.8)
})

describe('a share', () => {
  const trials = (parts: readonly number[], whole = 40): readonly TrialShare[] =>
    parts.map((part, round) => ({ run: 'run', round, part, whole }))

  it('is unclear if its interval reaches 5 points without proof', () => {
    const found = shareDifference(trials([0, 0, 0]), trials([0, 4, 0]))
    expect(found).toMatchObject({ kind: 'unclear', from: 0, to: (4 / 120) * 100 })
    expect(found?.reach).toBeGreaterThan(5)
  })

  it('is alike if no request differs, however few there are', () => {
    expect(shareDifference(trials([0], 5), trials([0], 5))?.kind).toBe('alike')
  })

  it('is alike below one point, even beyond chance', () => {
    const [one, other] = [trials([0, 0, 0], 100_000), trials([500, 510, 490], 100_000)]
    expect(shareDifference(one, other)?.kind).toBe('alike')
  })

  it('rests on the rounds that both sides have', () => {
    const [one, other] = [trials([0, 0, 0, 40]), trials([0, 0, 0])]
    expect(shareDifference(one, other)).toMatchObject({ kind: 'alike', from: 0, to: 0 })
  })

  it('is undefined without requests', () => {
    expect(shareDifference([], trials([1]))).toBeUndefined()
  })
})

describe('shares paired by sample', () => {
  const trial = (samples: TrialSamples['samples'], round = 1): TrialSamples => {
    return { run: 'run', round, samples }
  }
  const samplesOf = (cut: number, n: number, repeats = (index: number) => 1 + (index % 9)) =>
    new Map(
      Array.from({ length: n }, (_, index) => {
        const whole = repeats(index)
        return [`s${index}`, { part: index < cut ? whole : 0, whole }]
      }),
    )

  const samples = (...of: Parameters<typeof samplesOf>) => [trial(samplesOf(...of))]

  it('are alike if the same samples are cut, however often each was asked', () => {
    const [one, other] = [samples(5, 20), samples(5, 20, (index) => 9 - (index % 9))]
    expect(sampleShareDifference(one, other)).toMatchObject({ kind: 'alike', from: 25, to: 25 })
  })

  it('differ if enough samples are cut on one side only', () => {
    expect(sampleShareDifference(samples(0, 40), samples(8, 40))?.kind).toBe('different')
    expect(sampleShareDifference(samples(0, 40), samples(1, 40))?.kind).toBe('unclear')
  })

  it('are judged by the spread over samples where repeats disagree', () => {
    const half = [
      trial(new Map([...samplesOf(0, 40).keys()].map((id) => [id, { part: 1, whole: 2 }]))),
    ]
    expect(sampleShareDifference(samples(0, 40), half)?.kind).toBe('different')
    expect(sampleShareDifference(samples(20, 40), half)?.kind).toBe('unclear')
  })

  it('are judged by the spread over rounds, too', () => {
    const rounds = (...cut: readonly number[]) =>
      cut.map((each, round) => trial(samplesOf(each, 40), round))
    expect(sampleShareDifference(rounds(0, 0, 0), rounds(0, 20, 0))?.kind).toBe('unclear')
    expect(sampleShareDifference(rounds(0, 0, 0), rounds(20, 20, 20))?.kind).toBe('different')
  })
})

it('reaches at most 100 points, however much the trials differ', () => {
  const side = (parts: readonly number[]): readonly TrialShare[] =>
    parts.map((part, round) => ({ run: 'one', round, part, whole: 8 }))
  const difference = shareDifference(side([0, 8]), side([8, 1]))
  expect(difference).toMatchObject({ kind: 'unclear', reach: 100 })
})
