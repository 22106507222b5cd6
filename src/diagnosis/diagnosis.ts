/** The diagnosis of an experiment: for each pair of configs, the causes of their difference, with evidence as codes and numbers. */
import type { Gap, GapPart } from './gap.ts'
import type { Found, Missing, RuledOut, Unchecked } from './rule.ts'
import type { Cause } from './rules.ts'

export interface Diagnosis {
  /** Causes of failed requests, sorted by the share of requests. They concern single configs, not a difference between two. */
  readonly failures: readonly Finding[]
  /** The pair that the experiment asks about first, then each config with its `from`. Empty if no two can be compared. */
  readonly explanations: readonly Explanation[]
  /** Settings that change nothing. They concern single configs, not a difference between two. */
  readonly settings: readonly Finding[]
  /** What the rules about single configs ruled out: about failed requests, and about settings. */
  readonly configsRuledOut: readonly WithCause<RuledOut>[]
  readonly configsUnchecked: readonly WithCause<Unchecked>[]
  /** The facts that documents should record so that more rules can decide; in order, each once. */
  readonly factsToRecord: readonly Missing[]
}

export interface Explanation {
  /** Key of the slower config. */
  readonly subject: string
  /** Key of the faster config; absent if the subject's own latency is explained. */
  readonly reference?: string
  /** Absent if either config lacks a part of its latency. */
  readonly gap?: Gap
  /** The subject's latency as a multiple of the reference's. Set for recorded figures, which have no parts. */
  readonly ratio?: number
  /** By rank, then by milliseconds, then in the order of rules. */
  readonly findings: readonly Finding[]
  readonly ruledOut: readonly WithCause<RuledOut>[]
  readonly unchecked: readonly WithCause<Unchecked>[]
}

/** The result of a rule with the cause that the rule looks for. */
export type WithCause<Result> = Result & { readonly cause: Cause }

/** How important a finding is. */
export type Rank = 'critical' | 'secondary' | 'improvable'

export interface Finding extends WithCause<Found> {
  /** Absent if the difference is within noise: there is nothing to rank. */
  readonly rank?: Rank
  /** The milliseconds attributed to it, by part: at most what it can account for by itself, without those of other findings. */
  readonly ms: Readonly<Partial<Record<GapPart, number>>>
  /** The sum of `ms`. */
  readonly totalMs: number
  /** The maximum that removing the cause can save in the subject's latency, in ms; may exceed `totalMs`, see `savingOf`. */
  readonly savedMs: number
  /** The causes to which milliseconds were attributed that this finding also claims. */
  readonly sharedWith: readonly Cause[]
}
