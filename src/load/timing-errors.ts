/** Collects the estimates of the load generator's own timing error over the ok requests of a trial. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { Generation } from '../ollama/generation.ts'
import type { ErrorStatistics, TimingErrors } from '../results/timing-errors.ts'

export class TimingErrorCollector {
  /** In microseconds. */
  readonly #latency = createHistogram()
  readonly #firstToken = createHistogram()

  add({ outcome, readDelays }: Generation): void {
    if (outcome !== 'ok' || readDelays === undefined) return
    record(this.#latency, readDelays.last)
    record(this.#firstToken, readDelays.firstToken)
  }

  /** Undefined without an ok request. */
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

/** A histogram starts at 1. */
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
