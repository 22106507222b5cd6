import { describe, expect, it } from 'vitest'
import { codes, dockerFacts, inDocker, lookedFor, type Side } from './story.ts'

const counters = (periods: number, throttled: number) => ({
  containerPeriods: periods,
  containerThrottledPeriods: throttled,
  containerThrottledMs: throttled * 50,
})

/** Held back in so many of the 1000 periods of each trial. */
const container = (cpus: number | undefined, throttled: number, pace = 3): Side => ({
  config: inDocker,
  server: { pace },
  facts: { ...dockerFacts, containerCpus: cpus, ...counters(100, 10) },
  after: counters(1100, 10 + throttled),
})

describe('a CPU quota', () => {
  it('is proven where the kernel held back the slower side, with its counters over all trials', () => {
    const found = lookedFor('cpu-quota', { slow: container(0.5, 600), fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', share: 'at-most' })
    expect(codes(found)).toEqual(['quota.threads', 'quota.throttled', 'quota.none', 'speed.slower'])
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

  it('is to become the other container’s, and threads that have room stay', () => {
    const slow = { ...container(2, 600), facts: { ...container(2, 600).facts, threads: 2 } }
    const found = lookedFor('cpu-quota', { slow, fast: container(4, 0, 1) })
    expect(codes(found)).toContain('quota.reference')
    expect(found).toMatchObject({ fixes: [{ settings: [{ name: 'cpus', value: 4 }] }] })
  })

  it('is taken out where it is not known how many CPUs there are', () => {
    const slow = container(0.5, 600)
    const unknown = { ...slow, facts: { ...slow.facts, cpuCount: undefined } }
    const found = lookedFor('cpu-quota', { slow: unknown, fast: {} })
    expect(found).toMatchObject({
      fixes: [{ settings: [{ kind: 'container', name: 'cpus' }] }, {}],
    })
    expect(found).not.toHaveProperty('fixes.0.settings.0.value')
  })

  it('that seldom held it back, or is no less than the other side’s, is ruled out', () => {
    expect(codes(lookedFor('cpu-quota', { slow: container(2, 90), fast: {} }))).toEqual([
      'quota.throttled',
    ])
    expect(
      codes(lookedFor('cpu-quota', { slow: container(2, 600), fast: container(2, 0, 1) })),
    ).toEqual(['quota.no-less'])
  })

  it('could not be looked at without counters, and is not meant without a quota', () => {
    const slow = { ...container(0.5, 0), after: {}, facts: { ...dockerFacts, containerCpus: 0.5 } }
    expect(lookedFor('cpu-quota', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ fact: 'containerThrottledPeriods' }],
    })
    expect(lookedFor('cpu-quota', { slow: container(undefined, 600), fast: {} })).toBeUndefined()
  })
})
