/**
 * Measures the load generator itself, to detect that it was the bottleneck. Output: the `client` of a trial's end.
 */

import { createHistogram, monitorEventLoopDelay, type RecordableHistogram } from 'node:perf_hooks'
import type { Generation } from '../ollama/generation.ts'
import type { TrialEnd } from '../results/record.ts'
import type { ErrorStatistics, TimingErrors } from '../results/timing-errors.ts'

type Client = NonNullable<TrialEnd['client']>

/**
 * The interval of the timer that measures the event loop's delay. Each tick wakes this process, and it then reads the
 * bytes that have arrived. A shorter interval would change when they are read.
 */
const resolutionMs = 50
const nanosecondsPerMs = 1e6

/**
 * Measures the load generator itself, to detect that it was the bottleneck: how late it read answers, the delay of its
 * event loop, and the CPU time that it used, from the construction until `read`.
 */
export class ClientHealth {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs })
  readonly #cpu = process.cpuUsage()
  readonly #errors = new TimingErrorCollector()

  constructor() {
    this.#delay.enable()
  }

  add(generation: Generation): void {
    this.#errors.add(generation)
  }

  /** @param idleP99Ms the result of `idleLoopDelayP99` on this machine */
  read(idleP99Ms: number): Client {
    this.#delay.disable()
    const { user, system } = process.cpuUsage(this.#cpu)
    const timing = this.#errors.read()
    return {
      loopDelayP99Ms: p99(this.#delay),
      loopDelayIdleP99Ms: idleP99Ms,
      cpuMs: (user + system) / 1000,
      ...(timing === undefined ? {} : { timing }),
    }
  }
}

/**
 * P99 of the event loop's delay while this process is idle, in ms: the period and jitter of the timer, which must be
 * subtracted from the delay under load. Takes 500 ms; measure it once per run.
 */
export async function idleLoopDelayP99(): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  await new Promise((resolve) => setTimeout(resolve, 500))
  delay.disable()
  return p99(delay)
}

/** In milliseconds, rounded to microseconds; 0 without samples. */
function p99(delay: ReturnType<typeof monitorEventLoopDelay>): number {
  return delay.count === 0 ? 0 : Math.round(delay.percentile(99) / 1000) / (nanosecondsPerMs / 1000)
}

/** Collects the estimates of the load generator's own timing error over the `ok` requests of a trial. */
class TimingErrorCollector {
  /** In microseconds. */
  readonly #latency = createHistogram()
  readonly #firstToken = createHistogram()

  add({ outcome, readDelays }: Generation): void {
    if (outcome !== 'ok' || readDelays === undefined) return
    record(this.#latency, readDelays.last)
    record(this.#firstToken, readDelays.firstToken)
  }

  /** Undefined without an `ok` request. */
  read(): Pick<TimingErrors, 'requests' | 'latency' | 'firstToken'> | undefined {
    const requests = this.#latency.count
    if (requests === 0) return undefined
    return {
      requests,
      latency: statistics(this.#latency),
      firstToken: statistics(this.#firstToken),
    }
  }
}

/** Records a time in microseconds, at least 1: histograms accept no smaller value. */
function record(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.max(1, Math.round(ms * 1000)))
}

function statistics(histogram: RecordableHistogram): ErrorStatistics {
  const quantile = (percent: number) => histogram.percentile(percent) / 1000
  return {
    meanMs: Math.round(histogram.mean) / 1000,
    p50Ms: quantile(50),
    p90Ms: quantile(90),
    p95Ms: quantile(95),
    p99Ms: quantile(99),
  }
}
