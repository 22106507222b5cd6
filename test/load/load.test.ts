import { afterEach, describe, expect, it } from 'vitest'
import { runLoad } from '../../src/load/load.ts'
import type { SampleRequest, LoadDependencies, LoadPlan, LoadResult } from '../../src/load/load.ts'
import type { LiveFigures } from '../../src/load/live-stats.ts'
import { OllamaClient } from '../../src/ollama/client.ts'
import { prepareRequest } from '../../src/ollama/request.ts'
import { recordSchemas } from '../../src/results/record.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { answers, refuses, ScriptedOllama } from '../support/scripted-ollama.ts'
import type { ScriptedOptions } from '../support/scripted-ollama.ts'
import { seeded } from '../support/seeded.ts'

/** Nothing here may depend on how fast this machine is, or on how long it stalls. */
const patience = { timeout: 30_000, interval: 1 }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const plan: LoadPlan = {
  load: { kind: 'closed-requests', users: 3, requests: 12 },
  warmupRequests: 0,
  samples: ['c01', 'c02', 'c03', 'c04', 'c05'],
  timeoutMs: 60_000,
  idleLoopDelayP99Ms: 1.1,
}

interface Trial {
  readonly result: LoadResult
  readonly records: readonly RequestRecord[]
  readonly server: ScriptedOllama
  readonly tookMs: number
  readonly asks: readonly SampleRequest[]
}

async function run(
  asked: Partial<LoadPlan>,
  scripted: ScriptedOptions,
  more: Partial<LoadDependencies> = {},
): Promise<Trial> {
  const server = await ScriptedOllama.start(scripted)
  closing.push(() => server.close())
  return runAgainst(server, asked, more)
}

async function runAgainst(
  server: ScriptedOllama,
  asked: Partial<LoadPlan>,
  more: Partial<LoadDependencies> = {},
): Promise<Trial> {
  const client = new OllamaClient({ baseUrl: server.url })
  closing.push(() => client.close())
  const records: RequestRecord[] = []
  const asks: SampleRequest[] = []
  const zero = performance.now()
  const result = await runLoad(
    { ...plan, ...asked },
    {
      generate: (request, options) => client.generate(request, options),
      prepare: (ask) => {
        asks.push(ask)
        const prompt = `${ask.phase} ${ask.sampleIndex} ${ask.occurrence}`
        const request = prepareRequest({ api: 'chat', model: 'm', prompt, options: {} })
        return { request, prompt }
      },
      evaluate: (sampleIndex) => ({ scores: { exact: sampleIndex } }),
      write: (record) => records.push(record),
      now: () => performance.now(),
      zero,
      random: seeded(5),
      signal: new AbortController().signal,
      ...more,
    },
  )
  return { result, records, server, tookMs: performance.now() - zero, asks }
}

