/** Waiting that is really there: for a slot inside the server, and for a proxy in front of it. */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startEngine } from '../../../src/embedded/engine-process.ts'
import { measured, minute, realMeasurements } from './measure.ts'

describe('waiting', realMeasurements, () => {
  it(
    'finds users that share one slot',
    async () => {
      const { findings, proven, report } = await measured({
        workload: `  options: {temperature: 0, seed: 1, num_predict: 32, num_ctx: 512}
  load: {users: 4, requests: 16}
  warmup: {requests: 1}`,
        configs: `  base: {target: embedded, env: {OLLAMA_NUM_PARALLEL: 4}}
  one-slot: {from: base, env: {OLLAMA_NUM_PARALLEL: 1}}`,
      })
      expect(findings[0]?.cause).toBe('slots')
      expect(findings[0]?.ms.wait).toBeGreaterThan(0)
      expect(proven).toEqual(['slots'])
      expect(report).toContain('one-slot has 4 users for 1 slot')
      expect(report).toContain('export OLLAMA_NUM_PARALLEL=4')
      expect(report).toContain('`exp next real slots`')
    },
    3 * minute,
  )

  it(
    'finds a slow proxy in front of the same server',
    async () => {
      const engine = await startEngine({
        env: { OLLAMA_NUM_PARALLEL: '1' },
        models: ['tiny'],
        signal: new AbortController().signal,
        onLog: () => undefined,
      })
      const proxy = await slowProxy(engine.url, 250)
      try {
        const { findings, proven } = await measured({
          workload: `  options: {temperature: 0, seed: 1, num_predict: 8, num_ctx: 512}
  load: {users: 1, requests: 6}
  warmup: {requests: 1}`,
          configs: `  base: {target: {url: "${engine.url}"}}
  behind-proxy: {from: base, target: {url: "${proxy}"}}`,
        })
        expect(findings[0]?.cause).toBe('outside')
        expect(findings[0]?.ms.outside).toBeGreaterThan(150)
        expect(proven).toEqual(['outside'])
      } finally {
        await engine.stop()
      }
    },
    3 * minute,
  )
})

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
