import { describe, expect, it } from 'vitest'
import { codes, settingsLookedFor, type Side } from './story.ts'

const sets = (env: Record<string, string>, side: Side = {}) => ({
  slow: { ...side, config: { env }, server: { decodeMs: 300 } },
  fast: {},
})
const noLog = { facts: { serverConfig: undefined } }

describe('a variable that the server does not read', () => {
  it('is proven by the list in its log, with what is read in its place and what is in effect', () => {
    const found = settingsLookedFor('not-read', sets({ OLLAMA_NUM_THREADS: '8' }))
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      configs: ['slow'],
      fixes: [
        { code: 'take-out', settings: [{ name: 'OLLAMA_NUM_THREADS' }] },
        { code: 'use-option', settings: [{}, { name: 'num_thread', value: 8 }] },
      ],
    })
    expect(codes(found)).toEqual(['setting.not-read', 'setting.threads', 'setting.read-instead'])
  })

  it('is found in the log though no document ever named it', () => {
    const found = settingsLookedFor('not-read', sets({ OLLAMA_GO_FASTER: '1' }))
    expect(codes(found)).toEqual(['setting.not-read'])
  })

  it('is known without a log where no version reads it', () => {
    const found = settingsLookedFor('not-read', sets({ OLLAMA_NUM_CTX: '8192' }, noLog))
    expect(codes(found)).toContain('setting.not-read-documented')
  })

  it('is ruled out where the server lists all that is set', () => {
    const found = settingsLookedFor('not-read', sets({ OLLAMA_NUM_PARALLEL: '4' }))
    expect(codes(found)).toEqual(['setting.all-read'])
  })

  it('is ruled out where a server does read what others do not', () => {
    const facts = { serverConfig: JSON.stringify({ OLLAMA_NUM_THREADS: '8' }) }
    const found = settingsLookedFor('not-read', sets({ OLLAMA_NUM_THREADS: '8' }, { facts }))
    expect(found?.outcome).toBe('ruled-out')
  })

  it('is none that goes to the engine, which lists nothing', () => {
    expect(settingsLookedFor('not-read', sets({ LLAMA_ARG_THREADS: '4' }))).toBeUndefined()
  })

  it('could not be looked at without the log', () => {
    const found = settingsLookedFor('not-read', sets({ OLLAMA_NUM_PARALLEL: '4' }, noLog))
    expect(found).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'serverConfig' }],
    })
  })

  it('is not meant where nothing is set', () => {
    expect(settingsLookedFor('not-read', sets({}))).toBeUndefined()
  })
})
