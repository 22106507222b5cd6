import { describe, expect, it } from 'vitest'
import { both, waitsForLoad, type Alter } from './alter.ts'
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
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(codes(found)).toContain('reload.context')
  })

  it('is proven where the log has a load with such a context', () => {
    const after = { loadCount: 8, otherContext: 8192 }
    const slow = { ...options, server: { alter: everyTenth }, after }
    const found = lookedFor('reload', { slow, fast: options })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(codes(found)).toContain('reload.context')
  })

  it('is likely where loads come without a pause, and says that the reason is open', () => {
    const slow = { ...options, server: { alter: everyTenth }, after: { loadCount: 8 } }
    expect(lookedFor('reload', { slow, fast: options })).toMatchObject({
      outcome: 'found',
      certainty: 'likely',
      reservations: [{ code: 'reload.other-client' }],
    })
  })

  it('is ruled out where the first requests alone waited', () => {
    const alter = waitsForLoad(3000, ({ index }) => index < 3)
    const slow = { ...options, server: { alter }, after: { loadCount: 1 } }
    const found = lookedFor('reload', { slow, fast: options })
    expect(found?.outcome).toBe('ruled-out')
    expect(codes(found)).toEqual(['loads.at-start'])
  })

  it('is told once where the pause was about as long as the model is kept: by the other cause', () => {
    const pausing: Alter = (request) => ({
      ...request,
      sentMs: request.sentMs + request.index * 7_700,
      endMs: request.endMs + request.index * 7_700,
    })
    const facts = { serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '5s' }) }
    const server = { users: 1, windowMs: 1200 }
    const alter = both(
      pausing,
      waitsForLoad(3000, ({ index }) => index > 0),
    )
    const slow = { server: { ...server, alter }, facts, after: { ...facts, loadCount: 5 } }
    const pair = { slow, fast: { server } }
    expect(codes(lookedFor('reload', pair))).toEqual(['loads.idle'])
    expect(lookedFor('keep-alive', pair)?.outcome).toBe('found')
  })

  it('says so where the model should have stayed for ever', () => {
    const facts = { serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '-1s' }) }
    const slow = { server: { alter: everyTenth }, facts, after: { ...facts, loadCount: 8 } }
    expect(codes(lookedFor('reload', { slow, fast: options }))).toContain('loads.kept-forever')
  })

  it('could not be looked at where nothing says how long a model is kept', () => {
    const facts = { serverConfig: undefined }
    const slow = { server: { alter: everyTenth }, facts, after: { ...facts, loadCount: 8 } }
    expect(lookedFor('reload', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'keepAlive' }],
    })
  })

  it('is ruled out where another context was seen and nobody waited', () => {
    const slow = { ...options, server: { decodeMs: 300 }, after: { contextLength: 8192 } }
    expect(codes(lookedFor('reload', { slow, fast: options }))).toEqual(['loads.none'])
  })
})
