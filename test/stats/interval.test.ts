import { describe, expect, it } from 'vitest'
import { mean } from 'simple-statistics'
import {
  meanInterval,
  newcombeInterval,
  newcombePairedInterval,
  orderAdjustedMeanInterval,
  sampleOf,
  welchInterval,
  welchIntervalOf,
  wilsonInterval,
  type Estimate,
} from '../../src/stats/interval.ts'
import { seededNormal, seededRandom } from '../support/random.ts'

function expectEstimate(
  actual: Estimate | undefined,
  [estimate, low, high]: number[],
  digits: number,
) {
  expect(actual?.estimate).toBeCloseTo(estimate!, digits)
  expect(actual?.low).toBeCloseTo(low!, digits)
  expect(actual?.high).toBeCloseTo(high!, digits)
}

describe('meanInterval', () => {
  it('agrees with Student (1908) on ten differences of hours of sleep', () => {
    // R: t.test(extra ~ group, data = sleep, paired = TRUE): 1.58 (0.7001142, 2.4598858)
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    const differences = second.map((hours, patient) => hours - first[patient]!)
    expectEstimate(meanInterval(differences, 0.95), [1.58, 0.7001142, 2.4598858], 6)
  })

  it('is undefined for fewer than two values', () => {
    expect(meanInterval([], 0.95)).toBeUndefined()
    expect(meanInterval([1], 0.95)).toBeUndefined()
  })
})

describe('orderAdjustedMeanInterval', () => {
  it('agrees with the intercept of a regression on the order', () => {
    // by the formulas of simple regression, computed in Python: intercept 61/24, t = 2.5705818 at 5 degrees
    const orders = [1, -1, 1, -1, 1, -1, 1]
    expectEstimate(
      orderAdjustedMeanInterval([3, 1, 4, 2, 5, 1, 3], orders, 0.95),
      [2.5416667, 1.7301898, 3.3531435],
      6,
    )
  })

  it('is the mean in a balanced order, narrower if the order matters', () => {
    const [values, orders] = [
      [4, 1, 4, 2, 5, 1],
      [1, -1, 1, -1, 1, -1],
    ]
    const [ordered, plain] = [
      orderAdjustedMeanInterval(values, orders, 0.95)!,
      meanInterval(values, 0.95)!,
    ]
    expect(ordered.estimate).toBeCloseTo(plain.estimate, 12)
    expect(ordered.high - ordered.low).toBeLessThan((plain.high - plain.low) / 2)
  })

  it('takes the order out of an unbalanced set', () => {
    const orders = [1, -1, 1, -1, 1, 1, 1]
    const values = orders.map((order) => 10 + 3 * order)
    expectEstimate(orderAdjustedMeanInterval(values, orders, 0.95), [10, 10, 10], 9)
  })

  it('is undefined if one side always came first', () => {
    expect(orderAdjustedMeanInterval([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], 0.95)).toBeUndefined()
  })
})

describe('welchInterval', () => {
  it('agrees with R on the same data as two groups', () => {
    // R: t.test(extra ~ group, data = sleep): difference 1.58 (-0.2054832, 3.3654832), df = 17.776
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    expectEstimate(welchInterval(first, second, 0.95), [1.58, -0.2054832, 3.3654832], 6)
  })

  it('is a point if nothing varies, and undefined for fewer than two values on a side', () => {
    expect(welchInterval([1, 1], [3, 3], 0.95)).toEqual({ estimate: 2, low: 2, high: 2 })
    expect(welchInterval([1], [3, 4], 0.95)).toBeUndefined()
  })
})

describe('welchIntervalOf', () => {
  it('gives the same interval from the numbers, means and variances of the two sides', () => {
    const [one, other] = [
      [1.2, 3.4, 2.2],
      [4.1, 4.4, 3.9, 5],
    ]
    expect(welchIntervalOf(sampleOf(one), sampleOf(other), 0.95)).toEqual(
      welchInterval(one, other, 0.95),
    )
  })
})

