/** What is explained, and which settings count as without effect, in a grid and over the levels of a load. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { gridExperiment } from '../analysis/simulated-grid.ts'
import { experimentText, parsed } from '../experiment/support.ts'
import { trials } from './support/pairs.ts'

const experiment = gridExperiment(
  '{base: base, env: {OLLAMA_NUM_PARALLEL: [1, 4]}, load: {users: [1, 4]}}',
  { rounds: 'rounds: 6' },
)
const cells = experiment.grid?.cells ?? []
const levelsOf = (config: string) => {
  const cell = cells.find((one) => one.config === config)
  return cell?.levels.map((level, factor) => experiment.grid?.factors[factor]?.levels[level])
}

const ofCells = Object.fromEntries(
  cells.map(({ config }) => {
    const [slots, users] = (levelsOf(config) ?? []).map(Number)
    return [config, roundsOf(config, 6, (round) => ({ seed: round, slots: slots!, users: users! }))]
  }),
)
const diagnosis = diagnose(experiment, analysisOf(experiment, ofCells))

describe('the diagnosis of a grid', () => {
  it('explains for each factor the cells that differ in nothing else, the largest ratio first', () => {
    const pairs = diagnosis.explanations.map(({ subject, reference = '' }) => [
      levelsOf(subject),
      levelsOf(reference),
    ])
    expect(pairs).toHaveLength(2)
    // four users with one slot are slower than with four; with four slots, users do not wait
    expect(pairs[0]).toEqual([
      ['1', '4'],
      ['4', '4'],
    ])
    expect(pairs[1]).toEqual(
      expect.arrayContaining([
        ['4', '1'],
        ['4', '4'],
      ]),
    )
  })

  it('splits the difference of a factor into parts', () => {
    const gap = diagnosis.explanations[0]?.gap
    expect(gap?.isBeyondNoise).toBe(true)
    expect((gap?.parts.wait ?? NaN) / (gap?.totalMs ?? NaN)).toBeGreaterThan(0.9)
  })

  it('does not advise to remove a level of a factor', () => {
    expect(diagnosis.settings).toEqual([])
  })
})

describe('the diagnosis of a config with levels of its load', () => {
  const settingsOver = (levels: string) => {
    const levelled = parsed(
      experimentText({
        workload: `workload: {prompt: "Judge {{text}}", load: {users: ${levels}, duration: 30s}, cache: cold}`,
        baseline: '',
      }),
    )
    const results = levelled.configs.map(({ key }) => [key, roundsOf(key, 2, () => ({}))] as const)
    return diagnose(levelled, analysisOf(levelled, Object.fromEntries(results))).settings
  }

  it('explains the highest level by the lowest, part by part', () => {
    const levelled = parsed(
      experimentText({
        workload: 'workload: {prompt: "Judge {{text}}", load: {users: [4, 1, 2], duration: 30s}}',
        configs: 'configs: {one: {target: process, env: {OLLAMA_NUM_PARALLEL: 1}}}',
        baseline: '',
      }),
    )
    const results = levelled.configs.map(({ key }) => {
      const users = Number(key.slice(-1))
      const side = { facts: { slots: 1 }, server: { slots: 1, users } }
      return [key, trials(key, side, 'process', 6)] as const
    })
    const { explanations } = diagnose(levelled, analysisOf(levelled, Object.fromEntries(results)))
    expect(explanations.map(({ subject, reference }) => [subject, reference])).toEqual([
      ['one-users-4', 'one-users-1'],
    ])
    const gap = explanations[0]?.gap
    expect((gap?.parts.wait ?? NaN) / (gap?.totalMs ?? NaN)).toBeGreaterThan(0.9)
    // A higher load does not show what more slots would save.
    const slots = explanations[0]?.findings.find(({ cause }) => cause === 'slots')
    expect(slots?.fixes).toMatchObject([{ code: 'more-slots', needsExperiment: true }])
  })

  it('names a setting that has no effect at any level', () => {
    expect(settingsOver('[1]').flatMap(({ configs }) => configs)).toEqual(['slots-users-1'])
  })

  it('does not name one that may have an effect at another level', () => {
    expect(settingsOver('[1, 4]')).toEqual([])
  })
})
