import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, configResultOf, slower, type Side } from '../support/pairs.ts'

const sets = (env: Record<string, string>, side: Side = {}) => ({
  slow: { ...side, config: { env }, server: { decodeMs: 300 } },
  fast: {},
})
/** As the server lists them: 4 slots, 5 minutes, 512 places in the queue. */
const applied = (env: Record<string, string>) => configResultOf('not-applied', sets(env))

describe('rule not-applied', () => {
  it('proves the cause if the log has another value', () => {
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
  ])('rules the cause out if the log has the same value, written as %s=%s', (name, value) => {
    expect(evidenceCodes(applied({ [name]: value }))).toEqual(['setting.applied'])
  })

  it('rules the cause out for a duration that means forever, which Go writes as 292 years', () => {
    const facts = {
      serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '2562047h47m16.854775807s' }),
    }
    const pair = sets({ OLLAMA_KEEP_ALIVE: '-1' }, { facts })
    expect(configResultOf('not-applied', pair)?.outcome).toBe('ruled-out')
  })

  it('ignores variables that the server does not list, because rule not-read finds them', () => {
    expect(applied({ OLLAMA_NUM_THREADS: '8' })).toBeUndefined()
  })

  /** The result for a variable that the server shows with this value. */
  const shown = (name: string, value: string, effective: string) => {
    const facts = { serverConfig: JSON.stringify({ [name]: effective }) }
    return configResultOf('not-applied', sets({ [name]: value }, { facts }))?.outcome
  }

  it.each([
    ['OLLAMA_FLASH_ATTENTION', '1', 'false'],
    ['OLLAMA_FLASH_ATTENTION', 'yes', 'false'],
    ['OLLAMA_FLASH_ATTENTION', 'f', 'true'],
    ['OLLAMA_DEBUG', '1', 'INFO'],
    ['OLLAMA_KV_CACHE_TYPE', 'q8_0', ''],
    ['OLLAMA_KEEP_ALIVE', '0', '2562047h47m16.854775807s'],
    ['OLLAMA_ORIGINS', 'http://a', '[http://localhost http://b]'],
  ])('proves that %s=%s is not applied if the server shows "%s"', (name, value, effective) => {
    expect(shown(name, value, effective)).toBe('found')
  })

  it.each([
    ['OLLAMA_FLASH_ATTENTION', '1', 'true'],
    ['OLLAMA_FLASH_ATTENTION', 'yes', 'true'],
    ['OLLAMA_FLASH_ATTENTION', 'FALSE', 'false'],
    ['OLLAMA_DEBUG', '2', 'DEBUG-4'],
    ['OLLAMA_KV_CACHE_TYPE', '"q8_0"', 'q8_0'],
    ['OLLAMA_LOAD_TIMEOUT', '0', '2562047h47m16.854775807s'],
    ['OLLAMA_ORIGINS', 'http://a', '[http://a http://localhost]'],
  ])('rules the cause out for %s=%s if the server shows %s', (name, value, effective) => {
    expect(shown(name, value, effective)).toBe('ruled-out')
  })

  it('ignores variables that exp sets itself, and values with a hidden path', () => {
    expect(shown('OLLAMA_HOST', '0.0.0.0:1', '…')).toBeUndefined()
    expect(shown('OLLAMA_TMPDIR', '/tmp', '…')).toBeUndefined()
  })

  it('reports that the log is missing', () => {
    const pair = sets({ OLLAMA_NUM_PARALLEL: '8' }, { facts: { serverConfig: undefined } })
    expect(configResultOf('not-applied', pair)).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'serverConfig' }],
    })
  })
})

const env = (name: string, value: string) => ({ config: { env: { [name]: value } } })

describeNextExperiment('not-applied', {
  slow: { ...env('OLLAMA_NUM_PARALLEL', '8'), server: slower },
  fast: {},
})
