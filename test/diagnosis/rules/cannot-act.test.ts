import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import type { MeasuredConfig } from '../../../src/experiment/experiment.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, onCpu, configResultOf, slower, type Side } from '../support/pairs.ts'
import { combined, waitsForLoad, type RequestChange } from '../support/request-changes.ts'

const { workload } = measuredConfig('any')
type Env = Readonly<Record<string, string>>

/** The result of the rule. `slow` inherits the settings of `fast` and adds these variables. */
function resultWith(env: Env, own: Side = {}, base: Side = {}) {
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
const allFailed = {
  server: {
    alter: (request: Parameters<RequestChange>[0]) => ({ ...request, outcome: 'timeout' as const }),
  },
}

describe('rule cannot-act', () => {
  it.each<[string, Env, Side, string]>([
    ['only one model to load', { OLLAMA_MAX_LOADED_MODELS: '2' }, {}, 'setting.one-model'],
    ['a queue while the model is loaded', { OLLAMA_MAX_QUEUE: '1' }, {}, 'setting.queue-unused'],
    [
      'a queue with a place for each user',
      { OLLAMA_MAX_QUEUE: '3' },
      loaded,
      'setting.queue-large',
    ],
    [
      'requests that set num_ctx',
      { OLLAMA_CONTEXT_LENGTH: '8192' },
      { config: { options: { num_ctx: 4096 } } },
      'setting.overridden',
    ],
    ['an unchanged context', { OLLAMA_CONTEXT_LENGTH: '4096' }, {}, 'setting.unchanged'],
    [
      'requests that set keep_alive',
      { OLLAMA_KEEP_ALIVE: '60s' },
      { config: { workload: { ...workload, keepAlive: '5m' } } },
      'setting.overridden',
    ],
    [
      'pauses shorter than the keep-alive time',
      { OLLAMA_KEEP_ALIVE: '60s' },
      idle,
      'setting.never-idle',
    ],
    [
      'pauses shorter than the keep-alive times of both configs',
      { OLLAMA_KEEP_ALIVE: '-1' },
      idle,
      'setting.never-idle',
    ],
    ['enough slots', { OLLAMA_NUM_PARALLEL: '8' }, {}, 'setting.enough-slots'],
    ['no load', { OLLAMA_LOAD_TIMEOUT: '1m' }, {}, 'setting.no-load'],
    ['no GPU to spread over', { OLLAMA_SCHED_SPREAD: '1' }, { facts: onCpu }, 'setting.no-gpu'],
    [
      'no GPU whose memory could be kept free',
      { OLLAMA_GPU_OVERHEAD: '9' },
      { facts: onCpu },
      'setting.no-gpu',
    ],
  ])('proves the cause: %s', (_, env, side, code) => {
    const found = resultWith(env, side)
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', configs: ['slow'] })
    expect(evidenceCodes(found)).toEqual([code])
  })

  const keptFor = (keepAlive: string) => ({
    serverConfig: JSON.stringify({ OLLAMA_KEEP_ALIVE: keepAlive }),
  })
  const oneSlot = { facts: { slots: 1 } }
  const warm: Side = { config: { workload: { ...workload, cache: 'as-is' } } }
  it.each<[string, Env, Side, Side?]>([
    ['a load, and a queue shorter than the number of users', { OLLAMA_MAX_QUEUE: '2' }, loaded],
    ['another context', { OLLAMA_CONTEXT_LENGTH: '8192' }, { facts: { contextLength: 8192 } }],
    ['pauses longer than the keep-alive time', { OLLAMA_KEEP_ALIVE: '5s' }, idle],
    ['pauses that nearly reach the new keep-alive time', { OLLAMA_KEEP_ALIVE: '15s' }, idle],
    [
      'pauses that nearly reach the old keep-alive time',
      { OLLAMA_KEEP_ALIVE: '-1' },
      idle,
      { facts: keptFor('12s') },
    ],
    [
      'pauses of the base config that nearly reach its keep-alive time',
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
    ['loads while measuring', { OLLAMA_KEEP_ALIVE: '60s' }, loaded],
    ['too few slots before', { OLLAMA_NUM_PARALLEL: '4' }, {}, oneSlot],
    ['slots that the server did not give', { OLLAMA_NUM_PARALLEL: '4' }, oneSlot],
    ['prompts that an additional slot keeps cached', { OLLAMA_NUM_PARALLEL: '8' }, warm],
    ['a load', { OLLAMA_LOAD_TIMEOUT: '1m' }, loaded],
    ['a GPU', { OLLAMA_SCHED_SPREAD: '1' }, {}],
  ])('rules the cause out: %s', (_, env, side, base) => {
    const found = resultWith(env, side, base)
    expect(found?.outcome).toBe('ruled-out')
    expect(evidenceCodes(found)).toEqual(['setting.may-have-effect'])
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
    const refused = resultWith({ OLLAMA_MAX_QUEUE: '512' }, { server: { alter: refuse } })
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
    ['the compute device', { OLLAMA_GPU_OVERHEAD: '9' }, { facts: unknownDevice }, 'computeDevice'],
    ['each request', { OLLAMA_LOAD_TIMEOUT: '1m' }, allFailed, 'requests'],
    ['each request', { OLLAMA_KEEP_ALIVE: '60s' }, allFailed, 'requests'],
    ['each request', { OLLAMA_MAX_QUEUE: '2' }, allFailed, 'requests'],
  ])('reports the missing fact if %s is unknown', (_, env, side, what) => {
    expect(resultWith(env, side)).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: what }],
    })
  })

  it('does not apply if no such variable is set', () => {
    expect(resultWith({ LLAMA_ARG_THREADS: '4' })).toBeUndefined()
    expect(resultWith({})).toBeUndefined()
  })

  it('names an inherited variable only for the config that sets it', () => {
    const base = { config: { env: { OLLAMA_MAX_QUEUE: '8' } } }
    expect(resultWith({ OLLAMA_MAX_QUEUE: '8' }, {}, base)).toMatchObject({ configs: ['fast'] })
  })
})

const env = (name: string, value: string) => ({ config: { env: { [name]: value } } })

describeNextExperiment('cannot-act', {
  slow: { ...env('OLLAMA_MAX_QUEUE', '8'), server: slower },
  fast: {},
})
