/** How often, and how long, the kernel held a container back for its CPU quota, while it was measured. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import { endedTrials } from './config-facts.ts'

export interface Throttling {
  /** Scheduling periods, and those of them in which it was held back. */
  readonly periods: number
  readonly throttled: number
  /** Added up over CPUs. */
  readonly ms: number
}

/** Over all trials that have counters; `undefined` without any. */
export function throttlingOf(subject: ConfigAnalysis): Throttling | undefined {
  const grown = endedTrials(subject).flatMap((trial) => {
    const counters = countersOf(trial)
    const [first, last] = [counters[0], counters.at(-1)]
    if (first === undefined || last === undefined || last.periods <= first.periods) return []
    return [
      {
        periods: last.periods - first.periods,
        throttled: last.throttled - first.throttled,
        ms: last.ms - first.ms,
      },
    ]
  })
  if (grown.length === 0) return undefined
  const sum = (key: keyof Throttling) => grown.reduce((total, each) => total + each[key], 0)
  return { periods: sum('periods'), throttled: sum('throttled'), ms: sum('ms') }
}

function countersOf({ evidence }: TrialSummary): readonly Throttling[] {
  return evidence.flatMap(({ facts }) => {
    const { containerPeriods, containerThrottledPeriods, containerThrottledMs } = facts
    return typeof containerPeriods === 'number' &&
      typeof containerThrottledPeriods === 'number' &&
      typeof containerThrottledMs === 'number'
      ? [
          {
            periods: containerPeriods,
            throttled: containerThrottledPeriods,
            ms: containerThrottledMs,
          },
        ]
      : []
  })
}
