import { describe, expect, it } from 'vitest'
import { waitsForLoad } from './alter.ts'
import { codes, lookedFor } from './story.ts'

const firstThree = waitsForLoad(4000, ({ index }) => index < 3)

describe('a cold start', () => {
  it('is proven where the first requests alone wait, and the log has the load', () => {
    const slow = { server: { alter: firstThree }, after: { loadCount: 1 } }
    const found = lookedFor('cold-start', { slow, fast: {} })
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      evidence: [{ values: { requests: { value: 18 } } }, { values: { loads: { value: 6 } } }, {}],
    })
    expect(codes(found)).toEqual(['loads.waited', 'loads.logged', 'loads.others'])
  })

  it('is seen without a log where the wait is above a second', () => {
    const slow = { server: { alter: firstThree }, facts: { loadCount: undefined } }
    expect(lookedFor('cold-start', { slow, fast: {} })).toMatchObject({ outcome: 'found' })
  })

  it('is none where the log has no load, however long the first requests take to load', () => {
    const slow = { server: { alter: firstThree } }
    expect(codes(lookedFor('cold-start', { slow, fast: {} }))).toEqual(['loads.none'])
  })

  it('is none at half a second without a log: a loaded model takes up to 150 ms, a busy machine more', () => {
    const alter = waitsForLoad(500, ({ index }) => index < 3)
    const slow = { server: { alter }, facts: { loadCount: undefined } }
    expect(lookedFor('cold-start', { slow, fast: {} })?.outcome).toBe('ruled-out')
  })

  it('is none where requests wait later as well', () => {
    const alter = waitsForLoad(4000, ({ index }) => index < 3 || index % 20 === 0)
    const slow = { server: { alter }, after: { loadCount: 6 } }
    expect(codes(lookedFor('cold-start', { slow, fast: {} }))).toEqual(['loads.not-at-start'])
  })

  it('costs nothing where both sides start cold', () => {
    const side = { server: { alter: firstThree }, after: { loadCount: 1 } }
    const slow = { ...side, server: { alter: firstThree, decodeMs: 400, windowMs: 17_000 } }
    expect(codes(lookedFor('cold-start', { slow, fast: side }))).toContain('costs-nothing')
  })
})
