import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, configResultOf, slower, type Side } from '../support/pairs.ts'

const sets = (env: Record<string, string>, side: Side = {}) => ({
  slow: { ...side, config: { env }, server: { decodeMs: 300 } },
  fast: {},
})
const noLog = { facts: { serverConfig: undefined } }

describe('rule not-read', () => {
  it('proves the cause by the list in the log, with the option to use and the value in effect', () => {
    const found = configResultOf('not-read', sets({ OLLAMA_NUM_THREADS: '8' }))
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      configs: ['slow'],
      fixes: [
        { code: 'take-out', settings: [{ name: 'OLLAMA_NUM_THREADS' }] },
        { code: 'use-option', settings: [{}, { name: 'num_thread', value: 8 }] },
      ],
    })
    expect(evidenceCodes(found)).toEqual([
      'setting.not-read',
      'setting.threads',
      'setting.read-instead',
    ])
  })

  it('finds unknown variables that the log does not list', () => {
    const found = configResultOf('not-read', sets({ OLLAMA_GO_FASTER: '1' }))
    expect(evidenceCodes(found)).toEqual(['setting.not-read'])
  })

  it('proves the cause without a log for variables that no version reads', () => {
    const found = configResultOf('not-read', sets({ OLLAMA_NUM_CTX: '8192' }, noLog))
    expect(evidenceCodes(found)).toContain('setting.not-read-documented')
  })

  it('rules the cause out if the server lists all variables that are set', () => {
    const found = configResultOf('not-read', sets({ OLLAMA_NUM_PARALLEL: '4' }))
    expect(evidenceCodes(found)).toEqual(['setting.all-read'])
  })

  it('rules the cause out if this server reads a variable that others do not', () => {
    const facts = { serverConfig: JSON.stringify({ OLLAMA_NUM_THREADS: '8' }) }
    const found = configResultOf('not-read', sets({ OLLAMA_NUM_THREADS: '8' }, { facts }))
    expect(found?.outcome).toBe('ruled-out')
  })

  it('ignores variables of the engine, which the server does not list', () => {
    expect(configResultOf('not-read', sets({ LLAMA_ARG_THREADS: '4' }))).toBeUndefined()
  })

  it('reports that the log is missing', () => {
    const found = configResultOf('not-read', sets({ OLLAMA_NUM_PARALLEL: '4' }, noLog))
    expect(found).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'serverConfig' }],
    })
  })

  it('does not apply if no variable is set', () => {
    expect(configResultOf('not-read', sets({}))).toBeUndefined()
  })
})

const env = (name: string, value: string) => ({ config: { env: { [name]: value } } })

describeNextExperiment('not-read', {
  slow: { ...env('OLLAMA_NUM_THREADS', '8'), server: slower },
  fast: {},
})
