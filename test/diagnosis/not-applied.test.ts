import { describe, expect, it } from 'vitest'
import { codes, settingsLookedFor, type Side } from './story.ts'

const sets = (env: Record<string, string>, side: Side = {}) => ({
  slow: { ...side, config: { env }, server: { decodeMs: 300 } },
  fast: {},
})
/** As the server lists them: 4 slots, 5 minutes, 512 places in the queue. */
const applied = (env: Record<string, string>) => settingsLookedFor('not-applied', sets(env))

describe('a variable that did not reach the server', () => {
  it('is proven by another value in its log', () => {
    const found = applied({ OLLAMA_NUM_PARALLEL: '8' })
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      configs: ['slow'],
      evidence: [{ code: 'setting.not-applied', values: { effective: { literal: '4' } } }],
      fixes: [{ settings: [{ name: 'OLLAMA_NUM_PARALLEL', value: '8' }] }],
    })
  })

  it.each([
    ['OLLAMA_NUM_PARALLEL', '4'],
    ['OLLAMA_KEEP_ALIVE', '300'],
    ['OLLAMA_KEEP_ALIVE', '5m'],
  ])('is ruled out where the log has %s=%s, however it writes it', (name, value) => {
    expect(codes(applied({ [name]: value }))).toEqual(['setting.applied'])
  })

  it('is ruled out for ever, which Go writes as 292 years', () => {
    const facts = {
      serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '2562047h47m16.854775807s' }),
    }
    const pair = sets({ OLLAMA_KEEP_ALIVE: '-1' }, { facts })
    expect(settingsLookedFor('not-applied', pair)?.outcome).toBe('ruled-out')
  })

  it('is no variable that the server does not list: another cause tells', () => {
    expect(applied({ OLLAMA_NUM_THREADS: '8' })).toBeUndefined()
  })

  it('is none that has many spellings, or that exp chooses itself', () => {
    const serverConfig = JSON.stringify({ OLLAMA_FLASH_ATTENTION: 'true', OLLAMA_HOST: '…' })
    const env = { OLLAMA_FLASH_ATTENTION: 'yes', OLLAMA_HOST: '0.0.0.0:1' }
    const pair = sets(env, { facts: { serverConfig } })
    expect(settingsLookedFor('not-applied', pair)).toBeUndefined()
  })

  it('could not be looked at without the log', () => {
    const pair = sets({ OLLAMA_NUM_PARALLEL: '8' }, { facts: { serverConfig: undefined } })
    expect(settingsLookedFor('not-applied', pair)).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'serverConfig' }],
    })
  })
})
