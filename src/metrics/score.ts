/** Scores: the metrics that the checks of a dataset define. */
import type { MetricTraits } from './metric.ts'

/** The id of a score is this prefix and the name of its check. */
export const scorePrefix = 'score.'

export type ScoreMeasure = 'exact' | 'contains' | 'regex' | 'json' | 'closeness'

export interface ScoreMetric extends MetricTraits {
  readonly id: `${typeof scorePrefix}${string}`
  readonly family: 'score'
  /** The name of the check, which is the label of the score in every locale. */
  readonly check: string
  /** How the check judges an answer. Absent if it is not known; the definition then does not say it. */
  readonly measure?: ScoreMeasure
}

/** The metric `score.<check>`. */
export function scoreMetric(check: string, measure?: ScoreMeasure): ScoreMetric {
  return {
    id: `${scorePrefix}${check}`,
    family: 'score',
    check,
    ...(measure === undefined ? {} : { measure }),
    unit: '%',
    direction: 'higher',
    aggregation: 'pooled',
    change: 'difference',
    appliesTo: 'any',
    prominence: 'table',
    inTryTable: false,
    minSamples: 1,
  }
}
