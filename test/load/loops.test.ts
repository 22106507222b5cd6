import { afterEach, describe, expect, it, vi } from 'vitest'
import { arrivals, closedLoop, openLoop, pauseLength } from '../../src/load/loops.ts'
import { seededRandom } from '../support/random.ts'

const load = { kind: 'open', ratePerSecond: 50, arrival: 'poisson', durationMs: 100_000 } as const

function gaps(dues: readonly number[]): number[] {
  return dues.slice(1).map((due, index) => due - dues[index]!)
}

describe('arrivals', () => {
  it('are evenly spaced without drift if the arrival is constant', () => {
    const dues = [...arrivals({ ...load, arrival: 'constant', ratePerSecond: 3 }, seededRandom(1))]
    expect(dues).toHaveLength(300)
    expect(dues.at(-1)).toBeCloseTo(99_666.667, 2)
  })

  it('have exponential gaps with the requested mean if the arrival is poisson, decided by the seed', () => {
    const dues = [...arrivals(load, seededRandom(11))]
    expect(dues).toEqual([...arrivals(load, seededRandom(11))])
    expect(dues[0]).toBe(0)
    expect(dues.at(-1)).toBeLessThan(load.durationMs)
    const between = gaps(dues)
    const mean = between.reduce((sum, gap) => sum + gap, 0) / between.length
    // 5000 gaps of 20 ms: their mean has a standard error of 0.28 ms, P(gap > mean) is e^-1.
    expect(Math.abs(mean - 20)).toBeLessThan(1.4)
    const longer = between.filter((gap) => gap > 20).length / between.length
    expect(Math.abs(longer - Math.exp(-1))).toBeLessThan(0.035)
  })
})

describe('openLoop', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('sends on schedule without waiting for answers, and catches up after the event loop stalled', async () => {
    vi.useFakeTimers()
    const began = performance.now()
    let stalledMs = 0
    const now = () => performance.now() - began + stalledMs
    const sent: { readonly due: number; readonly at: number }[] = []
    const answers: (() => void)[] = []
    const running = openLoop(
      arrivals(
        { ...load, arrival: 'constant', ratePerSecond: 200, durationMs: 250 },
        seededRandom(1),
      ),
      now,
      (due) => {
        sent.push({ due, at: now() })
        return new Promise<void>((resolve) => answers.push(resolve))
      },
      new AbortController().signal,
    )
    await vi.advanceTimersByTimeAsync(99)
    stalledMs = 50
    await vi.advanceTimersByTimeAsync(101)
    const dues = Array.from({ length: 50 }, (_, index) => index * 5)
    // The timer for 100 fires at 150.
    expect(sent).toEqual(dues.map((due) => ({ due, at: due >= 100 && due < 150 ? 150 : due })))
    for (const answer of answers) answer()
    await running
  })

  it('stops at once when the signal aborts', async () => {
    const abort = new AbortController()
    let sent = 0
    const running = openLoop(
      [0, 60_000],
      () => performance.now(),
      () => Promise.resolve((sent += 1)),
      abort.signal,
    )
    await expect.poll(() => sent, { timeout: 30_000 }).toBe(1)
    abort.abort()
    await running
    expect(sent).toBe(1)
  })
})

describe('closedLoop', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('starts the users one after another if they wait before their first request', async () => {
    vi.useFakeTimers()
    const began = performance.now()
    const sent: string[] = []
    let reserved = 0
    const running = closedLoop({
      users: 3,
      reserve: () => reserved++ < 6,
      send: async (user) => {
        const sentAt = performance.now() - began
        sent.push(`${user} at ${sentAt}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
        return { outcome: 'ok', sentAt, endedAt: sentAt + 100, thinking: '', content: '' }
      },
      stopped: new AbortController().signal,
      startAfterMs: (user) => user * 40,
    })
    await vi.advanceTimersByTimeAsync(300)
    await running
    expect(sent).toEqual(['0 at 0', '1 at 40', '2 at 80', '0 at 100', '1 at 140', '2 at 180'])
  })

  it('pauses between the requests of a user, and ends without a pause after which nothing may be sent', async () => {
    vi.useFakeTimers()
    const began = performance.now()
    const now = () => performance.now() - began
    const sent: string[] = []
    let endedAt = 0
    const running = closedLoop({
      users: 2,
      reserve: () => now() < 1000,
      send: async (user, pauseMs) => {
        const sentAt = now()
        sent.push(`${user} at ${sentAt} after ${pauseMs ?? 'no'} pause`)
        await new Promise((resolve) => setTimeout(resolve, 100))
        return { outcome: 'ok', sentAt, endedAt: now(), thinking: '', content: '' }
      },
      stopped: new AbortController().signal,
      pauses: { next: (user) => 200 + 250 * user, now, isTooLate: (at) => at >= 1000 },
    }).then(() => (endedAt = now()))
    await vi.advanceTimersByTimeAsync(5000)
    await running
    expect(sent).toEqual([
      ...['0 at 0 after no pause', '1 at 0 after no pause', '0 at 300 after 200 pause'],
      ...['1 at 550 after 450 pause', '0 at 600 after 200 pause', '0 at 900 after 200 pause'],
    ])
    expect(endedAt).toBe(1000)
  })

  it('waits for the longer of a pause and the time after a failed request', async () => {
    vi.useFakeTimers()
    const began = performance.now()
    const now = () => performance.now() - began
    const sentAt: number[] = []
    const running = closedLoop({
      users: 1,
      reserve: () => sentAt.length < 5,
      send: () => {
        sentAt.push(now())
        const at = { sentAt: now(), endedAt: now() }
        return Promise.resolve({ outcome: 'reset', ...at, thinking: '', content: '' })
      },
      stopped: new AbortController().signal,
      pauses: { next: () => 150, now, isTooLate: () => false },
    })
    await vi.advanceTimersByTimeAsync(5000)
    await running
    expect(sentAt).toEqual([0, 150, 300, 500, 900])
  })
})

describe('pauseLength', () => {
  it('is always the mean, or exponentially distributed with this mean', () => {
    const random = seededRandom(3)
    expect(pauseLength({ meanMs: 40, distribution: 'constant' }, random)).toBe(40)
    const pause = { meanMs: 40, distribution: 'exponential' } as const
    const lengths = Array.from({ length: 5000 }, () => pauseLength(pause, random))
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
    // Its standard error is 0.57 ms.
    expect(Math.abs(mean - 40)).toBeLessThan(2.8)
    const longer = lengths.filter((length) => length > 40).length / lengths.length
    expect(Math.abs(longer - Math.exp(-1))).toBeLessThan(0.035)
  })
})
