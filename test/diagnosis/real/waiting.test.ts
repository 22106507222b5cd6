/** Waiting for a slot inside the server, and for a proxy in front of it. */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { startEngine } from '../../../src/embedded/engine-process.ts'
import { expectOnlyCause, measureAndDiagnose, timeoutMs } from './measure.ts'
import { otherClients, ownServer, writeServer } from './other-clients.ts'

it(
  'finds users that share one slot',
  async () => {
    // Short answers queue behind long ones of other clients. With answers of equal length, more slots might save
    // nothing: on busy cores parallel requests take longer, and the total latency stays the same.
    const others = otherClients(4, { num_ctx: 512, num_thread: 1, num_predict: 200 })
    const result = await measureAndDiagnose({
      ...writeServer,
      workload: `  options: {temperature: 0, seed: 1, num_predict: 4, num_ctx: 512, num_thread: 1}
  load: {users: 2, requests: 8}
  warmup: {requests: 1}`,
      configs: `  base: {target: ${ownServer}, env: {${others}, OLLAMA_NUM_PARALLEL: 8}}
  one-slot: {from: base, env: {OLLAMA_NUM_PARALLEL: 1}}`,
    })
    const { ms } = expectOnlyCause('slots', result)
    expect(Object.keys(ms)).toEqual(['wait'])
    expect(result.report).toContain('one-slot has 2 users for 1 slot')
    expect(result.report).toContain('export OLLAMA_NUM_PARALLEL=2')
    // the file itself has the config that the fix would give
    expect(result.report).toMatch(/Use as many slots as users.*measured with 8 slots in base/)
    expect(result.report).not.toContain('`exp next real slots`')
  },
  timeoutMs,
)

it(
  'finds a slow proxy in front of the same server',
  async () => {
    const engine = await startEngine({
      env: { OLLAMA_NUM_PARALLEL: '1' },
      models: ['tiny'],
      signal: new AbortController().signal,
    })
    const proxy = await slowProxy(engine.url, 250)
    try {
      const result = await measureAndDiagnose({
        workload: `  options: {temperature: 0, seed: 1, num_predict: 8, num_ctx: 512, num_thread: 1}
  load: {users: 1, requests: 4}
  warmup: {requests: 1}`,
        configs: `  base: {target: {url: "${engine.url}"}}
  behind-proxy: {from: base, target: {url: "${proxy}"}}`,
      })
      const { ms } = expectOnlyCause('outside', result)
      expect(ms.outside).toBeGreaterThan(150)
    } finally {
      await engine.stop()
    }
  },
  timeoutMs,
)

it(
  'finds a proxy that holds answers back, although they are complete no later',
  async () => {
    const engine = await startEngine({
      env: { OLLAMA_NUM_PARALLEL: '1' },
      models: ['tiny'],
      signal: new AbortController().signal,
    })
    const proxy = await slowProxy(engine.url, 0)
    try {
      const { delivery, report } = await measureAndDiagnose({
        workload: `  options: {temperature: 0, seed: 1, num_predict: 200, num_ctx: 512, num_thread: 1}
  load: {users: 1, requests: 6}
  warmup: {requests: 1}`,
        configs: `  base: {target: {url: "${engine.url}"}}
  behind-proxy: {from: base, target: {url: "${proxy}"}}`,
      })
      expect(delivery).toMatchObject([
        { cause: 'buffered', certainty: 'proven', configs: ['behind-proxy'] },
      ])
      // how much of it is decoding depends on the machine
      expect(delivery[0]?.firstTokenShare).toBeGreaterThan(0.25)
      expect(report).toMatch(
        /\*\*🔧 Secondary: A proxy holds answers back until they are complete\*\* \(proven, \d+\.\d% of the time to the first token\)/u,
      )
      expect(report).toContain('The first token of behind-proxy arrives after')
      expect(report).toContain('Connect to the server without the proxy, or turn off its buffering')
    } finally {
      await engine.stop()
    }
  },
  timeoutMs,
)

const proxies: Server[] = []
afterEach(() => {
  for (const proxy of proxies.splice(0)) proxy.close()
})

/** A proxy that delays each answer. */
async function slowProxy(to: string, delayMs: number): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const onward = request(to + (incoming.url ?? ''), { method: incoming.method }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        setTimeout(() => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          outgoing.end(Buffer.concat(chunks))
        }, delayMs)
      })
    })
    incoming.pipe(onward)
  })
  proxies.push(proxy)
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`
}
