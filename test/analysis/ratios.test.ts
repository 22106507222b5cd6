import { describe, expect, it } from 'vitest'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { analysisOf, roundsOf, trialsWith } from './simulated-analysis.ts'

const templates = roundsOf('a', 1, () => ({}))

/** The status of each config by its mean latencies in three rounds; the first config is the baseline. */
function statuses(latencies: Readonly<Record<string, readonly number[]>>) {
  const keys = Object.keys(latencies)
  const experiment = experimentOf(
    keys.map((key) => measuredConfig(key)),
    { rounds: 3, baseline: keys[0] ?? '' },
  )
  const trials = Object.entries(latencies).map(
    ([key, values]) =>
      [key, templates.flatMap((template) => trialsWith(template, 'latencyMean', values))] as const,
  )
  const { ratios } = analysisOf(experiment, Object.fromEntries(trials))
  return Object.fromEntries(ratios.map(({ config, status }) => [config, status]))
}

describe('the status of a ratio', () => {
  it('is best only for the lowest, if the others differ from it beyond chance', () => {
    const faster = [50, 50.5, 49.8]
    expect(statuses({ base: [100, 101, 99], faster })).toEqual({ base: 'good', faster: 'best' })
    const slower = [300, 302, 298]
    expect(statuses({ base: [100, 101, 99], slower })).toEqual({ base: 'best', slower: 'poor' })
  })

  it('is tied for all configs that do not clearly differ from the baseline, if one of them is the lowest', () => {
    const alike = [90, 104, 97]
    expect(statuses({ base: [100, 101, 99], alike, slower: [300, 302, 298] })).toEqual({
      base: 'tied',
      alike: 'tied',
      slower: 'poor',
    })
    expect(statuses({ base: [100, 101, 99], alike, faster: [50, 50.5, 49.8] })).toMatchObject({
      base: 'good',
      alike: 'good',
      faster: 'best',
    })
  })

  it('is tied for all configs that do not clearly differ from the lowest, if the baseline is slower', () => {
    const alike = [50.2, 49.9, 50.1]
    expect(statuses({ base: [100, 101, 99], one: [50, 50.5, 49.8], alike })).toEqual({
      base: 'good',
      one: 'tied',
      alike: 'tied',
    })
  })

  it('is never best without an interval', () => {
    expect(statuses({ base: [100], faster: [50] })).toEqual({ base: 'good', faster: 'good' })
  })
})

describe('a ratio of sides that are not compared', () => {
  it('has no value, and its side no status, if requests of only one side failed', () => {
    const failing = ({ index }: { readonly index: number }) => index % 8 === 0
    const experiment = experimentOf([measuredConfig('base'), measuredConfig('other')], {
      rounds: 3,
      baseline: 'base',
    })
    const { ratios, breakdown } = analysisOf(experiment, {
      base: roundsOf('base', 3, () => ({
        alter: (request) =>
          failing(request) ? { ...request, outcome: 'error-line' as const } : request,
      })),
      other: roundsOf('other', 3, () => ({})),
    })
    const other = ratios.find(({ config }) => config === 'other')
    expect(other).toMatchObject({ status: 'unjudged', obstacle: { code: 'ok-rates' } })
    expect(other).not.toHaveProperty('value')
    expect(ratios.find(({ config }) => config === 'base')?.status).toBe('unreliable')
    expect(breakdown.differences.map(({ obstacle }) => obstacle?.code)).toEqual(['ok-rates'])
  })
})
