import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import type { MeasuredConfig } from '../../../src/experiment/experiment.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, onCpu, configResultOf, slower, type Side } from '../support/pairs.ts'
import { combined, waitsForLoad, type RequestChange } from '../support/request-changes.ts'

const { workload } = measuredConfig('any')
type Env = Readonly<Record<string, string>>

/** `slow` inherits the settings of `fast` and adds these. */
function looked(env: Env, own: Side = {}, base: Side = {}) {
  const config: Partial<MeasuredConfig> = { from: 'fast', env, ...own.config }
  return configResultOf('cannot-act', {
    slow: { server: { decodeMs: 300 }, ...own, config },
    fast: base,
  })
}

const reloading = { server: { alter: waitsForLoad(3000, ({ index }) => index % 10 === 9) } }
const loaded = { ...reloading, after: { loadCount: 9 } }
/** Pauses of ten seconds. */
const pausing: RequestChange = (request) => ({
  ...request,
  sentMs: request.sentMs + request.index * 10_000,
  endMs: request.endMs + request.index * 10_000,
})
const idle = { server: { users: 1, windowMs: 1200, alter: combined(pausing) } }
const unseen = {
  server: {
    alter: (request: Parameters<RequestChange>[0]) => ({ ...request, outcome: 'timeout' as const }),
  },
}

describe('rule cannot-act', () => {
  it.each<[string, Env, Side, string]>([
    ['one model', { OLLAMA_MAX_LOADED_MODELS: '2' }, {}, 'setting.one-model'],
    ['a model that is loaded', { OLLAMA_MAX_QUEUE: '1' }, {}, 'setting.queue-unused'],
    ['a queue for all users', { OLLAMA_MAX_QUEUE: '3' }, loaded, 'setting.queue-large'],
    [
      'requests that ask for a context',
      { OLLAMA_CONTEXT_LENGTH: '8192' },
      { config: { options: { num_ctx: 4096 } } },
      'setting.overridden',
    ],
    ['a context as before', { OLLAMA_CONTEXT_LENGTH: '4096' }, {}, 'setting.unchanged'],
    [
      'requests that ask how long',
      { OLLAMA_KEEP_ALIVE: '60s' },
      { config: { workload: { ...workload, keepAlive: '5m' } } },
      'setting.overridden',
    ],
    ['pauses that are shorter', { OLLAMA_KEEP_ALIVE: '60s' }, idle, 'setting.never-idle'],
    ['pauses that are short for both', { OLLAMA_KEEP_ALIVE: '-1' }, idle, 'setting.never-idle'],
    ['slots enough', { OLLAMA_NUM_PARALLEL: '8' }, {}, 'setting.enough-slots'],
    ['no load', { OLLAMA_LOAD_TIMEOUT: '1m' }, {}, 'setting.no-load'],
    ['no GPU to spread over', { OLLAMA_SCHED_SPREAD: '1' }, { facts: onCpu }, 'setting.no-gpu'],
    ['no GPU to spare', { OLLAMA_GPU_OVERHEAD: '9' }, { facts: onCpu }, 'setting.no-gpu'],
  ])('proves the cause: %s', (_, env, side, code) => {
    const found = looked(env, side)
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', configs: ['slow'] })
    expect(evidenceCodes(found)).toEqual([code])
  })

  const keptFor = (keepAlive: string) => ({
    serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: keepAlive }),
  })
  const oneSlot = { facts: { slots: 1 } }
  const warm: Side = { config: { workload: { ...workload, cache: 'as-is' } } }
  it.each<[string, Env, Side, Side?]>([
    ['a load, and a queue for fewer', { OLLAMA_MAX_QUEUE: '2' }, loaded],
    ['another context', { OLLAMA_CONTEXT_LENGTH: '8192' }, { facts: { contextLength: 8192 } }],
    ['pauses that are longer', { OLLAMA_KEEP_ALIVE: '5s' }, idle],
    ['pauses that come near the new value', { OLLAMA_KEEP_ALIVE: '15s' }, idle],
    [
      'pauses that come near the value before',
      { OLLAMA_KEEP_ALIVE: '-1' },
      idle,
      { facts: keptFor('12s') },
    ],
    [
      'pauses of the other side, which has no time to spare',
      { OLLAMA_KEEP_ALIVE: '-1' },
      {},
      { ...idle, facts: keptFor('12s') },
    ],
    [
      'models that were unloaded at once',
      { OLLAMA_KEEP_ALIVE: '-1' },
      {},
      { facts: keptFor('0s') },
    ],
    ['loads', { OLLAMA_KEEP_ALIVE: '60s' }, loaded],
    ['slots that were too few', { OLLAMA_NUM_PARALLEL: '4' }, {}, oneSlot],
    ['slots that the server did not give', { OLLAMA_NUM_PARALLEL: '4' }, oneSlot],
    ['prompts that a slot more remembers', { OLLAMA_NUM_PARALLEL: '8' }, warm],
    ['a load', { OLLAMA_LOAD_TIMEOUT: '1m' }, loaded],
    ['a GPU', { OLLAMA_SCHED_SPREAD: '1' }, {}],
  ])('rules the cause out: %s', (_, env, side, base) => {
    const found = looked(env, side, base)
    expect(found?.outcome).toBe('ruled-out')
    expect(evidenceCodes(found)).toEqual(['setting.may-act'])
  })

  it('rules the cause out if a request found the queue full, even if the queue is long', () => {
    const refuse: RequestChange = (request) =>
      request.index % 9 === 0
        ? {
            ...request,
            outcome: 'http-error',
            error: 'server busy, please try again.  maximum pending requests exceeded',
          }
        : request
    const refused = looked({ OLLAMA_MAX_QUEUE: '512' }, { server: { alter: refuse } })
    expect(refused?.outcome).toBe('ruled-out')
  })

  const unknownDevice = {
    computeDevice: undefined,
    layersOffloaded: undefined,
    vramBytes: undefined,
  }
  it.each<[string, Env, Side, string]>([
    [
      'the context',
      { OLLAMA_CONTEXT_LENGTH: '8192' },
      { facts: { contextLength: undefined } },
      'contextLength',
    ],
    ['what computes', { OLLAMA_GPU_OVERHEAD: '9' }, { facts: unknownDevice }, 'computeDevice'],
    ['any request that succeeded', { OLLAMA_LOAD_TIMEOUT: '1m' }, unseen, 'requests'],
    ['any request that succeeded', { OLLAMA_KEEP_ALIVE: '60s' }, unseen, 'requests'],
    ['any request that succeeded', { OLLAMA_MAX_QUEUE: '2' }, unseen, 'requests'],
  ])('reports the missing fact without %s', (_, env, side, what) => {
    expect(looked(env, side)).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: what }],
    })
  })

  it('does not apply if no such variable is set', () => {
    expect(looked({ LLAMA_ARG_THREADS: '4' })).toBeUndefined()
    expect(looked({})).toBeUndefined()
  })

  it('names an inherited variable only for the config that sets it', () => {
    const base = { config: { env: { OLLAMA_MAX_QUEUE: '8' } } }
    expect(looked({ OLLAMA_MAX_QUEUE: '8' }, {}, base)).toMatchObject({ configs: ['fast'] })
  })
})

const env = (name: string, value: string) => ({ config: { env: { [name]: value } } })

describeNextExperiment('cannot-act', {
  slow: { ...env('OLLAMA_MAX_QUEUE', '8'), server: slower },
  fast: {},
})
