/** Whether the load generator itself was the bottleneck: how late its event loop ran, and how much CPU it took. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { TrialEnd } from '../results/record.ts'

type Client = NonNullable<TrialEnd['client']>

const resolutionMs = 1
const nanosecondsPerMs = 1e6

/** Watches this process from its making until `read`. */
export class ClientHealth {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs })
  readonly #cpu = process.cpuUsage()

  constructor() {
    this.#delay.enable()
  }

  /** @param idleP99Ms what `idleLoopDelayP99` gave on this machine */
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
 * P99 of the event loop's delay while this process has nothing to do, in ms: the timer's own period and jitter,
 * to be taken off what is measured under load. Takes 300 ms; once a run is enough.
 */
export async function idleLoopDelayP99(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  await new Promise((resolve) => setTimeout(resolve, 300))
  delay.disable()
  return p99(delay)
}

/** Milliseconds to the microsecond; 0 where nothing was sampled. */
function p99(delay: ReturnType<typeof monitorEventLoopDelay>): number {
  return delay.count === 0 ? 0 : Math.round(delay.percentile(99) / 1000) / (nanosecondsPerMs / 1000)
}