describe('one trial', () => {
  it('leaves one record for every request, valid, with times in order', async () => {
    const { result, records, server } = await run(
      { warmupRequests: 4 },
      { generate: answers({ thinking: ['哦'], waitMs: 5, gapMs: 2 }) },
    )
    expect(records).toHaveLength(16)
    expect(server.received).toHaveLength(16)
    for (const record of records) {
      expect(recordSchemas.request.parse(record)).toEqual(record)
      const { sentMs, firstByteMs, firstThinkingMs, firstContentMs, endMs } = record
      const times = [sentMs, firstByteMs!, firstThinkingMs!, firstContentMs!, endMs]
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(times).toEqual(times.map((time) => Number(time.toFixed(3))))
    }
    expect(records.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...Array(16).keys()])
    expect(result).toMatchObject({
      outcome: 'ended',
      counts: { planned: 12, sent: 12, ok: 12, failed: 0, cancelled: 0 },
      client: { loopDelayIdleP99Ms: 1.1 },
    })
    expect(result.client?.cpuMs).toBeGreaterThan(0)
  })

  it('ends the warm-up before the window opens, and closes at the last end', async () => {
    const { result, records } = await run(
      { warmupRequests: 4 },
      { generate: answers({ gapMs: 3 }) },
    )
    const warmup = records.filter(({ phase }) => phase === 'warmup')
    const measured = records.filter(({ phase }) => phase === 'measured')
    expect(warmup).toHaveLength(4)
    expect(result.window).toEqual({
      type: 'window',
      openMs: Math.min(...measured.map(({ sentMs }) => sentMs)),
      closeMs: Math.max(...measured.map(({ endMs }) => endMs)),
    })
    expect(Math.max(...warmup.map(({ endMs }) => endMs))).toBeLessThan(result.window!.openMs)
  })

  it('keeps exactly the users in flight', async () => {
    const held: (() => void)[] = []
    const until = () => new Promise<void>((resolve) => held.push(resolve))
    const server = await ScriptedOllama.start({ generate: [{ do: 'hold', until }, ...answers()] })
    closing.push(() => server.close())
    const load = { kind: 'closed-requests', users: 8, requests: 40 } as const
    const running = runAgainst(server, { load })
    for (let answered = 0; answered < 40; answered += 1) {
      await expect.poll(() => server.received.length, patience).toBe(Math.min(8 + answered, 40))
      // Mostly the last come: most users are served again while others still wait.
      held.splice(answered % 5 === 0 ? 0 : -1, 1)[0]?.()
    }
    const { records } = await running
    expect(server.maxInFlight).toBe(8)
    for (let user = 0; user < 8; user += 1) {
      const own = records.filter((record) => record.user === user)
      for (const [at, { sentMs }] of own.slice(1).entries())
        expect(sentMs).toBeGreaterThanOrEqual(own[at]!.endMs)
    }
  })

  it('walks the samples in the seeded order, warm-up apart, whatever happens on the wire', async () => {
    const asked = { warmupRequests: 4 }
    const first = await run(asked, {})
    const second = await run(asked, { generate: answers({ waitMs: 3 }) })
    expect(second.asks).toEqual(first.asks)
    const measured = first.asks.filter(({ phase }) => phase === 'measured')
    expect(
      measured
        .slice(0, 5)
        .map(({ sampleIndex }) => sampleIndex)
        .toSorted(),
    ).toEqual([0, 1, 2, 3, 4])
    expect(measured.map(({ occurrence }) => occurrence)).toEqual([
      0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2,
    ])
    const warmup = first.asks.filter(({ phase }) => phase === 'warmup')
    // The samples that the measured phase comes to last.
    expect(warmup.map(({ sampleIndex }) => sampleIndex)).toEqual(
      measured
        .slice(1, 5)
        .map(({ sampleIndex }) => sampleIndex)
        .toReversed(),
    )
  })

  it('judges ok answers only, and keeps what prepare says of the prompt', async () => {
    const { records } = await run(
      {},
      { generate: ({ index }) => (index === 4 ? refuses(503, 'busy') : answers()) },
    )
    const failed = records.filter(({ outcome }) => outcome !== 'ok')
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatchObject({ outcome: 'http-error', httpStatus: 503, error: 'busy' })
    expect(failed[0]).not.toHaveProperty('scores')
    for (const record of records) {
      expect(record.prompt).toMatch(/^measured \d \d$/)
      if (record.outcome !== 'ok') continue
      expect(plan.samples[record.scores!['exact']!]).toBe(record.sample)
    }
  })
})

