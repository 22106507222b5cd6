import { describe, expect, it } from 'vitest'
import type { LiveFigures } from '../../src/load/load-plan.ts'
import { recordSchemas } from '../../src/results/record.ts'
import { prepareRequest } from '../../src/ollama/generation.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { answers, refuses } from '../support/scripted-ollama.ts'
import type { ScriptedOllama } from '../support/scripted-ollama.ts'
import { defaultPlan, pollOptions, run, runAgainst, startServer } from './scripted-trial.ts'

describe('one trial', () => {
  it('writes one valid record per request, with its times in order', async () => {
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

  it('ends the warm-up before the window opens, and closes the window when the last request ends', async () => {
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

  it.each([
    ['a time', 60],
    ['the latency of the warm-up', 'auto'],
  ] as const)('spreads the starts of the users over %s', async (_, rampMs) => {
    const starts: number[] = []
    await run(
      { load: { kind: 'closed-requests', users: 3, requests: 3, rampMs }, warmupRequests: 3 },
      { generate: answers({ waitMs: 60 }) },
      {
        prepare: ({ phase }) => {
          if (phase === 'measured') starts.push(performance.now())
          return { request: prepareRequest({ api: 'chat', model: 'm', prompt: 'p', options: {} }) }
        },
      },
    )
    const [first = NaN, second = NaN, third = NaN] = starts
    // Timers may fire a millisecond early.
    expect(second - first).toBeGreaterThan(18)
    expect(third - first).toBeGreaterThan(38)
  })

  it('lets each user pause between requests, for lengths of the seed, which are no part of a latency', async () => {
    const load = {
      kind: 'closed-requests',
      users: 3,
      requests: 12,
      pause: { meanMs: 80, distribution: 'exponential' },
    } as const
    const trials = [
      await run({ load }, { generate: answers({ waitMs: 5 }) }),
      await run({ load }, { generate: answers({ waitMs: 25 }) }),
    ]
    const pausesOf = (records: readonly RequestRecord[], user: number) =>
      records.filter((each) => each.user === user).map(({ pauseMs }) => pauseMs)
    for (const { records } of trials) {
      for (const record of records) {
        expect(recordSchemas.request.parse(record)).toEqual(record)
        const before = records.filter(
          ({ user, endMs }) => user === record.user && endMs <= record.sentMs,
        )
        const lastEnd = Math.max(...before.map(({ endMs }) => endMs))
        if (before.length === 0) expect(record.pauseMs).toBeUndefined()
        else expect(record.sentMs - lastEnd).toBeGreaterThanOrEqual(record.pauseMs! - 0.01)
      }
    }
    for (const user of [0, 1, 2]) {
      const [one = [], other = []] = trials.map(({ records }) => pausesOf(records, user))
      const shared = Math.min(one.length, other.length)
      expect(one.slice(0, shared)).toEqual(other.slice(0, shared))
    }
    const lengths = trials.flatMap(({ records }) => records.flatMap(({ pauseMs }) => pauseMs ?? []))
    expect(new Set(lengths).size).toBeGreaterThan(6)
  })

  it('keeps exactly one request per user in flight', async () => {
    const held: (() => void)[] = []
    const until = () => new Promise<void>((resolve) => held.push(resolve))
    const server = await startServer({ generate: [{ do: 'hold', until }, ...answers()] })
    const load = { kind: 'closed-requests', users: 8, requests: 40 } as const
    const running = runAgainst(server, { load })
    for (let answered = 0; answered < 40; answered += 1) {
      await expect.poll(() => server.received.length, pollOptions).toBe(Math.min(8 + answered, 40))
      // Mostly answers the latest request, so that some users send often while others wait.
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

  it('uses the samples in the seeded order, separately for the warm-up, whatever the server does', async () => {
    const plan = { warmupRequests: 4 }
    const first = await run(plan, {})
    const second = await run(plan, { generate: answers({ waitMs: 3 }) })
    expect(second.sampleRequests).toEqual(first.sampleRequests)
    const measured = first.sampleRequests.filter(({ phase }) => phase === 'measured')
    expect(
      measured
        .slice(0, 5)
        .map(({ sampleIndex }) => sampleIndex)
        .toSorted(),
    ).toEqual([0, 1, 2, 3, 4])
    expect(measured.map(({ occurrence }) => occurrence)).toEqual([
      0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2,
    ])
    const warmup = first.sampleRequests.filter(({ phase }) => phase === 'warmup')
    // The samples that the measured phase uses last.
    expect(warmup.map(({ sampleIndex }) => sampleIndex)).toEqual(
      measured
        .slice(1, 5)
        .map(({ sampleIndex }) => sampleIndex)
        .toReversed(),
    )
  })

  it('scores only ok answers, and stores what `prepare` returns of the prompt', async () => {
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
      expect(defaultPlan.samples[record.scores!['exact']!]).toBe(record.sample)
    }
  })
})

describe('a closed loop with a duration', () => {
  const load = {
    kind: 'closed-duration',
    users: 2,
    durationMs: 200,
    atLeast: 0,
    atMostMs: 2000,
  } as const

  it('sends no request after the window closed', async () => {
    const { result, records } = await run({ load }, { generate: answers({ waitMs: 30 }) })
    const { openMs, closeMs } = result.window!
    expect(closeMs - openMs).toBeCloseTo(200, 2)
    for (const user of [0, 1]) {
      const own = records.filter((record) => record.user === user)
      for (const { endMs } of own.slice(0, -1)) expect(endMs).toBeLessThan(closeMs)
    }
  })

  it('waits for the requests that run when the window closes', async () => {
    const { result, records } = await run({ load }, { generate: answers({ waitMs: 300 }) })
    expect(records.length).toBeGreaterThan(0)
    for (const { endMs, outcome } of records) {
      expect(endMs).toBeGreaterThan(result.window!.closeMs)
      expect(outcome).toBe('ok')
    }
  })

  it('continues until `atLeast` requests have ended', async () => {
    const { result, records } = await run(
      { load: { ...load, atLeast: 9, atMostMs: 60_000 } },
      { generate: answers({ waitMs: 100 }) },
    )
    const { closeMs } = result.window!
    // Answers whose last bytes were read in one turn of the event loop end at the same time.
    expect(records.filter(({ endMs }) => endMs < closeMs).length).toBeLessThan(9)
    expect(records.filter(({ endMs }) => endMs <= closeMs).length).toBeGreaterThanOrEqual(9)
    expect(result.counts.ok).toBe(records.length)
  })

  it('continues until `atMost` at the latest', async () => {
    const { result } = await run(
      { load: { ...load, atLeast: 1000, atMostMs: 400 } },
      { generate: answers({ waitMs: 50 }) },
    )
    expect(result.window!.closeMs - result.window!.openMs).toBeCloseTo(400, 2)
    expect(result.outcome).toBe('ended')
  })
})

describe('an open loop', () => {
  it('keeps its schedule while the server stalls, and records it', async () => {
    const load = { kind: 'open', ratePerSecond: 40, arrival: 'constant', durationMs: 500 } as const
    const server: ScriptedOllama = await startServer({
      generate: ({ index }) => (index === 0 ? answers() : [{ do: 'hold', until }, ...answers()]),
    })
    /** Answers no request before all of them have arrived. */
    const until = () => expect.poll(() => server.received.length, pollOptions).toBe(21)
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

describe('a trial that fails or is interrupted', () => {
  it('stops when the signal aborts, and records the running requests as cancelled', async () => {
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
    await expect.poll(() => server.abandoned, pollOptions).toBe(3)
    expect(result.window!.closeMs).toBeLessThanOrEqual(Math.max(...records.map((r) => r.endMs)))
  })

  it('sends no request if the signal is aborted before it begins', async () => {
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

  it('fails with a reason, and without a busy loop, if no server listens', async () => {
    const server = await startServer()
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
    // Each user waits before the second attempt.
    expect(tookMs).toBeGreaterThan(45)
  })

  it('fails if the window closes without a success, even after few requests', async () => {
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
    expect(result.reason).toMatch(/^all \d requests failed, the last with `http-error` 503: busy$/)
  })

  it('continues, with longer and longer waits, if requests fail after a success', async () => {
    const { result, records } = await run(
      { load: { kind: 'closed-requests', users: 1, requests: 10 } },
      { generate: ({ index }) => (index < 3 ? answers() : refuses(503, 'busy')) },
    )
    expect(result).toMatchObject({ outcome: 'ended', counts: { ok: 3, failed: 7 } })
    const sent = records.map(({ sentMs }) => sentMs)
    for (const [failures, minMs] of [50, 100, 200, 400, 800, 1000].entries())
      // A timer may fire a millisecond early.
      expect(sent[failures + 4]! - sent[failures + 3]!).toBeGreaterThan(minMs - 2)
  })

  it('rejects with the error of a failed write after all requests have ended', async () => {
    const full = new Error('ENOSPC')
    let written = 0
    const server = await startServer({ generate: answers({ waitMs: 20 }) })
    const write = () => {
      if (++written === 4) throw full
    }
    await expect(runAgainst(server, {}, { write })).rejects.toBe(full)
    await expect.poll(() => server.inFlight, pollOptions).toBe(0)
    expect(written).toBeGreaterThanOrEqual(4)
  })
})

describe('live figures', () => {
  it('arrive a few times a second, and agree with the records', async () => {
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
      // A user can send at most 13 requests in 250 ms; a slow machine sends fewer.
      expect(ok - shown).toBeLessThanOrEqual(2 * 14)
      shown = ok
      if (ok === 0) continue
      expect(live.qps).toBeCloseTo((ok / elapsedMs) * 1000)
      expect(live.tokensPerSecond).toBeCloseTo(live.qps! * 2)
      const latencies = before.map(({ sentMs, endMs }) => endMs - sentMs).toSorted((a, b) => a - b)
      // The histogram keeps three digits, and may choose either neighbour of the rank.
      expect(live.p95Ms).toBeGreaterThan(latencies[Math.max(1, Math.floor(ok * 0.95)) - 1]! * 0.99)
      expect(live.p95Ms).toBeLessThan(latencies[Math.ceil(ok * 0.95) - 1]! * 1.01)
    }
  })
})
