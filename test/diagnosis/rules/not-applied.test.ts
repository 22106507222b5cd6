import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ServerLog } from '../../../src/ollama/server-log.ts'
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
    ['OLLAMA_NUM_PARALLEL', '4', 'setting.in-effect'],
    ['OLLAMA_KEEP_ALIVE', '300', 'setting.applied'],
    ['OLLAMA_KEEP_ALIVE', '5m', 'setting.applied'],
  ])('rules the cause out if the log has the same value, written as %s=%s', (name, value, code) => {
    expect(evidenceCodes(applied({ [name]: value }))).toEqual([code])
  })

  it('proves the cause if the engine does something else than the list of variables says', () => {
    const found = configResultOf('not-applied', {
      ...sets(
        { OLLAMA_KV_CACHE_TYPE: 'q4_0' },
        {
          facts: {
            serverConfig: JSON.stringify({ OLLAMA_KV_CACHE_TYPE: 'q4_0' }),
            kvCacheType: 'f16',
          },
        },
      ),
    })
    expect(found).toMatchObject({
      outcome: 'found',
      evidence: [{ code: 'setting.not-followed', values: { effective: { literal: 'f16' } } }],
      fixes: [],
    })
  })

  it('accepts an engine that does what was requested although the list of variables has another value', () => {
    const facts = {
      serverConfig: JSON.stringify({ OLLAMA_FLASH_ATTENTION: 'false' }),
      flashAttention: 'on',
    }
    const result = configResultOf('not-applied', sets({ OLLAMA_FLASH_ATTENTION: '1' }, { facts }))
    expect(evidenceCodes(result)).toEqual(['setting.in-effect'])
  })

  /** The evidence about these settings on the server whose log is recorded. */
  const onServer = (version: string, log: string, side: Side['config']) => {
    const server = new ServerLog()
    server.readText(readFileSync(`test/fixtures/ollama/${version}/${log}server.log`, 'utf8'))
    const facts = { ...server.facts(), loadCount: undefined }
    return configResultOf('not-applied', { slow: { config: side ?? {}, facts }, fast: {} })
  }

  it.each(['0.11.3', '0.20.0', '0.32.15'])(
    'says that %s gives a context of 8,192 although 16,384 was requested',
    (version) => {
      const variable = onServer(version, 'ctx-above-train-', {
        env: { OLLAMA_CONTEXT_LENGTH: '16384' },
      })
      const context = { unit: 'tokens', value: 8192 }
      expect(variable).toMatchObject({
        outcome: 'found',
        certainty: 'proven',
        evidence: [
          {
            code: 'setting.context-too-large',
            values: { setting: { literal: 'OLLAMA_CONTEXT_LENGTH=16384' }, context },
          },
        ],
        fixes: [{ code: 'trained-context', settings: [{ kind: 'variable', value: 8192 }] }],
      })
      const option = onServer(version, 'ctx-above-train-', { options: { num_ctx: 16_384 } })
      expect(option).toMatchObject({
        evidence: [
          {
            code: 'setting.context-too-large',
            values: { setting: { literal: 'num_ctx: 16384' }, context },
          },
        ],
        fixes: [{ settings: [{ kind: 'option', name: 'num_ctx', value: 8192 }] }],
      })
    },
  )

  const flashAndCache = { OLLAMA_FLASH_ATTENTION: '1', OLLAMA_KV_CACHE_TYPE: 'q8_0' }

  it('says that the device of 0.11.3 does not support flash attention, and so no q8_0 cache', () => {
    const found = onServer('0.11.3', 'fa-q8-', { env: flashAndCache })
    expect(evidenceCodes(found)).toEqual([
      'setting.flash-attention-unsupported',
      'setting.cache-type-ignored',
    ])
  })

  it.each(['0.20.0', '0.32.15'])(
    'finds flash attention and the cache type in effect on %s',
    (version) => {
      const result = onServer(version, 'fa-q8-', { env: flashAndCache })
      expect(result?.outcome).toBe('ruled-out')
      expect(evidenceCodes(result)).toEqual(['setting.in-effect', 'setting.in-effect'])
    },
  )

  it.each(['0.11.3', '0.20.0'])(
    'recommends flash attention for a cache type that %s ignores',
    (version) => {
      expect(
        onServer(version, 'q8-no-fa-', { env: { OLLAMA_KV_CACHE_TYPE: 'q8_0' } }),
      ).toMatchObject({
        evidence: [{ code: 'setting.cache-type-ignored' }],
        fixes: [{ code: 'with-flash-attention' }],
      })
    },
  )

  it('rules the cause out for a duration that means forever, which Go writes as 292 years', () => {
    const facts = {
      serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '2562047h47m16.854775807s' }),
    }
    const pair = sets({ OLLAMA_KEEP_ALIVE: '-1' }, { facts })
    expect(configResultOf('not-applied', pair)?.outcome).toBe('ruled-out')
  })

  it('writes an endless keep-alive time as a word', () => {
    const facts = {
      serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: '2562047h47m16.854775807s' }),
    }
    expect(
      configResultOf('not-applied', sets({ OLLAMA_KEEP_ALIVE: '5m' }, { facts })),
    ).toMatchObject({
      evidence: [{ code: 'setting.not-applied', values: { effective: { word: 'never' } } }],
    })
  })

  it.each(['0.20.0', '0.32.15'])('finds a keep-alive of -1 in effect on %s', (version) => {
    const result = onServer(version, '', { env: { OLLAMA_KEEP_ALIVE: '-1' } })
    expect(evidenceCodes(result)).toEqual(['setting.applied'])
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
    ['OLLAMA_DEBUG', '1', 'DEBUG'],
  ])('rules the cause out for %s=%s if the server shows %s', (name, value, effective) => {
    expect(shown(name, value, effective)).toBe('ruled-out')
  })

  it('ignores variables that exp sets itself, and values with a hidden path', () => {
    expect(shown('OLLAMA_HOST', '0.0.0.0:1', '…')).toBeUndefined()
    expect(shown('OLLAMA_TMPDIR', '/tmp', '…')).toBeUndefined()
  })

  it('reports that the log is missing', () => {
    const pair = sets({ OLLAMA_KEEP_ALIVE: '8m' }, { facts: { serverConfig: undefined } })
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