describe('a closed loop under a duration', () => {
  const load = {
    kind: 'closed-duration',
    users: 2,
    durationMs: 200,
    atLeast: 0,
    atMostMs: 2000,
  } as const

  it('sends nothing after the close', async () => {
    const { result, records } = await run({ load }, { generate: answers({ waitMs: 30 }) })
    const { openMs, closeMs } = result.window!
    expect(closeMs - openMs).toBeCloseTo(200, 2)
    for (const user of [0, 1]) {
      const own = records.filter((record) => record.user === user)
      for (const { endMs } of own.slice(0, -1)) expect(endMs).toBeLessThan(closeMs)
    }
  })

  it('drains what runs at the close', async () => {
    const { result, records } = await run({ load }, { generate: answers({ waitMs: 300 }) })
    expect(records.length).toBeGreaterThan(0)
    for (const { endMs, outcome } of records) {
      expect(endMs).toBeGreaterThan(result.window!.closeMs)
      expect(outcome).toBe('ok')
    }
  })

  it('stretches until enough requests ended', async () => {
    const { result, records } = await run(
      { load: { ...load, atLeast: 9, atMostMs: 60_000 } },
      { generate: answers({ waitMs: 100 }) },
    )
    const { closeMs } = result.window!
    expect(records.filter(({ endMs }) => endMs <= closeMs)).toHaveLength(9)
    expect(result.counts.ok).toBe(records.length)
  })

  it('stretches no longer than `atMost`', async () => {
    const { result } = await run(
      { load: { ...load, atLeast: 1000, atMostMs: 400 } },
      { generate: answers({ waitMs: 50 }) },
    )
    expect(result.window!.closeMs - result.window!.openMs).toBeCloseTo(400, 2)
    expect(result.outcome).toBe('ended')
  })
})

describe('an open loop', () => {
  it('keeps its schedule though the server stalls, and records it', async () => {
    const load = { kind: 'open', ratePerSecond: 40, arrival: 'constant', durationMs: 500 } as const
    const server: ScriptedOllama = await ScriptedOllama.start({
      generate: ({ index }) => (index === 0 ? answers() : [{ do: 'hold', until }, ...answers()]),
    })
    closing.push(() => server.close())
    /** Not one is answered before all have come. */
    const until = () => expect.poll(() => server.received.length, patience).toBe(21)
    const { result, records } = await runAgainst(server, { load, warmupRequests: 1 })
    const measured = records.filter(({ phase }) => phase === 'measured')
    expect(server.maxInFlight).toBe(20)
    expect(result.counts).toMatchObject({ sent: 20, ok: 20 })
    const first = measured.toSorted((a, b) => a.index - b.index)[0]!.scheduledMs!
    for (const { index, scheduledMs, sentMs } of measured) {
      expect(scheduledMs! - first).toBeCloseTo((index - 1) * 25, 2)
      expect(sentMs - scheduledMs!).toBeGreaterThanOrEqual(0)
    }
    expect(result.window!.closeMs - result.window!.openMs).toBeCloseTo(500, 2)
  })
})

