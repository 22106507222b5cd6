import { describe, expect, it } from 'vitest'
import { raceOf } from '../../../src/analysis/race/race.ts'
import type { RaceRules, RaceTrial } from '../../../src/analysis/race/race-rules.ts'

const rules: RaceRules = {
  configs: ['a', 'b', 'c'],
  band: 0.03,
  reference: 'a',
  objectives: [],
}

/** The trials of each config, by round. */
const trialsOf = (values: Readonly<Record<string, readonly (number | undefined)[]>>) =>
  Object.entries(values).flatMap(([config, ofRounds]) =>
    ofRounds.map((value, index): RaceTrial => ({
      ...{ config, round: index + 1 },
      ...(value === undefined ? {} : { value }),
    })),
  )
/** Values around a mean: their residuals are ±0.01 in turn, as rounds of an additive model have them. */
const around = (mean: number, rounds: number, sign = 1) =>
  Array.from({ length: rounds }, (_, index) => mean + (index % 2 === 0 ? 0.005 : -0.005) * sign)

describe('a race', () => {
  it('looks only after both rounds of a pair', () => {
    const trials = trialsOf({ a: [1], b: [1.5], c: [2] })
    expect(raceOf(rules, trials)).toEqual({
      looks: [],
      eliminations: [],
      remaining: ['a', 'b', 'c'],
    })
  })

  it('eliminates a config whose interval lies beyond the band, and says by how much it is worse', () => {
    const trials = trialsOf({ a: around(1, 2), b: around(2, 2, -1), c: around(2.01, 2) })
    const { looks, eliminations, remaining, decision } = raceOf(rules, trials)
    expect(looks).toHaveLength(1)
    // two bounds at each config share half of the error; an interval has two ends
    expect(looks[0]?.confidence).toBeCloseTo(1 - (2 * 0.025) / 2, 12)
    expect(eliminations).toMatchObject([
      { config: 'a', round: 2, reason: { code: 'behind', than: 'c' } },
    ])
    const [reason] = eliminations.map((elimination) => elimination.reason)
    expect(reason?.code === 'behind' && reason.by).toBeCloseTo(1.01, 9)
    expect(remaining).toEqual(['c', 'b'])
    expect(decision).toBeUndefined()
  })

  it('is won by the only remaining config', () => {
    const trials = trialsOf({ a: around(1, 2), b: around(1.1, 2, -1), c: around(3, 2) })
    expect(raceOf(rules, trials)).toMatchObject({ remaining: ['c'], decision: 'winner' })
  })

  it('ends when none is better than the leader by more than the band', () => {
    const trials = trialsOf({ a: around(1, 30), b: around(1.001, 30, -1), c: around(1, 30) })
    const race = raceOf(rules, trials)
    expect(race).toMatchObject({ decision: 'alike', eliminations: [] })
    expect(race.looks.length).toBeLessThan(15)
    // further trials change nothing
    const seen = race.looks.length * 2
    expect(
      raceOf(
        rules,
        trials.filter(({ round }) => round <= seen),
      ),
    ).toEqual(race)
  })

  it('spends the remaining error at the last look', () => {
    const noisy = (mean: number, sign: number) =>
      Array.from({ length: 8 }, (_, index) => mean + (index % 2 === 0 ? 0.04 : -0.04) * sign)
    const trials = trialsOf({ a: noisy(1, 1), b: noisy(1.12, -1), c: noisy(1.12, 1) })
    const open = raceOf(rules, trials)
    const over = raceOf(rules, trials, true)
    expect(open.eliminations).toEqual([])
    expect(open.decision).toBeUndefined()
    expect(open.looks.at(-1)?.confidence).toBeCloseTo(1 - (2 * 0.05) / 20 / 2, 12)
    expect(over.looks.at(-1)?.confidence).toBeCloseTo(1 - (2 * 0.05) / 4 / 2, 12)
    expect(over.looks.slice(0, -1)).toEqual(open.looks.slice(0, -1))
    expect(over.eliminations.map(({ config }) => config)).toEqual(['a'])
  })

  it('is eliminated at once if it fails, and the others continue', () => {
    const trials = trialsOf({ a: [undefined], b: around(1, 2), c: around(1.3, 2, -1) })
    const race = raceOf(rules, trials)
    expect(race.eliminations[0]).toEqual({ config: 'a', round: 1, reason: { code: 'failed' } })
    expect(race.looks[0]?.standing.map(({ config }) => config)).toEqual(['c', 'b'])
  })

  it('has no winner if all fail', () => {
    const trials = trialsOf({ a: [undefined], b: [undefined], c: [undefined] })
    expect(raceOf(rules, trials)).toMatchObject({ remaining: [], decision: 'none' })
  })
})

describe('an objective in a race', () => {
  const withMeasures = (
    values: Readonly<Record<string, readonly number[]>>,
    measureOf: (config: string) => NonNullable<RaceTrial['measures']>[number],
  ) => trialsOf(values).map((trial) => ({ ...trial, measures: [measureOf(trial.config)] }))
  const values = { a: around(1, 2), b: around(2, 2, -1), c: around(3, 2) }

  it('eliminates the fastest config if it misses a level', () => {
    const race = raceOf(
      { ...rules, objectives: [{ kind: 'level' }] },
      withMeasures(values, (config) => (config === 'c' ? -1 : 1)),
    )
    expect(race.eliminations).toMatchObject([
      { config: 'c', reason: { code: 'objective', index: 0 } },
      { config: 'a', reason: { code: 'behind', than: 'b' } },
    ])
    expect(race.decision).toBe('winner')
  })

  it('lets a config that may miss it neither win nor eliminate others', () => {
    const shaky = withMeasures(values, () => 5).map((trial) =>
      trial.config === 'c' ? { ...trial, measures: [trial.round === 1 ? -0.1 : 0.2] } : trial,
    )
    const race = raceOf({ ...rules, objectives: [{ kind: 'level' }] }, shaky)
    expect(race.eliminations.map(({ reason }) => reason)).toMatchObject([
      { code: 'behind', than: 'b' },
    ])
    expect(race.remaining).toEqual(['c', 'b'])
    expect(race.decision).toBeUndefined()
  })

  it('eliminates a config whose answers are worse than those of the reference', () => {
    const scores = (right: number) => ({
      scores: new Map(
        Array.from({ length: 60 }, (_, sample) => [`s${sample}`, Number(sample < right)]),
      ),
    })
    const objectives = [{ kind: 'quality', band: 0.03 }] as const
    const race = raceOf(
      { ...rules, objectives },
      withMeasures(values, (config) => scores(config === 'c' ? 20 : 54)),
    )
    expect(race.eliminations[0]).toMatchObject({
      config: 'c',
      reason: { code: 'objective', index: 0 },
    })
    const slightly = raceOf(
      { ...rules, objectives },
      withMeasures(values, (config) => scores(config === 'c' ? 51 : 54)),
    )
    // three answers fewer of 60 prove nothing
    expect(slightly.eliminations.map(({ config }) => config)).not.toContain('c')
    expect(slightly.decision).toBeUndefined()
  })

  it('judges a share by its counts', () => {
    const objectives = [{ kind: 'share', least: 0.99 }] as const
    const race = (failed: number) =>
      raceOf(
        { ...rules, objectives },
        withMeasures(values, (config) => ({
          part: config === 'c' ? 100 - failed : 100,
          whole: 100,
        })),
      ).eliminations.map(({ config }) => config)
    expect(race(1)).toEqual(['b', 'a'])
    expect(race(30)).toEqual(['c', 'a'])
  })
})
