/** What a rule looks at: the slower config, the faster one, their difference, and all others. */
import type { Comparison, ConfigAnalysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Gap } from './gap.ts'

export interface RuleInput {
  readonly experiment: Experiment
  /** All of the experiment, in the file's order. */
  readonly configs: readonly ConfigAnalysis[]
  readonly subject: ConfigAnalysis
  /** Absent where the subject's own latency is explained. */
  readonly reference?: ConfigAnalysis
  /** Absent where either side does not have all parts of its latency. */
  readonly gap?: Gap
  /** From the reference to the subject; absent without a reference. */
  readonly comparison?: Comparison
}

/** A pair of measured configs, which most rules need. */
export type PairInput = RuleInput & {
  readonly reference: ConfigAnalysis
  readonly comparison: Comparison
}

export function hasReference(given: RuleInput): given is PairInput {
  return given.reference !== undefined && given.comparison !== undefined
}

export function keyOf({ config }: ConfigAnalysis): string {
  return config.key
}
