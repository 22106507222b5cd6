import { describe, expect, it } from 'vitest'
import { trialsToDecide } from '../../../src/analysis/race/race-outlook.ts'
import type { RaceRules, RaceTrial } from '../../../src/analysis/race/race-rules.ts'
import { raceOf, roundsPerLook } from '../../../src/analysis/race/race.ts'
import { sourceOf } from '../../calibration/simulated-run.ts'

const configs = ['a', 'b', 'c', 'd', 'e']
const rules: RaceRules = { configs, band: 0.03, reference: 'a', objectives: [] }

/** Races until it is decided or this many trials are not enough, as a run does. */
function race(most: number, spread: number, machine: number, luck = machine + 1000) {
  const { normal: drawn } = sourceOf(machine)
  const { normal } = sourceOf(luck)
  const truth = new Map(configs.map((config) => [config, 0.1 * drawn()]))
  const trials: RaceTrial[] = []
  let result = raceOf(rules, trials)
  for (
    let round = 1;
    result.decision === undefined &&
    trials.length + result.remaining.length * roundsPerLook <= most;
    round += roundsPerLook
  ) {
    for (const each of [round, round + 1])
      for (const config of result.remaining)
        trials.push({ config, round: each, value: (truth.get(config) ?? 0) + spread * normal() })
    result = raceOf(rules, trials)
  }
  return { trials, over: raceOf(rules, trials, true) }
}

describe('the forecast of what would decide a race', () => {
  it.each([0.02, 0.05, 0.1])('is enough for three of four races if trials vary by %d', (spread) => {
    const undecided = Array.from({ length: 120 }, (_, seed) => seed).filter(
      (seed) => race(20, spread, seed).over.decision === undefined,
    )
    const repeated = undecided.map((seed) => {
      const needed = trialsToDecide(rules, race(20, spread, seed).trials)
      expect(needed).toBeGreaterThan(20)
      // The same machine, on which the longer race has its own luck.
      return { needed: needed ?? 0, again: race(needed ?? 0, spread, seed, seed + 2000) }
    })
    const decided = repeated.filter(({ again }) => again.over.decision !== undefined)
    expect(decided.length / repeated.length).toBeGreaterThanOrEqual(0.75)
  })

  it('is absent without a residual, after the decision, and if an objective is unclear', () => {
    expect(trialsToDecide(rules, [])).toBeUndefined()
    const [apart] = [race(1000, 0.001, 3)]
    expect(apart.over.decision).toBeDefined()
    expect(trialsToDecide(rules, apart.trials)).toBeUndefined()
    const { trials } = race(20, 0.1, 5)
    expect(trialsToDecide(rules, trials)).toBeGreaterThan(20)
    const shaky = trials.map((trial, index) => ({
      ...trial,
      measures: [index % 2 === 0 ? -0.1 : 0.2],
    }))
    expect(trialsToDecide({ ...rules, objectives: [{ kind: 'level' }] }, shaky)).toBeUndefined()
  })
})
