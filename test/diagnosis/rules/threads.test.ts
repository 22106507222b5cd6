import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { dockerFacts, evidenceCodes, inDocker, resultOf, slower } from '../support/pairs.ts'

describe('rule threads', () => {
  it('proves the cause if the sides differ in threads only', () => {
    const found = resultOf('threads', {
      slow: { server: slower, facts: { threads: 16 } },
      fast: {},
    })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', cost: 'at-most' })
    expect(evidenceCodes(found)).toEqual(['threads.above', 'threads.reference', 'speed.slower'])
  })

  it('finds the cause possible under a quota, because rule cpu-quota looks at the quota', () => {
    const slow = {
      config: inDocker,
      server: slower,
      facts: { ...dockerFacts, containerCpus: 2 },
    }
    const found = resultOf('threads', { slow, fast: { facts: { threads: 4 } } })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'possible' })
    expect(evidenceCodes(found)).toEqual(['threads.quota', 'threads.reference'])
    expect(found).toMatchObject({ fixes: [{ settings: [{ name: 'num_thread', value: 2 }] }] })
  })

  it('rules out a single thread, even under a small quota', () => {
    const slow = { config: inDocker, facts: { ...dockerFacts, containerCpus: 0.5, threads: 1 } }
    expect(
      evidenceCodes(resultOf('threads', { slow: { ...slow, server: slower }, fast: {} })),
    ).toEqual(['threads.one'])
  })

  it('uses the number that the requests set if the log does not show it', () => {
    const slow = {
      server: slower,
      config: { options: { num_thread: 16 } },
      facts: { threads: undefined },
    }
    expect(evidenceCodes(resultOf('threads', { slow, fast: {} }))).toContain('threads.above')
  })

  it('finds the cause possible if the sides differ in more than threads', () => {
    const slow = { server: slower, facts: { threads: 16, slots: 2 } }
    expect(resultOf('threads', { slow, fast: {} })).toMatchObject({
      certainty: 'possible',
      reservations: [{ code: 'threads.not-separated' }],
    })
  })

  it('counts the performance cores of a chip with two kinds of cores', () => {
    const facts = { threads: 8, performanceCores: 6, efficiencyCores: 2 }
    const found = resultOf('threads', { slow: { server: slower, facts }, fast: {} })
    expect(evidenceCodes(found)).toContain('threads.performance')
  })

  it('rules the cause out if each thread and the load generator have a core', () => {
    const found = resultOf('threads', {
      slow: { server: slower, facts: { threads: 7 } },
      fast: {},
    })
    expect(evidenceCodes(found)).toEqual(['threads.enough'])
  })

  it('rules the cause out if both sides have the same threads', () => {
    const facts = { threads: 16 }
    expect(
      evidenceCodes(resultOf('threads', { slow: { server: slower, facts }, fast: { facts } })),
    ).toEqual(['threads.alike'])
  })

  it('reports that the number of threads is missing', () => {
    const facts = { threads: undefined }
    expect(resultOf('threads', { slow: { server: slower, facts }, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ fact: 'threads' }],
    })
  })
})

describeNextExperiment('threads', { slow: { server: slower, facts: { threads: 16 } }, fast: {} })
