import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { dockerFacts, evidenceCodes, inDocker, resultOf, slower } from '../support/pairs.ts'

describe('rule emulation', () => {
  const arm = { hostArchitecture: 'arm64' }

  it('proves the cause if the image has another architecture than the host', () => {
    const slow = { config: inDocker, server: slower, facts: { ...dockerFacts, ...arm } }
    expect(resultOf('emulation', { slow, fast: {} })).toMatchObject({
      outcome: 'found',
      fixes: [{ settings: [{ name: 'platform', value: 'linux/arm64' }] }],
    })
  })

  it('rules the cause out if image and host have the same architecture under different names', () => {
    const slow = { config: inDocker, server: slower, facts: dockerFacts }
    expect(evidenceCodes(resultOf('emulation', { slow, fast: {} }))).toEqual(['emulation.alike'])
  })

  it('rules the cause out if the faster side is emulated, too', () => {
    const facts = { ...dockerFacts, ...arm }
    const slow = { config: inDocker, server: slower, facts }
    const fast = { config: inDocker, facts }
    expect(evidenceCodes(resultOf('emulation', { slow, fast }))).toEqual(['emulation.both'])
  })

  it.each(['containerArchitecture', 'hostArchitecture'] as const)(
    'reports the missing fact if %s is not known',
    (what) => {
      const facts = { ...dockerFacts, [what]: undefined }
      const slow = { config: inDocker, server: slower, facts }
      expect(resultOf('emulation', { slow, fast: {} })).toMatchObject({
        outcome: 'unchecked',
        missing: [{ config: 'slow', fact: what }],
      })
    },
  )

  it('does not apply without a container', () => {
    expect(resultOf('emulation', { slow: { server: slower }, fast: {} })).toBeUndefined()
  })
})

describeNextExperiment('emulation', {
  slow: {
    config: inDocker,
    server: slower,
    facts: { ...dockerFacts, hostArchitecture: 'arm64' },
  },
  fast: {},
})
