import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/results/record.ts'
import { both, slowPrefill, withFields } from './alter.ts'
import { codes, lookedFor } from './story.ts'

const reading = { server: { alter: slowPrefill(4) } }
const hits = (cachedTokens: number) => ({ server: { alter: withFields({ cachedTokens }) } })
/** Prefill of a sample that was asked before takes a tenth. */
const known = ({ index }: RequestRecord, samples = 10) => index >= samples
const collapsing = (request: RequestRecord) =>
  known(request) ? slowPrefill(0.1)(request) : request

describe('prompt cache hits', () => {
  it('are proven where the faster side names them', () => {
    const found = lookedFor('cache', { slow: reading, fast: hits(90) })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', configs: ['fast'] })
    expect(codes(found)).toEqual(['cache.share', 'cache.prefill'])
  })

  it('are ruled out where both sides have them', () => {
    const slow = { server: { alter: both(slowPrefill(4), withFields({ cachedTokens: 90 })) } }
    expect(codes(lookedFor('cache', { slow, fast: hits(90) }))).toEqual(['cache.alike'])
  })

  it('are ruled out where the first tokens of a template are all there is', () => {
    expect(codes(lookedFor('cache', { slow: reading, fast: hits(8) }))).toEqual(['cache.alike'])
  })

  it('are ruled out where those first tokens are a large part of short prompts', () => {
    const short = (cachedTokens: number) => withFields({ promptTokens: 40, cachedTokens })
    const slow = { server: { alter: both(slowPrefill(4), short(0)) } }
    const withHits = (tokens: number) =>
      lookedFor('cache', { slow, fast: { server: { alter: short(tokens) } } })
    expect(codes(withHits(16))).toEqual(['cache.template'])
    expect(withHits(17)).toMatchObject({ outcome: 'found', certainty: 'proven' })
  })

  it('are likely where the server does not name them and prefill of repeats collapses', () => {
    const slow = { server: { samples: 10 } }
    const fast = { server: { samples: 10, alter: collapsing } }
    const found = lookedFor('cache', { slow, fast })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely' })
    expect(codes(found)).toContain('cache.collapse')
  })

  it('are ruled out where it does not collapse', () => {
    const slow = { server: { samples: 10, alter: slowPrefill(4) } }
    const found = lookedFor('cache', { slow, fast: { server: { samples: 10 } } })
    expect(codes(found)).toEqual(['cache.no-collapse'])
  })

  it('could not be looked at where the server does not name them and no sample repeats', () => {
    const once = { samples: 10_000 }
    expect(
      lookedFor('cache', {
        slow: { server: { ...once, alter: slowPrefill(4) } },
        fast: { server: once },
      }),
    ).toMatchObject({ outcome: 'unchecked', missing: [{ config: 'fast', fact: 'cachedTokens' }] })
  })

  it.each([
    ['fast', reading, { ...hits(90), facts: { serverVersion: '0.33.1' } }, 'slow'],
    [
      'slow',
      { server: { alter: both(slowPrefill(4), withFields({ cachedTokens: 4 })) } },
      { facts: { serverVersion: '0.11.0' } },
      'fast',
    ],
  ])(
    'could not be looked at where only the %s side, of another version, names them',
    (...given) => {
      const [, slow, fast, dark] = given
      expect(lookedFor('cache', { slow, fast })).toMatchObject({
        outcome: 'unchecked',
        missing: [{ config: dark, fact: 'cachedTokens' }],
      })
    },
  )
})
