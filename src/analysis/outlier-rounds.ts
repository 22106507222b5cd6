/**
 * Finds rounds in which a config was much slower or faster than in its other rounds. The report names them, and all
 * figures still include them, because no test can say whether the next run will have such a round too.
 */
import type { Config } from '../experiment/experiment.ts'
import type { FactId, FactValue } from '../results/facts.ts'
import { outlierIndex } from '../stats/outlier.ts'
import { isFinding, type Audit } from './audits/audit.ts'
import { trialFacts } from './trial-facts.ts'
import { endedOf } from './config-figures.ts'
import { mean, sum } from './measured-requests.ts'
import type { TrialSummary } from './trial-summary.ts'

/** A round in which a config was much slower or faster than in its others. */
export interface OutlierRound {
  readonly config: string
  readonly round: number
  /** ISO 8601 with offset. */
  readonly startedAt: string
  /** The median latency of the round divided by the geometric mean of the medians of the config's other rounds. */
  readonly ratio: number
  /** What was unusual in this round, according to its records. This need not be the cause. */
  readonly circumstances: {
    readonly audits: readonly Audit[]
    /** The number of failed requests; 0 unless it is many times as large as in the other rounds. */
    readonly failedRequests: number
    readonly facts: readonly UnusualFact[]
  }
}

interface UnusualFact {
  readonly id: UnusualFactId
  readonly value: FactValue
  /** Distinct values of the other rounds. */
  readonly others: readonly FactValue[]
}

/** Facts that are unusual if they are many times as large as in the other rounds. */
const growingFacts = ['loadAverage', 'swapUsedBytes', 'containerThrottledMs', 'loadCount'] as const
/** Facts that are unusual if they differ from the other rounds. The audit `slowMachine` reports heat. */
const steadyFacts = [
  'powerSource',
  'powerMode',
  'memoryPressure',
  'computeDevice',
  'layersOffloaded',
] as const
type UnusualFactId = (typeof growingFacts)[number] | (typeof steadyFacts)[number]

/** If there are fewer rounds, no round is an outlier, because it is not known how much rounds usually differ. */
const minRoundsForOutlier = 6
/** The significance level of the outlier test. False alarms stay below 2 % even if medians are not quite normal. */
const outlierAlpha = 0.015

/** A number in an outlier round is unusual if it is more than this many times the largest of the other rounds. */
const unusualFactor = 2

/**
 * At most one round per config. The test compares median latencies, because a few slow requests do not change them. A
 * test of means had false alarms in 11 % of simulated experiments with 20 rounds of 20 requests.
 */
export function outlierRounds(
  configs: readonly {
    readonly config: Pick<Config, 'key'>
    readonly trials: readonly TrialSummary[]
  }[],
): readonly OutlierRound[] {
  const tested = configs
    .map(({ config, trials }) => ({ key: config.key, medians: mediansOf(trials) }))
    .filter(({ medians }) => medians.length >= minRoundsForOutlier)
  return tested.flatMap(({ key, medians }) => {
    const logs = medians.map(({ median }) => Math.log(median))
    const index = outlierIndex(logs, outlierAlpha / tested.length)
    const outlier = medians[index ?? -1]
    if (outlier === undefined) return []
    const others = medians.filter((each) => each !== outlier).map(({ trial }) => trial)
    const usual = Math.exp(mean(logs.filter((_, other) => other !== index)))
    const { round, startedAt } = outlier.trial.header
    return [
      {
        config: key,
        round,
        startedAt,
        ratio: outlier.median / usual,
        circumstances: circumstancesOf(outlier.trial, others),
      },
    ]
  })
}

function mediansOf(trials: readonly TrialSummary[]) {
  return endedOf(trials).flatMap((trial) => {
    const median = trial.figures.get('latencyP50')?.value
    return median === undefined || median <= 0 ? [] : [{ trial, median }]
  })
}

function circumstancesOf(
  trial: TrialSummary,
  others: readonly TrialSummary[],
): OutlierRound['circumstances'] {
  const found = (one: TrialSummary) => one.audits.filter(({ outcome }) => isFinding(outcome))
  const usual = new Set(others.flatMap(found).map(({ id }) => id))
  const [observedFacts, ...rest] = [trial, ...others].map(({ evidence }) => trialFacts(evidence))
  const observed = (id: FactId) => ({
    value: observedFacts?.get(id)?.value,
    others: [...new Set(rest.flatMap((facts) => facts.get(id)?.value ?? []))],
  })
  const facts = [...growingFacts, ...steadyFacts].flatMap((id): readonly UnusualFact[] => {
    const { value, others } = observed(id)
    if (value === undefined || others.length === 0 || others.includes(value)) return []
    const isUnusual =
      typeof value !== 'number' ||
      id === 'layersOffloaded' ||
      value > unusualFactor * Math.max(...others.map(Number))
    return isUnusual ? [{ id, value, others }] : []
  })
  const failedIn = ({ failures }: TrialSummary) => sum(failures.map(({ count }) => count))
  const failed = failedIn(trial)
  return {
    audits: found(trial).filter(({ id }) => !usual.has(id)),
    failedRequests: failed > unusualFactor * Math.max(...others.map(failedIn)) ? failed : 0,
    facts,
  }
}
