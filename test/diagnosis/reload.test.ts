import { describe, expect, it } from 'vitest'
import { waitsForLoad } from './alter.ts'
import { codes, lookedFor } from './story.ts'

const everyTenth = waitsForLoad(3000, ({ index }) => index > 5 && index % 10 === 0)
const options = { config: { options: { num_ctx: 4096 } } }

describe('repeated loading', () => {
  it('is proven where the server was seen with a context that nobody here asks for', () => {
    const slow = {
      ...options,
      server: { alter: everyTenth },
      after: { loadCount: 8, contextLength: 8192 },
    }
    const found = lookedFor('reload', { slow, fast: options })
    expect(found).toMatchObject({ outcome: 'found', sureness: 'proven' })
    expect(codes(found)).toContain('reload.context')
  })

  it('is likely where loads come without a pause, and says that the reason is open', () => {
    const slow = { ...options, server: { alter: everyTenth }, after: { loadCount: 8 } }
    expect(lookedFor('reload', { slow, fast: options })).toMatchObject({
      outcome: 'found',
      sureness: 'likely',
      reservations: [{ code: 'reload.other-client' }],
    })
  })

  it('is ruled out where the first requests alone waited', () => {
    const alter = waitsForLoad(3000, ({ index }) => index < 3)
    const slow = { ...options, server: { alter }, after: { loadCount: 1 } }
    expect(lookedFor('reload', { slow, fast: options })?.outcome).toBe('ruled-out')
  })

  it('is ruled out where another context was seen and nobody waited', () => {
    const slow = { ...options, server: { decodeMs: 300 }, after: { contextLength: 8192 } }
    expect(codes(lookedFor('reload', { slow, fast: options }))).toEqual(['loads.none'])
  })
})
