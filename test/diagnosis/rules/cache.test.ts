import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import type { RequestRecord } from '../../../src/results/record.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { combined, slowPrefill, withFields } from '../support/request-changes.ts'

const reading = { server: { alter: slowPrefill(4) } }
const hits = (cachedTokens: number) => ({ server: { alter: withFields({ cachedTokens }) } })
/** Prefill of a sample that was sent before takes a tenth. */
const known = ({ index }: RequestRecord, samples = 10) => index >= samples
const collapsing = (request: RequestRecord) =>
  known(request) ? slowPrefill(0.1)(request) : request

describe('rule cache', () => {
  it('proves the cause if the faster side reports hits', () => {
    const found = resultOf('cache', { slow: reading, fast: hits(90) })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', configs: ['fast'] })
    expect(evidenceCodes(found)).toEqual(['cache.share', 'cache.prefill'])
  })

  it('rules the cause out if both sides have hits', () => {
    const slow = { server: { alter: combined(slowPrefill(4), withFields({ cachedTokens: 90 })) } }
    expect(evidenceCodes(resultOf('cache', { slow, fast: hits(90) }))).toEqual(['cache.alike'])
  })

  it('rules out hits on the start of the chat template only', () => {
    expect(evidenceCodes(resultOf('cache', { slow: reading, fast: hits(8) }))).toEqual([
      'cache.alike',
    ])
  })

  it('rules out hits on the template even if it is a large part of short prompts', () => {
    const short = (cachedTokens: number) => withFields({ promptTokens: 40, cachedTokens })
    const slow = { server: { alter: combined(slowPrefill(4), short(0)) } }
    const withHits = (tokens: number) =>
      resultOf('cache', { slow, fast: { server: { alter: short(tokens) } } })
    expect(evidenceCodes(withHits(16))).toEqual(['cache.template'])
    expect(withHits(17)).toMatchObject({ outcome: 'found', certainty: 'proven' })
  })

  it('finds the cause likely if hits are not reported and prefill of repeated samples collapses', () => {
    const slow = { server: { samples: 10 } }
    const fast = { server: { samples: 10, alter: collapsing } }
    const found = resultOf('cache', { slow, fast })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely' })
    expect(evidenceCodes(found)).toContain('cache.collapse')
  })

  it('rules the cause out if prefill does not collapse', () => {
    const slow = { server: { samples: 10, alter: slowPrefill(4) } }
    const found = resultOf('cache', { slow, fast: { server: { samples: 10 } } })
    expect(evidenceCodes(found)).toEqual(['cache.no-collapse'])
  })

  it('reports missing hits if the server does not report them and no sample repeats', () => {
    const once = { samples: 10_000 }
    expect(
      resultOf('cache', {
        slow: { server: { ...once, alter: slowPrefill(4) } },
        fast: { server: once },
      }),
    ).toMatchObject({ outcome: 'unchecked', missing: [{ config: 'fast', fact: 'cachedTokens' }] })
  })

  it.each([
    ['fast', reading, { ...hits(90), facts: { serverVersion: '0.33.1' } }, 'slow'],
    [
      'slow',
      { server: { alter: combined(slowPrefill(4), withFields({ cachedTokens: 4 })) } },
      { facts: { serverVersion: '0.11.0' } },
      'fast',
    ],
  ])(
    'reports missing hits if only the %s side, of another version, reports them',
    (_, slow, fast, unreported) => {
      expect(resultOf('cache', { slow, fast })).toMatchObject({
        outcome: 'unchecked',
        missing: [{ config: unreported, fact: 'cachedTokens' }],
      })
    },
  )
})

const asIs = { workload: { ...measuredConfig('any').workload, cache: 'as-is' as const } }

describeNextExperiment('cache', {
  slow: { config: asIs, server: { alter: slowPrefill(4) } },
  fast: { config: asIs, server: { alter: withFields({ cachedTokens: 90 }) } },
})
