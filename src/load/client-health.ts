/**
 * Measures the load generator itself, to detect that it was the bottleneck: the delay of its event loop, and the
 * CPU time that it used.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { TrialEnd } from '../results/record.ts'

type Client = NonNullable<TrialEnd['client']>

const resolutionMs = 1
const nanosecondsPerMs = 1e6

/** Observes this process from its construction until `read`. */
export class ClientHealth {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs })
  readonly #cpu = process.cpuUsage()

  constructor() {
    this.#delay.enable()
  }

  /** @param idleP99Ms the result of `idleLoopDelayP99` on this machine */
  read(idleP99Ms: number): Client {
    this.#delay.disable()
    const { user, system } = process.cpuUsage(this.#cpu)
    return {
      loopDelayP99Ms: p99(this.#delay),
      loopDelayIdleP99Ms: idleP99Ms,
      cpuMs: (user + system) / 1000,
    }
  }
}

/**
 * P99 of the event loop's delay while this process is idle, in ms: the period and jitter of the timer, which must be
 * subtracted from the delay under load. Takes 300 ms; measure it once per run.
 */
export async function idleLoopDelayP99(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  await new Promise((resolve) => setTimeout(resolve, 300))
  delay.disable()
  return p99(delay)
}

/** In milliseconds, rounded to microseconds; 0 without samples. */
function p99(delay: ReturnType<typeof monitorEventLoopDelay>): number {
  return delay.count === 0 ? 0 : Math.round(delay.percentile(99) / 1000) / (nanosecondsPerMs / 1000)
}