describe('wilsonInterval', () => {
  // Newcombe, Two-sided confidence intervals for the single proportion, Stat. Med. 17, 1998, table I, method 3
  it.each([
    [81, 263, [0.308, 0.2553, 0.3662]],
    [15, 148, [0.1014, 0.0624, 0.1605]],
    [0, 20, [0, 0, 0.1611]],
    [1, 29, [0.0345, 0.0061, 0.1718]],
  ])('agrees with Newcombe on %d of %d', (part, whole, values) => {
    expectEstimate(wilsonInterval(part, whole, 0.95), values, 4)
  })
})

describe('newcombeInterval', () => {
  // Newcombe, Interval estimation for the difference between independent proportions, Stat. Med. 17, 1998, table II
  it.each([
    [56, 70, 48, 80, [0.2, 0.0524, 0.3339]],
    [9, 10, 3, 10, [0.6, 0.1705, 0.809]],
    [10, 10, 0, 10, [1, 0.6075, 1]],
    [0, 10, 0, 10, [0, -0.2775, 0.2775]],
  ])('agrees with method 10 on %d of %d minus %d of %d', (a, m, b, n, values) => {
    const interval = newcombeInterval({ part: b, whole: n }, { part: a, whole: m }, 0.95)
    expectEstimate(interval, values, 4)
  })
})

describe('newcombePairedInterval', () => {
  it('agrees with Fagerland, Lydersen and Laake (2017), chapter 8: Cavo et al.', () => {
    // their difference is first minus second: -0.0621 (-0.1186, -0.0046)
    const counts = { both: 59, onlyFrom: 6, onlyTo: 16, neither: 80 }
    expectEstimate(newcombePairedInterval(counts, 0.95), [0.0621, 0.0046, 0.1186], 4)
  })

  it('is wide and contains 0 if no sample changed', () => {
    const { estimate, low, high } = newcombePairedInterval(
      { both: 29, onlyFrom: 0, onlyTo: 0, neither: 11 },
      0.95,
    )
    expect(estimate).toBe(0)
    expect([low * 100, high * 100].map((value) => value.toFixed(1))).toEqual(['-6.1', '6.1'])
  })

  it('is mirrored when the sides are swapped', () => {
    const there = newcombePairedInterval({ both: 9, onlyFrom: 5, onlyTo: 2, neither: 3 }, 0.9)
    const back = newcombePairedInterval({ both: 9, onlyFrom: 2, onlyTo: 5, neither: 3 }, 0.9)
    expect(there.low).toBeCloseTo(-back.high, 12)
    expect(there.high).toBeCloseTo(-back.low, 12)
  })
})

/** Share of `draws` seeded repetitions for which `holds` is true. */
function coverage(draws: number, holds: (draw: number) => boolean): number {
  let held = 0
  for (let draw = 0; draw < draws; draw++) if (holds(draw)) held += 1
  return held / draws
}
const within = (truth: number, interval: Estimate | undefined) =>
  interval !== undefined && interval.low <= truth && truth <= interval.high

describe('95 % intervals contain the truth in 95 % of draws', () => {
  const draws = 4000
  // three standard errors of a share of 0.95 over 4000 draws
  const slack = 3 * Math.sqrt((0.95 * 0.05) / draws)

  it.each([3, 6, 10])('for t over %d rounds', (rounds) => {
    const normal = seededNormal(rounds)
    const share = coverage(draws, () =>
      within(
        0.1,
        meanInterval(
          Array.from({ length: rounds }, () => 0.1 + 0.05 * normal()),
          0.95,
        ),
      ),
    )
    expect(Math.abs(share - 0.95)).toBeLessThan(slack)
  })

  it('for Welch over 4 and 8 trials of unequal spread', () => {
    const normal = seededNormal(48)
    const share = coverage(draws, () => {
      const from = Array.from({ length: 4 }, () => 0.02 * normal())
      const to = Array.from({ length: 8 }, () => 0.3 + 0.06 * normal())
      return within(0.3, welchInterval(from, to, 0.95))
    })
    // Welch's own approximation is off by under a point at so few trials
    expect(Math.abs(share - 0.95)).toBeLessThan(slack + 0.01)
  })

  it.each([0.5, 0.75, 0.9])('for Wilson over 40 samples at %d', (truth) => {
    const random = seededRandom(truth * 100)
    const share = coverage(draws, () => {
      const part = Array.from({ length: 40 }, random).filter((value) => value < truth).length
      return within(truth, wilsonInterval(part, 40, 0.95))
    })
    // counts are whole, so coverage oscillates around the nominal level (Brown, Cai and DasGupta 2001)
    expect(Math.abs(share - 0.95)).toBeLessThan(slack + 0.02)
  })

  it('for Newcombe over 40 paired samples', () => {
    const random = seededRandom(10)
    const share = coverage(draws, () => {
      const counts = { both: 0, onlyFrom: 0, onlyTo: 0, neither: 0 }
      for (let sample = 0; sample < 40; sample++) {
        const draw = random()
        if (draw < 0.6) counts.both += 1
        else if (draw < 0.7) counts.onlyFrom += 1
        else if (draw < 0.75) counts.onlyTo += 1
        else counts.neither += 1
      }
      return within(-0.05, newcombePairedInterval(counts, 0.95))
    })
    expect(share).toBeGreaterThan(0.95 - slack)
    expect(share).toBeLessThan(0.99)
  })
})

