import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { diagnosisOf, evidenceCodes, resultOf } from '../support/pairs.ts'
import { combined, delayedOnTheWay, waitsForLoad } from '../support/request-changes.ts'

const small = { prefillMs: 6, decodeMs: 14, outputTokens: 4 }
const overheadOf = (ms: number) => waitsForLoad(ms, () => true)

describe('rule overhead', () => {
  it('proves the cause if fixed costs are most of a short request', () => {
    const slow = { server: { ...small, alter: overheadOf(60) } }
    const found = resultOf('overhead', { slow, fast: { server: small } })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', cost: 'at-most' })
    expect(evidenceCodes(found)).toEqual(['overhead.share', 'overhead.compute'])
  })

  it('rules the cause out if computing is most of the latency', () => {
    const slow = { server: { alter: overheadOf(60) } }
    expect(evidenceCodes(resultOf('overhead', { slow, fast: {} }))).toEqual(['overhead.small'])
  })

  it('does not count time that requests wait for a slot or spend on the network', () => {
    const waiting = { server: { ...small, slots: 1 }, facts: { slots: 1 } }
    expect(evidenceCodes(resultOf('overhead', { slow: waiting, fast: { server: small } }))).toEqual(
      ['overhead.small'],
    )
    const away = { server: { ...small, alter: combined(delayedOnTheWay(100)) } }
    expect(evidenceCodes(resultOf('overhead', { slow: away, fast: { server: small } }))).toEqual([
      'overhead.small',
    ])
  })

  it.each([
    ['every fourth request', ({ index }: { index: number }) => index % 4 === 0],
    ['three of four requests', ({ index }: { index: number }) => index % 4 > 0],
  ])('does not count a reload of 500 ms for %s, with or without a log', (_, which) => {
    const server = { ...small, alter: waitsForLoad(500, which) }
    for (const facts of [{ loadCount: undefined }, {}]) {
      const result = resultOf('overhead', { slow: { server, facts }, fast: { server: small } })
      expect(evidenceCodes(result)).toEqual(['overhead.small'])
    }
  })

  it('rules the cause out if both sides have the same overhead', () => {
    const side = { server: { ...small, alter: overheadOf(60) } }
    const slow = { server: { ...small, decodeMs: 24, alter: overheadOf(60) } }
    expect(evidenceCodes(resultOf('overhead', { slow, fast: side }))).toContain('costs-nothing')
  })

  it('explains the latency of a single config', () => {
    const { explanations } = diagnosisOf({
      slow: { server: { ...small, alter: overheadOf(60) } },
      fast: { server: { alter: (request) => ({ ...request, outcome: 'timeout' }) } },
    })
    expect(explanations).toHaveLength(1)
    expect(explanations[0]?.reference).toBeUndefined()
    expect(explanations[0]?.findings[0]).toMatchObject({ cause: 'overhead', rank: 'critical' })
  })
})

describeNextExperiment('overhead', {
  slow: { server: { ...small, alter: waitsForLoad(60, () => true) } },
  fast: { server: small },
})
