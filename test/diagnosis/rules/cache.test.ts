import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { measuredConfig } from '../../report/support/analysis.ts'
import type { RequestRecord } from '../../../src/results/record.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import {
  combined,
  slowPrefill,
  withFields,
  type RequestChange,
} from '../support/request-changes.ts'

const withoutHits = { server: { alter: slowPrefill(4) } }
const hits = (cachedTokens: number) => ({ server: { alter: withFields({ cachedTokens }) } })
const isRepeat = ({ index }: RequestRecord, samples = 10) => index >= samples
/** Prefill of a sample that was sent before takes a tenth of the time. */
const fastRepeats = (request: RequestRecord) =>
  isRepeat(request) ? slowPrefill(0.1)(request) : request

describe('rule cache', () => {
  it('proves the cause if the faster side reports hits', () => {
    const found = resultOf('cache', { slow: withoutHits, fast: hits(90) })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', configs: ['fast'] })
    expect(evidenceCodes(found)).toEqual(['cache.share', 'cache.prefill'])
  })

  it('rules the cause out if both sides have hits', () => {
    const slow = { server: { alter: combined(slowPrefill(4), withFields({ cachedTokens: 90 })) } }
    expect(evidenceCodes(resultOf('cache', { slow, fast: hits(90) }))).toEqual(['cache.alike'])
  })

  it('rules the cause out if only the start of the chat template is cached', () => {
    expect(evidenceCodes(resultOf('cache', { slow: withoutHits, fast: hits(8) }))).toEqual([
      'cache.alike',
    ])
  })

  it('rules the cause out if only the template is cached, even if it is a large part of short prompts', () => {
    const short = (cachedTokens: number) => withFields({ promptTokens: 40, cachedTokens })
    const slow = { server: { alter: combined(slowPrefill(4), short(0)) } }
    const withHits = (tokens: number) =>
      resultOf('cache', { slow, fast: { server: { alter: short(tokens) } } })
    expect(evidenceCodes(withHits(16))).toEqual(['cache.template'])
    expect(withHits(17)).toMatchObject({ outcome: 'found', certainty: 'proven' })
  })

  it('finds the cause likely if hits are not reported and prefill of repeated samples is much faster', () => {
    const slow = { server: { samples: 10 } }
    const fast = { server: { samples: 10, alter: fastRepeats } }
    const found = resultOf('cache', { slow, fast })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely' })
    expect(evidenceCodes(found)).toContain('cache.fast-repeats')
  })

  describe('if only warm-up meets an empty cache', () => {
    const samples = 10
    const warmUp: RequestChange = (request) =>
      isRepeat(request) ? request : { ...request, phase: 'warmup' }
    const workload = (cache: 'cold' | 'warm') => ({
      ...measuredConfig('any').workload,
      cache,
    })
    const side = (cache: 'cold' | 'warm', alter: RequestChange) => ({
      config: { workload: workload(cache) },
      server: { samples, alter, header: { workload: workload(cache) } },
    })
    const cached = combined(warmUp, fastRepeats)

    it('counts a warm-up request as the first use of its prompt', () => {
      const found = resultOf('cache', { slow: side('warm', warmUp), fast: side('warm', cached) })
      expect(found).toMatchObject({ outcome: 'found', certainty: 'likely', configs: ['fast'] })
      const statement = found?.outcome === 'found' ? found.evidence[0] : undefined
      expect(statement?.code).toBe('cache.fast-repeats')
      expect(statement?.values['times']).toMatchObject({ unit: 'x' })
      const { value } = z.object({ value: z.number() }).parse(statement?.values['times'])
      expect(value).toBeGreaterThan(9)
      expect(value).toBeLessThan(11.5)
    })

    it('does not count it with `cache: cold`, because all prompts differ', () => {
      const found = resultOf('cache', { slow: side('cold', warmUp), fast: side('cold', cached) })
      expect(evidenceCodes(found)).toEqual(['cache.no-fast-repeats'])
    })
  })

  describe('if only the log shows hits', () => {
    /** 30 requests of 107 prompt tokens each. */
    const logged = (cachedTokens: number, alter = slowPrefill(1)) => ({
      facts: { cachedTokens: 50 },
      after: { cachedTokens: 50 + cachedTokens },
      server: { requests: 30, alter },
    })

    it('proves the cause with the share of all prompt tokens, warm-up included', () => {
      const found = resultOf('cache', { slow: logged(0, slowPrefill(4)), fast: logged(2889) })
      expect(found).toMatchObject({
        outcome: 'found',
        certainty: 'proven',
        evidence: [
          {
            code: 'cache.share',
            values: { share: { unit: '%', value: 0 }, referenceShare: { unit: '%', value: 90 } },
          },
          { code: 'cache.prefill' },
        ],
      })
    })

    it('rules the cause out if both sides have hits', () => {
      const found = resultOf('cache', { slow: logged(2889, slowPrefill(4)), fast: logged(2889) })
      expect(evidenceCodes(found)).toEqual(['cache.alike'])
    })

    it('ignores a log that shows more cached tokens than the prompts of the trial have', () => {
      const found = resultOf('cache', { slow: logged(0, slowPrefill(4)), fast: logged(9000) })
      expect(found).toMatchObject({
        outcome: 'unchecked',
        missing: [{ config: 'fast', fact: 'cachedTokens' }],
      })
    })
  })

  it('rules the cause out if prefill of repeated samples is not much faster', () => {
    const slow = { server: { samples: 10, alter: slowPrefill(4) } }
    const found = resultOf('cache', { slow, fast: { server: { samples: 10 } } })
    expect(evidenceCodes(found)).toEqual(['cache.no-fast-repeats'])
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
    ['fast', withoutHits, { ...hits(90), facts: { serverVersion: '0.33.1' } }, 'slow'],
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
