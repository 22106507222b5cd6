/** Waiting that is really there: for a slot inside the server, and for a proxy in front of it. */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { startEngine } from '../../../src/embedded/engine-process.ts'
import { expectAlone, measured, proven, timeoutMs } from './measure.ts'

it(
  'finds users that share one slot',
  async () => {
    const result = await measured({
      workload: `  options: {temperature: 0, seed: 1, num_predict: 48, num_ctx: 512, num_thread: 1}
  load: {users: 8, requests: 40}
  warmup: {requests: 1}`,
      configs: `  base: {target: embedded, env: {OLLAMA_NUM_PARALLEL: 8}}
  one-slot: {from: base, env: {OLLAMA_NUM_PARALLEL: 1}}`,
    })
    // what eight slots compute at once is slower where other work takes the cores: most of the wait may only move
    const { findings, gap } = result.explanation
    expect(findings[0]).toMatchObject({ cause: 'slots', sureness: 'proven' })
    expect(Object.keys(findings[0]?.ms ?? {})).toEqual(['wait'])
    expect(findings[0]?.rank).toBe(gap?.isShown === true ? 'critical' : 'improvable')
    expect(proven(result)).toEqual(['slots'])
    expect(result.report).toContain('one-slot has 8 users for 1 slot')
    expect(result.report).toContain('`exp next real slots`')
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
      const result = await measured({
        workload: `  options: {temperature: 0, seed: 1, num_predict: 8, num_ctx: 512, num_thread: 1}
  load: {users: 1, requests: 4}
  warmup: {requests: 1}`,
        configs: `  base: {target: {url: "${engine.url}"}}
  behind-proxy: {from: base, target: {url: "${proxy}"}}`,
      })
      const { ms } = expectAlone('outside', result)
      expect(ms.outside).toBeGreaterThan(150)
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

/** Passes everything on, and holds each answer back for so long. */
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
