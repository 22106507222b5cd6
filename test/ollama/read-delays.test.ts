import { describe, expect, it } from 'vitest'
import { ReadDelays, type RunQueue } from '../../src/ollama/read-delays.ts'

/** A process whose clock, idle time and waits for a CPU the test sets. */
function setUp(first: Partial<{ runQueue: RunQueue }> = { runQueue: { waitedMs: 0, slices: 0 } }) {
  const state = { time: 0, idleMs: 0, ...first }
  const delays = new ReadDelays(() => state.time, {
    idleMs: () => state.idleMs,
    runQueue: () => state.runQueue,
  })
  /** One turn of the event loop that reads bytes at these times. */
  const turn = (...times: readonly number[]) => {
    const arrivals = times.map((at) => ({ at, bytes: Buffer.alloc(1), delayMs: NaN }))
    for (const arrival of arrivals) {
      state.time = arrival.at
      delays.add(arrival)
    }
    delays.settle()
    return arrivals.map(({ delayMs }) => Math.round(delayMs * 1000) / 1000)
  }
  const sleep = (ms: number, wait: RunQueue = { waitedMs: 0, slices: 1 }) => {
    state.idleMs += ms
    const { waitedMs, slices } = state.runQueue ?? { waitedMs: 0, slices: 0 }
    if (state.runQueue !== undefined)
      state.runQueue = { waitedMs: waitedMs + wait.waitedMs, slices: slices + wait.slices }
  }
  return { state, delays, turn, sleep }
}

describe('the delay of a read', () => {
  it('is the time since the first read of the turn, if the process slept and got a CPU at once', () => {
    const { turn, sleep } = setUp()
    sleep(10)
    expect(turn(10, 10.2, 10.5)).toEqual([0, 0.2, 0.5])
  })

  it('contains the wait for a CPU: of all bytes that came together', () => {
    const { turn, sleep } = setUp()
    sleep(20, { waitedMs: 4, slices: 1 })
    // the second was read 0.1 ms later, and may have come a little later
    expect(turn(20, 20.1)).toEqual([4, 3.85])
  })

  it('falls over the wait if bytes come as often as before it', () => {
    const { turn, sleep } = setUp()
    sleep(5, { waitedMs: 4, slices: 1 })
    expect(turn(5, 5, 5, 5)).toEqual([4, 3, 2, 1])
  })

  it('takes the mean wait of the times that the process got a CPU', () => {
    const { turn, sleep } = setUp()
    sleep(30, { waitedMs: 6, slices: 3 })
    expect(turn(30)).toEqual([2])
  })

  it('spreads arrivals over the work that they waited for', () => {
    const { turn, sleep } = setUp()
    sleep(10)
    turn(10)
    // works until 14, and then reads what has arrived since 10
    expect(turn(14, 14)).toEqual([3, 1])
  })

  it('does not count work as a wait if the process slept after it', () => {
    const { state, delays, turn, sleep } = setUp()
    sleep(10)
    turn(10)
    state.time = 14
    delays.workEnded()
    sleep(6)
    expect(turn(20)).toEqual([0])
  })

  it('lacks the wait for a CPU where the system does not report it', () => {
    const { turn, sleep } = setUp({})
    sleep(20, { waitedMs: 4, slices: 1 })
    expect(turn(20, 20.1)).toEqual([0, 0.1])
  })
})
