/** Loads of a model that requests wait for: at the start, after a pause, and because of another client. */
import { expect, it } from 'vitest'
import { expectOnlyCause, measureAndDiagnose, timeoutMs } from './measure.ts'
import { otherClients, ownServer, writeServer } from './other-clients.ts'

it(
  'finds the first requests that wait for a model that is not loaded yet',
  async () => {
    const result = await measureAndDiagnose({
      workload: `  options: {temperature: 0, seed: 1, num_predict: 2, num_ctx: 32768, num_thread: 1}
  load: {users: 2, requests: 2}
  warmup: {requests: 0}`,
      // The model is unloaded before the first two requests, which arrive together.
      configs: `  base: {target: embedded, env: {OLLAMA_NUM_PARALLEL: 2}}
  cold: {from: base, env: {OLLAMA_KEEP_ALIVE: 1ms}}`,
    })
    const { ms } = expectOnlyCause('cold-start', result)
    expect(Object.keys(ms)).toEqual(['load'])
    expect(result.report).toMatch(/(\d+) of \1 requests of cold waited for the model to load/)
  },
  timeoutMs,
)

it(
  'finds a model that is unloaded between requests',
  async () => {
    const result = await measureAndDiagnose({
      workload: `  options: {temperature: 0, seed: 1, num_predict: 2, num_ctx: 32768, num_thread: 1}
  load: {users: 1, requests: 5}
  warmup: {requests: 1}`,
      configs: `  base: {target: embedded}
  expiring: {from: base, env: {OLLAMA_KEEP_ALIVE: 0}}`,
    })
    const { ms } = expectOnlyCause('keep-alive', result)
    expect(Object.keys(ms)).toEqual(['load'])
    expect(result.report).toContain('export OLLAMA_KEEP_ALIVE=-1')
  },
  timeoutMs,
)

it(
  'finds reloads because another client asks for another context',
  async () => {
    const result = await measureAndDiagnose({
      ...writeServer,
      workload: `  options: {temperature: 0, seed: 1, num_predict: 2, num_ctx: 16384, num_thread: 1}
  load: {users: 1, requests: 5}
  warmup: {requests: 1}`,
      configs: `  base: {target: ${ownServer}, env: {${otherClients(0, {})}}}
  shared: {from: base, env: {${otherClients(1, { num_ctx: 32768, num_predict: 1 })}}}`,
    })
    const { ms } = expectOnlyCause('reload', result)
    expect(Object.keys(ms)).toEqual(['load'])
    expect(result.report).toContain('the server used one of 32,768 tokens')
  },
  timeoutMs,
)
