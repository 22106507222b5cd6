import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import type { Load } from '../../src/experiment/load.ts'
import { MeasuredWindow } from '../../src/load/measured-window.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { RequestTable } from '../../src/results/request-table.ts'
import type { StoredTrial } from '../../src/results/store.ts'
import { headerOf, requestOf } from '../results/sample-trial.ts'
import { simulateTrial, type Simulation } from './simulate.ts'

/** Requests of 5 s: 2 ms of load, 625 ms of prefill, the rest decode. */
const slow = { prefillMs: 625, decodeMs: 4373, windowMs: 30_000 }

/** The request as a server reports it that does not itemise its time. */
function withoutParts(request: RequestRecord): RequestRecord {
  return { ...request, loadMs: 0, promptEvalMs: 0, evalMs: 0 }
}

function qpsOf(simulation: Simulation): number {
  const { figures } = summariseTrial(simulateTrial({ ...slow, ...simulation }))
  return figures.get('qps')?.value ?? NaN
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const seeds = Array.from({ length: 120 }, (_, index) => index + 1)

/** How far the mean QPS of simulated trials is from the true QPS, in percent. */
function biasOf(simulation: Simulation, truth: number): number {
  return (meanOf(seeds.map((seed) => qpsOf({ seed, ...simulation }))) / truth - 1) * 100
}

/** For each seed: the change of QPS in percent from a trial of `base` to one of `changed`. */
function changesOf(base: Simulation, changed: Simulation): readonly number[] {
  return seeds.map(
    (seed) => (qpsOf({ seed, ...changed }) / qpsOf({ seed: seed + 1000, ...base }) - 1) * 100,
  )
}

describe('the rate of simulated trials', () => {
  const noise = 0.3
  /** Requests a second of a slot that is always busy, in the long run. */
  const perSlot = 1 / (5 * Math.exp(noise ** 2 / 2))
  it.each<readonly [string, Simulation, number]>([
    ['one user', { users: 1, slots: 1, windowMs: 60_000 }, perSlot],
    ['8 users on 8 slots', { users: 8, slots: 8 }, 8 * perSlot],
    ['8 users on 2 slots', { users: 8, slots: 2 }, 2 * perSlot],
    ['3 users on 1 slot', { users: 3, slots: 1, windowMs: 60_000 }, perSlot],
    ['a number of requests', { users: 8, slots: 8, requests: 48 }, 8 * perSlot],
    ['a number of requests in a queue', { users: 8, slots: 2, requests: 40 }, 2 * perSlot],
    ['users without parts', { users: 8, slots: 8, alter: withoutParts }, 8 * perSlot],
    [
      'a queue without parts',
      { users: 8, slots: 2, alter: withoutParts, windowMs: 90_000 },
      2 * perSlot,
    ],
    [
      'users with pauses',
      { users: 8, slots: 8, windowMs: 60_000, pause: { meanMs: 10_000, distribution: 'constant' } },
      8 / (1 / perSlot + 10),
    ],
    [
      'users with pauses that vary',
      {
        users: 8,
        slots: 8,
        windowMs: 60_000,
        pause: { meanMs: 10_000, distribution: 'exponential' },
      },
      8 / (1 / perSlot + 10),
    ],
    [
      'one user with pauses that vary',
      { users: 1, windowMs: 120_000, pause: { meanMs: 10_000, distribution: 'exponential' } },
      1 / (1 / perSlot + 10),
    ],
    ['an open loop', { ratePerSecond: 1.6, slots: 40, windowMs: 60_000 }, 1.6],
    ['an overload', { ratePerSecond: 0.7, slots: 2, windowMs: 120_000 }, 2 * perSlot],
  ])('of %s is right within 2 %%', (_, simulation, truth) => {
    expect(Math.abs(biasOf({ noise, ...simulation }, truth))).toBeLessThan(2)
  })

  it('shows a small change of slow requests in every trial', () => {
    const users = { users: 8, slots: 8, noise: 0.02 }
    for (const change of changesOf(users, { ...users, pace: 1 / 0.971 }))
      expect(Math.abs(change + 2.9)).toBeLessThan(1.5)
    expect(meanOf(changesOf(users, { ...users, pace: 1.02 }))).toBeCloseTo(-100 + 100 / 1.02, 0)
  })

  it('has a bias that cancels in comparisons', () => {
    const users = { users: 8, slots: 8, noise: 0.5, windowMs: 60_000 }
    const changes = changesOf(users, { ...users, pace: 1 / 1.1 })
    expect(Math.abs(meanOf(changes) - 10)).toBeLessThan(2.5)
  })

  it('is absent if the window is shorter than the mean latency', () => {
    const { figures } = summariseTrial(simulateTrial({ ...slow, noise: 0, users: 8, slots: 1 }))
    for (const id of ['qps', 'throughput'])
      expect(figures.get(id)?.absence).toMatchObject({ code: 'short-window', windowMs: 25_000 })
    expect(figures.get('latencyMean')?.absence).toBeUndefined()
  })
})

describe('the window', () => {
  const windowOf = (simulation: Simulation) => summariseTrial(simulateTrial(simulation)).window!

  it('opens at the first send if there are slots for all users', () => {
    for (const noise of [0, 0.1, 0.8]) {
      const { firstSentMs, openMs, closeMs } = windowOf({ users: 8, slots: 8, noise })
      expect([firstSentMs, openMs, closeMs]).toEqual([500, 500, 20_500])
    }
  })

  it('opens one mean service time later if users outnumber slots, and in an open loop', () => {
    const serviceMs = 202
    for (const queue of [{ users: 2, slots: 1 }, { users: 8, slots: 7 }, { ratePerSecond: 2 }])
      expect(windowOf({ noise: 0, ...queue }).openMs).toBeCloseTo(500 + serviceMs, 6)
  })

  it('opens one mean latency later if a queue cannot be ruled out', () => {
    const { firstSentMs, openMs } = windowOf({ noise: 0, users: 2, slots: 2, alter: withoutParts })
    expect(openMs - firstSentMs).toBeCloseTo(204, 6)
    expect(windowOf({ noise: 0, users: 1, alter: withoutParts }).openMs).toBe(500)
  })

  it('opens when the last user has started if the starts are spread', () => {
    const requests = [
      requestOf(0, { user: 0, sentMs: 10, endMs: 60 }),
      requestOf(1, { user: 1, sentMs: 40, endMs: 90 }),
      requestOf(2, { user: 0, sentMs: 60, endMs: 110 }),
      requestOf(3, { user: 1, sentMs: 90, endMs: 140 }),
    ].map(withoutParts)
    const load = { kind: 'closed-requests', users: 2, requests: 4 } as const
    const openMs = (load: Load) => summariseTrial(trialOf(load, requests)).window!.openMs
    // One mean latency after the first start, because a queue cannot be ruled out.
    expect(openMs(load)).toBe(60)
    expect(openMs({ ...load, rampMs: 2000 })).toBe(60)
    const late = requests.map((request) =>
      request.user === 0
        ? request
        : { ...request, sentMs: request.sentMs + 40, endMs: request.endMs + 40 },
    )
    expect(summariseTrial(trialOf({ ...load, rampMs: 'auto' }, late)).window!.openMs).toBe(80)
  })

  it('closes at the last send if the load is a number of requests', () => {
    const trial = simulateTrial({ users: 3, slots: 3, requests: 30 })
    const { closeMs } = summariseTrial(trial).window!
    expect(closeMs).toBe(Math.max(...trial.requests.numbers('sentMs')))
  })

  it('closes when the trial was stopped', () => {
    const alter = (request: RequestRecord): RequestRecord =>
      request.endMs < 5000 ? request : { ...request, endMs: 5000, outcome: 'cancelled' }
    expect(windowOf({ alter }).closeMs).toBe(5000)
  })

  it('closes when the window of the load closed, whatever the trial stored about it', () => {
    const loads = fc.record({
      kind: fc.constant('closed-duration' as const),
      users: fc.constant(1),
      durationMs: fc.integer({ min: 1, max: 300 }),
      atLeast: fc.integer({ min: 0, max: 10 }),
      atMostMs: fc.integer({ min: 300, max: 900 }),
    })
    const request = fc.record({
      tookMs: fc.integer({ min: 1, max: 200 }),
      outcome: fc.constantFrom('ok' as const, 'timeout' as const),
    })
    fc.assert(
      fc.property(loads, fc.array(request, { minLength: 1, maxLength: 60 }), (load, planned) => {
        const live = new MeasuredWindow(load)
        const requests: RequestRecord[] = []
        let now = 10
        for (const { tookMs, outcome } of planned) {
          if (!live.reserve(now)) break
          const [sentMs, endMs] = [now, now + tookMs]
          requests.push(requestOf(requests.length, { sentMs, endMs, outcome }))
          live.countEnded({ outcome, sentAt: sentMs, endedAt: endMs, thinking: '', content: '' })
          now = endMs
        }
        expect(summariseTrial(trialOf(load, requests)).window).toEqual({
          firstSentMs: 10,
          openMs: 10,
          closeMs: live.bounds()!.closeAt,
        })
      }),
    )
  })
})

/** A trial with these requests, and a stored window that is wrong. */
function trialOf(load: Load, records: readonly RequestRecord[]): StoredTrial {
  const requests = new RequestTable()
  for (const record of records) requests.push(record)
  const header = headerOf({ workload: { load } })
  const window = { type: 'window', openMs: 0, closeMs: 1 } as const
  return { file: 't.jsonl', digest: '', header, evidence: [], window, requests, truncated: false }
}
