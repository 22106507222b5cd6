import { describe, expect, it } from 'vitest'
import { codes, dockerFacts, inDocker, lookedFor } from './story.ts'

const slower = { pace: 3 }
describe('too many threads', () => {
  it('are proven where they are all that the sides differ in', () => {
    const found = lookedFor('threads', {
      slow: { server: slower, facts: { threads: 16 } },
      fast: {},
    })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', share: 'at-most' })
    expect(codes(found)).toEqual(['threads.above', 'threads.reference', 'speed.slower'])
  })

  it('are possible under a quota, which has a cause of its own', () => {
    const slow = {
      config: inDocker,
      server: slower,
      facts: { ...dockerFacts, containerCpus: 2 },
    }
    const found = lookedFor('threads', { slow, fast: { facts: { threads: 4 } } })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'possible' })
    expect(codes(found)).toEqual(['threads.quota', 'threads.reference'])
    expect(found).toMatchObject({ fixes: [{ settings: [{ name: 'num_thread', value: 2 }] }] })
  })

  it('cannot be a single one, however small the quota', () => {
    const slow = { config: inDocker, facts: { ...dockerFacts, containerCpus: 0.5, threads: 1 } }
    expect(codes(lookedFor('threads', { slow: { ...slow, server: slower }, fast: {} }))).toEqual([
      'threads.one',
    ])
  })

  it('are possible where the sides differ in more than threads', () => {
    const slow = { server: slower, facts: { threads: 16, slots: 2 } }
    expect(lookedFor('threads', { slow, fast: {} })).toMatchObject({
      certainty: 'possible',
      reservations: [{ code: 'threads.not-separated' }],
    })
  })

  it('count the performance cores of a chip with two kinds', () => {
    const facts = { threads: 8, performanceCores: 6, efficiencyCores: 2 }
    const found = lookedFor('threads', { slow: { server: slower, facts }, fast: {} })
    expect(codes(found)).toContain('threads.performance')
  })

  it('are ruled out where there is a core for each and one for the load generator', () => {
    const found = lookedFor('threads', {
      slow: { server: slower, facts: { threads: 7 } },
      fast: {},
    })
    expect(codes(found)).toEqual(['threads.enough'])
  })

  it('are ruled out where both sides have as many', () => {
    const facts = { threads: 16 }
    expect(
      codes(lookedFor('threads', { slow: { server: slower, facts }, fast: { facts } })),
    ).toEqual(['threads.alike'])
  })

  it('could not be looked at where the log does not say', () => {
    const facts = { threads: undefined }
    expect(lookedFor('threads', { slow: { server: slower, facts }, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ fact: 'threads' }],
    })
  })
})
