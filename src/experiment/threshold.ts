/** Thresholds of claims and objectives. */
import type { MetricId } from '../metrics/catalog.ts'

export type Comparator = '<=' | '<' | '>=' | '>'

/** A threshold as written (`<= -30%`, `>= 80%`, `<= 500ms`), and its value in the unit that the claim compares in. */
export interface Threshold {
  readonly comparator: Comparator
  readonly value: number
  readonly text: string
}

/**
 * An objective of the service: the metric must be on the right side of the threshold, which is in the metric's unit.
 */
export interface Objective {
  readonly metric: MetricId
  readonly threshold: Threshold
}
