/** What the factors of a grid are worth. */
import { describe, expect, it } from 'vitest'
import type { GridAnalysis } from '../../src/analysis/grid/grid-effects.ts'
import { seededNormal } from '../support/random.ts'
import { analyseGridOf, gridExperiment, type CellTrial } from './simulated-grid.ts'

const normal = seededNormal(7)
const noise = () => 0.005 * normal()

function gridOf(
  vary: string,
  logOf: (trial: CellTrial) => number | undefined,
  rest: Readonly<Record<string, string>> = {},
  rounds = 6,
): GridAnalysis {
  const analysis = analyseGridOf(gridExperiment(vary, rest), 'qps', rounds, (trial) => {
    const log = logOf(trial)
    return log === undefined ? undefined : Math.exp(log)
  })
  if (analysis.grid === undefined) expect.fail('no grid')
  return analysis.grid
}

const effectOf = ({ effects }: GridAnalysis, name: string) =>
  effects.find(({ factor }) => factor.name === name)!

const slotsAndUsers = '{env: {SLOTS: [1, 2, 4]}, load: {users: [2, 8]}}'
/** 10 % for each doubling of the slots, and nothing for users. */
const additive = (trial: CellTrial) =>
  Math.log2(Number(trial.levels['SLOTS'])) * Math.log(1.1) + noise()

describe('the effect of a factor', () => {
  const grid = gridOf(slotsAndUsers, additive)

  it('is the mean over the other factors, for each pair of its levels', () => {
    const { contrasts, verdict, combinations, rounds } = effectOf(grid, 'SLOTS')
    expect(contrasts.map(({ from, to }) => [from, to])).toEqual([
      ['1', '2'],
      ['1', '4'],
      ['2', '4'],
    ])
    expect(contrasts.map(({ value }) => Number(value?.toFixed(0)))).toEqual([10, 21, 10])
    expect({ verdict, combinations, rounds }).toEqual({
      verdict: 'matters',
      combinations: 2,
      rounds: 6,
    })
  })

  it('has an interval that is corrected for the number of pairs', () => {
    const [first] = effectOf(grid, 'SLOTS').contrasts
    expect(first?.interval?.confidence).toBeCloseTo(1 - 0.05 / 3)
    expect(effectOf(grid, 'users').contrasts[0]?.interval?.confidence).toBeCloseTo(0.95)
  })

  it('does not matter only if the whole interval lies within the band', () => {
    expect(effectOf(grid, 'users')).toMatchObject({ verdict: 'same', band: 5 })
    const noisy = gridOf(slotsAndUsers, (trial) => additive(trial) + 20 * noise())
    const users = effectOf(noisy, 'users')
    expect(users.verdict).toBe('unknown')
    expect(users.detectable).toBeGreaterThan(5)
  })

  it('takes the band from a claim about the factor', () => {
    const claim = 'claim: {metric: qps, factor: users, between: [2, 8], same: 0.1%}'
    const hypotheses = `hypotheses: [{statement: Users cost nothing, ${claim}}]`
    expect(effectOf(gridOf(slotsAndUsers, additive, { hypotheses }), 'users')).toMatchObject({
      band: 0.1,
      verdict: 'unknown',
    })
  })

  it('rests only on combinations that all its levels share, with equal weights', () => {
    const vary = slotsAndUsers.replace(/}$/, ', exclude: [{SLOTS: 1, users: 8}]}')
    const some = gridOf(vary, (trial) => additive(trial) + (trial.levels['users'] === '8' ? 5 : 0))
    const effect = effectOf(some, 'SLOTS')
    expect(effect).toMatchObject({
      combinations: 1,
      combinationsOfGrid: 2,
      within: [{ factor: 'users', levels: ['2'] }],
    })
    expect(effectOf(some, 'users').within).toEqual([{ factor: 'SLOTS', levels: ['2', '4'] }])
    expect(effect.contrasts.map(({ value }) => Number(value?.toFixed(0)))).toEqual([10, 21, 10])
  })

  it('leaves out a round in which a cell is missing, and a cell that was never measured', () => {
    const isLost = ({ config, round }: CellTrial) => config === 'slots-4-users-8' && round === 2
    const oneRound = gridOf(slotsAndUsers, (trial) => (isLost(trial) ? undefined : additive(trial)))
    expect(effectOf(oneRound, 'SLOTS')).toMatchObject({ rounds: 5, combinations: 2 })
    const never = gridOf(slotsAndUsers, (trial) =>
      trial.config === 'slots-4-users-8' ? undefined : additive(trial),
    )
    expect(effectOf(never, 'SLOTS')).toMatchObject({ rounds: 6, combinations: 1 })
  })

  it('has as many replicates as rounds, however many cells there are', () => {
    const start = ({ round, levels }: CellTrial) =>
      0.05 * Math.sin(round * 7.1 + Number(levels['SLOTS']) * 3.3)
    const shared = gridOf(slotsAndUsers, (trial) => start(trial) + noise())
    const { contrasts } = effectOf(shared, 'SLOTS')
    const half = ({ interval }: (typeof contrasts)[number]) =>
      ((interval?.high ?? NaN) - (interval?.low ?? NaN)) / 2
    // Four degrees of freedom: six rounds, less the mean and the order. Counted by cells, it would be a third as wide.
    expect(half(contrasts[0]!)).toBeGreaterThan(5)
    expect(half(effectOf(shared, 'users').contrasts[0]!)).toBeLessThan(1)
  })

  it('is not judged without three rounds', () => {
    const two = effectOf(gridOf(slotsAndUsers, additive, {}, 2), 'SLOTS')
    expect(two).toMatchObject({ verdict: 'unknown', rounds: 0 })
    expect(two.detectable).toBeUndefined()
    expect(two.contrasts[0]?.value).toBeCloseTo(10, 0)
  })
})

