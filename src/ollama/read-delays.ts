/**
 * Estimates how long bytes waited in the buffers of sockets before this process read them: because the process waited
 * for a CPU, worked on other bytes, or read other sockets first. The system does not report when bytes arrived, so the
 * process estimates it from its own activity.
 */

/** The activity of this process's event loop. All times count from the start of the process, in ms. */
export interface LoopActivity {
  /** How long the event loop has waited for events. */
  readonly idleMs: () => number
  /**
   * How long this thread has waited for a CPU, and how many time slices on a CPU it got. Undefined if the system does
   * not report it.
   */
  readonly runQueue: () => RunQueue | undefined
}

export interface RunQueue {
  readonly waitedMs: number
  readonly slices: number
}

/** Bytes that were read from a socket. */
export interface Arrival {
  /** When the first bytes of this turn of the event loop were read. */
  readonly at: number
  readonly bytes: Buffer
  /** The estimate. It is set when the turn of the event loop that read the bytes is over. */
  delayMs: number
}

/**
 * A turn of the event loop reads all sockets that have bytes, in the order in which the bytes arrived, and then works
 * on them. Bytes that arrived while the process slept waited for a CPU. Bytes that arrived while it worked waited for
 * the end of the work.
 */
export class ReadDelays {
  readonly #now: () => number
  readonly #activity: LoopActivity
  #turn: Arrival[] = []
  /** When the process last polled the sockets before this turn. */
  #polledAt = NaN
  /** The idle time of the process at that poll, or at the end of the work that followed the poll. */
  #idleMs = 0
  /** When the process last ended its work on bytes. */
  #workEndedAt: number
  /** What the system reported when the process was last woken. */
  #runQueue: RunQueue | undefined
  /**
   * How long the process waited for a CPU before it read the first bytes of this turn; undefined if it had not slept.
   */
  #wakeMs: number | undefined

  constructor(now: () => number, activity: LoopActivity) {
    this.#now = now
    this.#activity = activity
    this.#workEndedAt = now()
    this.#runQueue = activity.runQueue()
  }

  /** Call it when bytes are read. */
  add(arrival: Arrival): void {
    if (this.#turn.push(arrival) > 1) return
    const slept = Number.isNaN(this.#polledAt) || this.#activity.idleMs() > this.#idleMs
    this.#wakeMs = slept ? this.#waitPerSlice() : undefined
  }

  /**
   * The mean time that the thread waited for a CPU per time slice since the process was last woken; 0 if it is not
   * known.
   */
  #waitPerSlice(): number {
    const [before, after] = [this.#runQueue, this.#activity.runQueue()]
    this.#runQueue = after
    if (before === undefined || after === undefined || after.slices <= before.slices) return 0
    return (after.waitedMs - before.waitedMs) / (after.slices - before.slices)
  }

  /** Call it when all sockets of a turn are read. Estimates the delays of what was read. */
  settle(): void {
    const turn = this.#turn
    const [first] = turn
    this.#idleMs = this.#activity.idleMs()
    if (first === undefined) {
      this.#polledAt = this.#now()
      return
    }
    turn.forEach((arrival, index) => {
      const waitMs =
        this.#wakeMs === undefined
          ? workWait(first.at - this.#polledAt, index, turn.length)
          : wakeWait(this.#wakeMs, first.at - this.#wakeMs - this.#workEndedAt, index, turn.length)
      arrival.delayMs = arrival.at - first.at + waitMs
    })
    this.#turn = []
    this.#polledAt = first.at
  }

  /** Call it when the work on what was read is done. */
  workEnded(): void {
    this.#idleMs = this.#activity.idleMs()
    this.#workEndedAt = this.#now()
  }
}

/** How long one of `count` arrivals waited, if they came at even intervals while the process worked. */
function workWait(workedMs: number, index: number, count: number): number {
  return Math.max(0, workedMs) * (1 - (index + 0.5) / count)
}

/**
 * How long one of `count` arrivals waited while the process, which the first one woke, waited for a CPU. Assumes that
 * they came at even intervals if their mean interval, `wakeMs / count`, is at least as long as the sleep before. The
 * shorter it is, the more they count as one burst at the start.
 */
function wakeWait(wakeMs: number, sleptMs: number, index: number, count: number): number {
  const spread = Math.min(1, wakeMs / Math.max(sleptMs, 0.001) / count)
  return wakeMs * (1 - (spread * index) / count)
}
