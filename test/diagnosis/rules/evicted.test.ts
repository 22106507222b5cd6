import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, inDocker, resultOf } from '../support/pairs.ts'
import { waitsForLoad } from '../support/request-changes.ts'

const everyTenth = waitsForLoad(3000, ({ index }) => index > 5 && index % 10 === 0)
const reloading = (otherModelLoads: number | undefined) => ({
  server: { alter: everyTenth },
  after: { loadCount: 8, otherModelLoads },
})

describe('rule evicted', () => {
  it('proves the cause if the log shows loads of other models between those of this one', () => {
    const pair = { slow: reloading(8), fast: {} }
    const found = resultOf('evicted', pair)
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(evidenceCodes(found)).toContain('evicted.others')
    expect(evidenceCodes(resultOf('reload', pair))).toEqual(['reload.other-model'])
  })

  it('rules the cause out if the log shows no other model', () => {
    const pair = { slow: reloading(0), fast: {} }
    expect(evidenceCodes(resultOf('evicted', pair))).toEqual(['evicted.none'])
    expect(resultOf('reload', pair)).toMatchObject({ outcome: 'found', reservations: [] })
  })

  it('says that the log is missing', () => {
    expect(resultOf('evicted', { slow: reloading(undefined), fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'otherModelLoads' }],
    })
  })
})

const atUrl = { target: { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } } as const

describeNextExperiment('evicted', {
  slow: { config: atUrl, ...reloading(8) },
  fast: { config: inDocker },
})
