import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Load } from '../../src/experiment/load.ts'
import { MeasuredWindow } from '../../src/load/measured-window.ts'
import type { Generation } from '../../src/ollama/generation.ts'

const load = {
  kind: 'closed-duration',
  users: 1,
  durationMs: 100,
  atLeast: 3,
  atMostMs: 500,
} as const

function ended(sentAt: number, endedAt: number, outcome: Generation['outcome'] = 'ok'): Generation {
  return { outcome, sentAt, endedAt, thinking: '', content: '' }
}

/** Simulates one user who sends requests of these durations one after another, from time 10 on. */
function simulate(
  load: Load,
  durations: readonly number[],
): { window: MeasuredWindow; sent: number } {
  const window = new MeasuredWindow(load)
  let now = 10
  let sent = 0
  for (const duration of durations) {
    if (!window.reserve(now)) break
    sent += 1
    window.countEnded(ended(now, now + duration))
    now += duration
  }
  return { window, sent }
}

describe('MeasuredWindow', () => {
  it('closes after the duration, while the last request still runs', () => {
    const { window, sent } = simulate(load, Array<number>(20).fill(30))
    expect(sent).toBe(4)
    expect(window.bounds()).toEqual({ openAt: 10, closeAt: 110 })
  })

  it('stays open until `atLeast` requests have ended', () => {
    const { window, sent } = simulate(load, Array<number>(20).fill(70))
    expect(sent).toBe(3)
    expect(window.bounds()).toEqual({ openAt: 10, closeAt: 220 })
  })

  it('stays open until `atMost` at the latest', () => {
    const { window, sent } = simulate(load, Array<number>(20).fill(400))
    expect(sent).toBe(2)
    expect(window.bounds()).toEqual({ openAt: 10, closeAt: 510 })
  })

  it('counts failed requests towards `atLeast`, but not cancelled ones', () => {
    const window = new MeasuredWindow(load)
    for (const outcome of ['ok', 'timeout', 'cancelled'] as const) {
      expect(window.reserve(0)).toBe(true)
      window.countEnded(ended(0, 50, outcome))
    }
    expect(window.reserve(120)).toBe(true)
    window.countEnded(ended(120, 130))
    expect(window.reserve(130)).toBe(false)
    expect(window.bounds()).toEqual({ openAt: 0, closeAt: 130 })
  })

  it('closes when the last request ends if the load is a number of requests', () => {
    const requests: Load = { kind: 'closed-requests', users: 2, requests: 3 }
    const { window, sent } = simulate(requests, [30, 30, 30, 30])
    expect(sent).toBe(3)
    expect(window.bounds()).toEqual({ openAt: 10, closeAt: 100 })
  })

  it('opens at the first send and closes after the duration in an open loop', () => {
    const window = new MeasuredWindow({
      kind: 'open',
      ratePerSecond: 10,
      arrival: 'constant',
      durationMs: 1000,
    })
    window.countEnded(ended(105, 300))
    window.countEnded(ended(5, 400))
    expect(window.bounds()).toEqual({ openAt: 5, closeAt: 1005 })
  })

  it('closes when the trial is stopped, and has no bounds if no request was sent', () => {
    const { window } = simulate(load, [30])
    expect(window.bounds(60)).toEqual({ openAt: 10, closeAt: 60 })
    expect(new MeasuredWindow(load).bounds(60)).toBeUndefined()
  })

  it('is open for at least the duration and `atLeast` requests, and at most `atMost`, for requests of any duration', () => {
    const durations = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 60 })
    const loads = fc.record({
      kind: fc.constant('closed-duration' as const),
      users: fc.constant(1),
      durationMs: fc.integer({ min: 1, max: 300 }),
      atLeast: fc.integer({ min: 0, max: 10 }),
      atMostMs: fc.integer({ min: 300, max: 900 }),
    })
    fc.assert(
      fc.property(loads, durations, (load, took) => {
        const { window, sent } = simulate(load, took)
        const { openAt, closeAt } = window.bounds()!
        const sends: number[] = []
        const ends: number[] = []
        for (const duration of took.slice(0, sent)) {
          const sentAt = ends.at(-1) ?? 10
          sends.push(sentAt)
          ends.push(sentAt + duration)
        }
        expect(openAt).toBe(10)
        expect(closeAt - openAt).toBeGreaterThanOrEqual(load.durationMs)
        expect(closeAt - openAt).toBeLessThanOrEqual(load.atMostMs)
        // No request is sent after the window closed.
        for (const send of sends) expect(send).toBeLessThan(closeAt)
        // If it closes before `atMost`, enough requests have ended.
        if (closeAt < openAt + load.atMostMs)
          expect(ends.filter((end) => end <= closeAt).length).toBeGreaterThanOrEqual(load.atLeast)
      }),
    )
  })
})