describe('an A/A experiment: 2 % spread between trials, 3 % drift over the session', () => {
  const draws = 3000
  it.each([4, 6, 10])(
    'finds a difference in 5 % of cases at %d counterbalanced rounds',
    (rounds) => {
      const normal = seededNormal(100 + rounds)
      const trial = (position: number) =>
        Math.log(100) + (0.03 * position) / (2 * rounds - 1) + 0.02 * normal()
      const falseAlarms = coverage(draws, () => {
        const ratios = Array.from({ length: rounds }, (_, round) => {
          const [one, other] = [trial(2 * round), trial(2 * round + 1)]
          return round % 2 === 0 ? other - one : one - other
        })
        return !within(0, meanInterval(ratios, 0.95))
      })
      expect(Math.abs(falseAlarms - 0.05)).toBeLessThan(3 * Math.sqrt((0.05 * 0.95) / draws))
    },
  )

  it('finds a difference far more often if all of A is measured before all of B', () => {
    const normal = seededNormal(7)
    const trial = (position: number) => (0.03 * position) / 11 + 0.02 * normal()
    const falseAlarms = coverage(draws, () => {
      const all = Array.from({ length: 12 }, (_, position) => trial(position))
      return !within(0, welchInterval(all.slice(0, 6), all.slice(6), 0.95))
    })
    expect(falseAlarms).toBeGreaterThan(0.15)
  })
})

describe('the order term over 6 rounds: 1.35 % spread between trials, 3 % drift from one to the next', () => {
  const draws = 4000
  const orders = [1, -1, 1, -1, 1, -1]
  /** Shares of runs that show the effect, without and with the term. */
  const power = (effect: number, seed: number) => {
    const normal = seededNormal(seed)
    const found = { plain: 0, ordered: 0 }
    for (let draw = 0; draw < draws; draw++) {
      const ratios = orders.map(
        (order) => Math.log1p(effect) + 0.03 * order + 0.0135 * (normal() - normal()),
      )
      if (!within(0, meanInterval(ratios, 0.95))) found.plain += 1
      if (!within(0, orderAdjustedMeanInterval(ratios, orders, 0.95))) found.ordered += 1
    }
    return { plain: found.plain / draws, ordered: found.ordered / draws }
  }

  it('raises the power for an effect of 5 % from about 81 to 99 %', () => {
    const { plain, ordered } = power(0.05, 61)
    expect(plain).toBeGreaterThan(0.77)
    expect(plain).toBeLessThan(0.85)
    expect(ordered).toBeGreaterThan(0.985)
  })

  it('leaves false alarms at 5 %', () => {
    const { ordered } = power(0, 62)
    expect(Math.abs(ordered - 0.05)).toBeLessThan(3 * Math.sqrt((0.05 * 0.95) / draws))
  })
})

it('meanInterval has the mean of the values as its estimate', () => {
  expect(meanInterval([1, 2, 6], 0.95)?.estimate).toBe(mean([1, 2, 6]))
})
