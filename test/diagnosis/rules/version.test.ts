import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { dockerFacts, inDocker, resultOf, slower } from '../support/pairs.ts'
import { describeUndeclaredDifference } from '../support/undeclared.ts'

const process = (version: string) => ({
  target: { kind: 'process', version, pull: false } as const,
})

describeUndeclaredDifference('version', {
  facts: { serverVersion: '0.30.0' },
  certainty: 'possible',
  declared: [[process('0.30.0'), process('0.11.3')]],
})

describe('rule version', () => {
  const serverVersion = '0.30.0'
  it('finds the cause if only one side declares its version', () => {
    const slow = { config: process(serverVersion), server: { pace: 2 }, facts: { serverVersion } }
    expect(resultOf('version', { slow, fast: {} })?.outcome).toBe('found')
  })

  it('says that the file accepts the difference', () => {
    const config = { accept: ['serverVersion' as const] }
    const slow = { config, server: { pace: 2 }, facts: { serverVersion } }
    expect(resultOf('version', { slow, fast: {} })).toMatchObject({
      reservations: [{ code: 'differs.accepted' }, {}],
    })
  })
})

const latest = { target: { ...inDocker.target, image: 'ollama/ollama:latest' } }

describeNextExperiment('version', {
  slow: { config: latest, server: slower, facts: { ...dockerFacts, serverVersion: '0.30.0' } },
  fast: {},
})