describe('a trial that goes wrong', () => {
  it('is broken off by the signal: what runs is cancelled and recorded', async () => {
    const abort = new AbortController()
    const { result, records, server } = await run(
      { load: { kind: 'closed-requests', users: 3, requests: 100 } },
      { generate: ({ index }) => (index < 5 ? answers() : [{ do: 'stall' }]) },
      {
        signal: abort.signal,
        onProgress: ({ ended }) => {
          if (ended === 5) abort.abort()
        },
      },
    )
    expect(result.outcome).toBe('interrupted')
    expect(result.counts).toEqual({ planned: 100, sent: 8, ok: 5, failed: 0, cancelled: 3 })
    expect(records.map(({ outcome }) => outcome)).toEqual([
      ...Array<string>(5).fill('ok'),
      ...Array<string>(3).fill('cancelled'),
    ])
    await expect.poll(() => server.abandoned, patience).toBe(3)
    expect(result.window!.closeMs).toBeLessThanOrEqual(Math.max(...records.map((r) => r.endMs)))
  })

  it('sends nothing where it is broken off before it begins', async () => {
    const { result, records } = await run(
      { warmupRequests: 2 },
      {},
      { signal: AbortSignal.abort() },
    )
    expect(result).toEqual({
      outcome: 'interrupted',
      counts: { planned: 12, sent: 0, ok: 0, failed: 0, cancelled: 0 },
    })
    expect(records).toEqual([])
  })

  it('is given up with its reason where nobody listens, without spinning', async () => {
    const server = await ScriptedOllama.start()
    await server.close()
    const { result, records, tookMs } = await runAgainst(server, {
      load: {
        kind: 'closed-duration',
        users: 4,
        durationMs: 600_000,
        atLeast: 0,
        atMostMs: 600_000,
      },
    })
    expect(result.outcome).toBe('failed')
    expect(result.reason).toMatch(
      /^the first 8 requests failed, the last with `refused`: connect ECONN/,
    )
    expect(records.filter(({ outcome }) => outcome === 'refused')).toHaveLength(8)
    // Each user's second try waits for the back-off of its first failure.
    expect(tookMs).toBeGreaterThan(45)
  })

  it('has failed where the window closed before patience ran out, and nothing succeeded', async () => {
    const load = {
      kind: 'closed-duration',
      users: 1,
      durationMs: 300,
      atLeast: 0,
      atMostMs: 300,
    } as const
    const { result } = await run(
      { load, warmupRequests: 0 },
      { generate: () => refuses(503, 'busy') },
    )
    expect(result.outcome).toBe('failed')
    expect(result.reason).toMatch(/^all \d requests failed, the last with `http-error`: busy$/)
  })

  it('goes on where the server refuses only later, and stands back', async () => {
    const { result, records } = await run(
      { load: { kind: 'closed-requests', users: 1, requests: 10 } },
      { generate: ({ index }) => (index < 3 ? answers() : refuses(503, 'busy')) },
    )
    expect(result).toMatchObject({ outcome: 'ended', counts: { ok: 3, failed: 7 } })
    const sent = records.map(({ sentMs }) => sentMs)
    for (const [failures, least] of [50, 100, 200, 400, 800, 1000].entries())
      // A timer may fire a millisecond early.
      expect(sent[failures + 4]! - sent[failures + 3]!).toBeGreaterThan(least - 2)
  })

  it('passes on the error of a record that cannot be written, after all is quiet', async () => {
    const full = new Error('ENOSPC')
    let written = 0
    const server = await ScriptedOllama.start({ generate: answers({ waitMs: 20 }) })
    closing.push(() => server.close())
    const write = () => {
      if (++written === 4) throw full
    }
    await expect(runAgainst(server, {}, { write })).rejects.toBe(full)
    await expect.poll(() => server.inFlight, patience).toBe(0)
    expect(written).toBeGreaterThanOrEqual(4)
  })
})

describe('live figures', () => {
  it('come a few times a second, and agree with the records', async () => {
    const records: RequestRecord[] = []
    const lives: { readonly live: LiveFigures; readonly before: readonly RequestRecord[] }[] = []
    const enough = new AbortController()
    await run(
      { load: { kind: 'closed-requests', users: 2, requests: 100_000 } },
      { generate: answers({ waitMs: 20 }) },
      {
        write: (record) => records.push(record),
        onProgress: (live) => {
          lives.push({ live, before: [...records] })
          if (lives.length >= 4 && live.ok > 0) enough.abort()
        },
        signal: enough.signal,
      },
    )
    let shown = 0
    for (const { live, before } of lives) {
      const { elapsedMs, ok } = live
      expect(live).toMatchObject({ phase: 'measured', ended: before.length, ok: before.length })
      expect(live.sent - live.ended).toBe(2)
      // A user has time for 13 requests in 250 ms: a stall makes them fewer, never more.
      expect(ok - shown).toBeLessThanOrEqual(2 * 14)
      shown = ok
      if (ok === 0) continue
      expect(live.qps).toBeCloseTo((ok / elapsedMs) * 1000)
      expect(live.tokensPerSecond).toBeCloseTo(live.qps! * 2)
      const latencies = before.map(({ sentMs, endMs }) => endMs - sentMs).toSorted((a, b) => a - b)
      // Which of two neighbours the rank means is the histogram's own affair; it keeps three digits.
      expect(live.p95Ms).toBeGreaterThan(latencies[Math.max(1, Math.floor(ok * 0.95)) - 1]! * 0.99)
      expect(live.p95Ms).toBeLessThan(latencies[Math.ceil(ok * 0.95) - 1]! * 1.01)
    }
  })
})