describe('the timing error of the load generator', () => {
  /** A server that is as fast with any slots. With four of them the load generator reads answers up to 3 ms late. */
  const lateWithFourSlots = ({ levels }: CellTrial) => (levels['SLOTS'] === '4' ? 3 : 0)
  const ownNormal = seededNormal(11)
  const latency = ({ levels }: CellTrial) =>
    100 * Number(levels['users']) * Math.exp(0.005 * ownNormal())
  const slotsOver = (late: (trial: CellTrial) => number, share = 1, isKnown = true) => {
    const experiment = gridExperiment('{env: {SLOTS: [1, 4]}, load: {users: [1, 2]}}', {
      show: 'show: [latencyMean]',
    })
    const { grid } = analyseGridOf(
      experiment,
      'latencyMean',
      6,
      (trial) => latency(trial) + share * late(trial),
      isKnown ? late : undefined,
    )
    return effectOf(grid!, 'SLOTS').contrasts[0]!
  }
  const containsZero = ({ interval }: ReturnType<typeof slotsOver>) =>
    interval !== undefined && interval.low <= 0 && interval.high >= 0
  const widthOf = ({ interval }: ReturnType<typeof slotsOver>) => interval!.high - interval!.low

  it('is in the interval of an effect, so that answers read late are no effect of a factor', () => {
    const shares = Array.from({ length: 200 }, (_, index) => (index + 0.5) / 200)
    const known = shares.map((share) => slotsOver(lateWithFourSlots, share))
    expect(known.filter(containsZero).length).toBeGreaterThan(185)
    const unknown = shares.map((share) => slotsOver(lateWithFourSlots, share, false))
    expect(unknown.filter(containsZero).length).toBeLessThan(100)
  })

  it('widens an effect by its mean share of the figures of the cells', () => {
    // 3 ms are 3 % of 100 ms and 1.5 % of 200 ms.
    const width = widthOf(slotsOver(lateWithFourSlots))
    expect(width).toBeGreaterThan(4)
    expect(width).toBeLessThan(6)
  })

  it('does not widen an effect if all levels have it', () => {
    const width = widthOf(slotsOver(() => 3))
    expect(width).toBeLessThan(3)
  })
})

describe('an interaction', () => {
  const crossed = (trial: CellTrial) =>
    additive(trial) + (trial.levels['SLOTS'] === '4' && trial.levels['users'] === '8' ? 0.2 : 0)

  it('is named if it exceeds noise, with its size', () => {
    const { interactions, tested } = gridOf(slotsAndUsers, crossed)
    expect(tested).toBe(2)
    expect(interactions).toMatchObject([
      { factor: { name: 'SLOTS' }, level: '4', by: { name: 'users' }, byLevel: '8' },
    ])
    expect(interactions[0]?.value).toBeCloseTo(Math.expm1(0.2) * 100, 0)
    expect(interactions[0]?.interval.confidence).toBeCloseTo(0.975)
  })

  it('is not named without one', () => {
    expect(gridOf(slotsAndUsers, additive).interactions).toEqual([])
  })
})

describe('the best cell', () => {
  const ranksOf = (grid: GridAnalysis) => Object.fromEntries(grid.rankings[0]?.ranks ?? [])

  it('is marked together with all that cannot be distinguished from it', () => {
    expect(ranksOf(gridOf(slotsAndUsers, additive))).toEqual({
      'slots-1-users-2': 'behind',
      'slots-1-users-8': 'behind',
      'slots-2-users-2': 'behind',
      'slots-2-users-8': 'behind',
      'slots-4-users-2': expect.stringMatching(/best|tied/) as string,
      'slots-4-users-8': expect.stringMatching(/best|tied/) as string,
    })
  })

  it('is not named if nothing was tested', () => {
    const untested = gridOf(slotsAndUsers, additive, {}, 2)
    expect(new Set(Object.values(ranksOf(untested)))).toEqual(new Set(['unjudged']))
  })
})

describe('a claim about a factor', () => {
  const verdictOf = (claim: string, logOf = additive) => {
    const hypotheses = `hypotheses: [{statement: So it is, claim: {metric: qps, ${claim}}}]`
    const experiment = gridExperiment(slotsAndUsers, { hypotheses })
    const analysis = analyseGridOf(experiment, 'qps', 6, (trial) => Math.exp(logOf(trial)))
    return analysis.hypotheses[0]!
  }

  it('is judged by its effect over the other factors', () => {
    const { measured, verdict } = verdictOf('factor: SLOTS, between: [1, 4], change: ">= 15%"')
    expect(measured).toBeCloseTo(21, 0)
    expect(verdict).toMatchObject({ code: 'supported', n: 6, counted: 'rounds' })
    expect(verdictOf('factor: SLOTS, between: [1, 4], change: ">= 30%"').verdict.code).toBe(
      'refuted',
    )
    expect(verdictOf('factor: SLOTS, between: [4, 1], ratio: "<= 90%"').verdict.code).toBe(
      'supported',
    )
    expect(verdictOf('factor: users, between: [2, 8], same: 5%').verdict.code).toBe('supported')
  })

  it('is pending until every cell is measured', () => {
    const hypotheses =
      'hypotheses: [{statement: So, claim: {metric: qps, factor: SLOTS, between: [1, 4], change: ">= 15%"}}]'
    const experiment = gridExperiment(slotsAndUsers, { hypotheses })
    const analysis = analyseGridOf(experiment, 'qps', 6, (trial) =>
      trial.config === 'slots-4-users-8' ? undefined : Math.exp(additive(trial)),
    )
    expect(analysis.hypotheses[0]?.verdict.code).toBe('pending')
  })
})
