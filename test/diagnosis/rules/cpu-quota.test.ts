import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import {
  dockerFacts,
  evidenceCodes,
  inDocker,
  resultOf,
  slower,
  type Side,
} from '../support/pairs.ts'

const counters = (periods: number, throttled: number) => ({
  containerPeriods: periods,
  containerThrottledPeriods: throttled,
  containerThrottledMs: throttled * 50,
})

/** Facts of a container that the kernel throttles in this many of the 1000 periods of each trial. */
const container = (cpus: number | undefined, throttled: number, pace = 3): Side => ({
  config: inDocker,
  server: { pace },
  facts: { ...dockerFacts, containerCpus: cpus, ...counters(100, 10) },
  after: counters(1100, 10 + throttled),
})

describe('rule cpu-quota', () => {
  it('proves the cause if the kernel throttled the slower side, with counters over all trials', () => {
    const found = resultOf('cpu-quota', { slow: container(0.5, 600), fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', cost: 'at-most' })
    expect(evidenceCodes(found)).toEqual([
      'quota.threads',
      'quota.throttled',
      'quota.none',
      'speed.slower',
    ])
    const evidence = found?.outcome === 'found' ? found.evidence : []
    expect(evidence[0]?.values).toMatchObject({ quota: { value: 0.5 }, threads: { value: 6 } })
    expect(evidence[1]?.values).toMatchObject({
      throttled: { value: 3600 },
      periods: { value: 6000 },
      share: { value: 60 },
      time: { unit: 'ms', value: 180_000 },
    })
    expect(found).toMatchObject({
      fixes: [
        { settings: [{ kind: 'container', name: 'cpus', value: 8 }] },
        { settings: [{ kind: 'option', name: 'num_thread', value: 1 }] },
      ],
    })
  })

  it('recommends the quota of the other container, and keeps threads that fit', () => {
    const slow = { ...container(2, 600), facts: { ...container(2, 600).facts, threads: 2 } }
    const found = resultOf('cpu-quota', { slow, fast: container(4, 0, 1) })
    expect(evidenceCodes(found)).toContain('quota.reference')
    expect(found).toMatchObject({ fixes: [{ settings: [{ name: 'cpus', value: 4 }] }] })
  })

  it('recommends removing the quota if the number of CPUs is not known', () => {
    const slow = container(0.5, 600)
    const unknown = { ...slow, facts: { ...slow.facts, cpuCount: undefined } }
    const found = resultOf('cpu-quota', { slow: unknown, fast: {} })
    expect(found).toMatchObject({
      fixes: [{ settings: [{ kind: 'container', name: 'cpus' }] }, {}],
    })
    expect(found).not.toHaveProperty('fixes.0.settings.0.value')
  })

  it('rules the cause out if the quota rarely throttles, or is not below that of the other side', () => {
    expect(evidenceCodes(resultOf('cpu-quota', { slow: container(2, 90), fast: {} }))).toEqual([
      'quota.throttled',
    ])
    expect(
      evidenceCodes(resultOf('cpu-quota', { slow: container(2, 600), fast: container(2, 0, 1) })),
    ).toEqual(['quota.no-less'])
  })

  it('reports missing counters, and does not apply without a quota', () => {
    const slow = { ...container(0.5, 0), after: {}, facts: { ...dockerFacts, containerCpus: 0.5 } }
    expect(resultOf('cpu-quota', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ fact: 'containerThrottledPeriods' }],
    })
    expect(resultOf('cpu-quota', { slow: container(undefined, 600), fast: {} })).toBeUndefined()
  })
})

const throttled = (periods: number, held: number) => ({
  containerPeriods: periods,
  containerThrottledPeriods: held,
  containerThrottledMs: held * 50,
})

describeNextExperiment('cpu-quota', {
  slow: {
    config: { target: { ...inDocker.target, cpus: 1 } },
    server: slower,
    facts: { ...dockerFacts, containerCpus: 1, ...throttled(100, 10) },
    after: throttled(1100, 610),
  },
  fast: {},
})
