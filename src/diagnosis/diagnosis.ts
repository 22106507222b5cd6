/**
 * The diagnosis of an experiment: for each pair of configs, the causes of their difference, with evidence as codes and
 * numbers. Also finds the experiment that would test a cause.
 */
import type { Gap, GapPart } from './gap.ts'
import type { Found, Missing, RuledOut, Unchecked } from './rule.ts'
import { isTestable, planOf, type Cause, type TestableCause } from './rules.ts'
import type { Analysis } from '../analysis/analysis.ts'
import type { Obstacle } from '../analysis/obstacle.ts'
import { keyOf } from './config-facts.ts'
import type { NextPlan } from './next-plan.ts'

export interface Diagnosis {
  /**
   * Causes of failed requests, sorted by the share of requests. They concern single configs, not a difference between
   * two.
   */
  readonly failures: readonly Finding[]
  /**
   * First the pair that the experiment asks about, then each config with its `from`. Empty if no two configs can be
   * compared.
   */
  readonly explanations: readonly Explanation[]
  /** Causes of late first tokens. They concern single configs, not a difference between two mean latencies. */
  readonly delivery: readonly Finding[]
  /** Findings about settings without effect. They concern single configs, not a difference between two. */
  readonly settings: readonly Finding[]
  /**
   * The causes that the rules about single configs ruled out: causes of failed requests and of late first tokens, and
   * settings without effect.
   */
  readonly configsRuledOut: readonly WithCause<RuledOut>[]
  readonly configsUnchecked: readonly WithCause<Unchecked>[]
  /** The facts that documents should record so that more rules can decide. Each is listed once. */
  readonly factsToRecord: readonly Missing[]
}

export interface Explanation {
  /** Key of the slower config. */
  readonly subject: string
  /** Key of the faster config; absent if the subject's own latency is explained. */
  readonly reference?: string
  /** Absent if either config lacks a part of its latency. */
  readonly gap?: Gap
  /** Why the two sides are not compared; nothing is then attributed or ranked. */
  readonly obstacle?: Obstacle
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
  /** Absent if none of the difference can be attributed to the finding, so that its importance is not known. */
  readonly rank?: Rank
  /**
   * The milliseconds of each part that are attributed to this finding: the most that it may account for, without those
   * of earlier findings.
   */
  readonly ms: Readonly<Partial<Record<GapPart, number>>>
  /** The sum of `ms`. */
  readonly totalMs: number
  /**
   * The most that removing the cause can save in the subject's latency, in ms. It may exceed `totalMs`: see `savingOf`.
   */
  readonly savedMs: number
  /** The causes of earlier findings, to which milliseconds were attributed that this finding might explain as well. */
  readonly sharedWith: readonly Cause[]
}

/** The experiment that would test a cause. */
export interface CauseTest extends NextPlan {
  readonly cause: TestableCause
  /** Key of the config that has the cause. */
  readonly subject: string
  /** Key of the config that it is compared with. */
  readonly reference?: string
}

/** `undefined` if the diagnosis does not name the cause, or if no experiment on these configs could test it. */
export function causeTestOf(
  analysis: Analysis,
  { explanations, failures, delivery, settings }: Diagnosis,
  cause: string,
): CauseTest | undefined {
  const plan = isTestable(cause) ? planOf(cause) : undefined
  if (!isTestable(cause) || plan === undefined) return undefined
  const explanation = explanations.find(({ findings }) =>
    findings.some((each) => each.cause === cause),
  )
  const finding = [...(explanation?.findings ?? []), ...failures, ...delivery, ...settings].find(
    (each) => each.cause === cause,
  )
  if (finding === undefined) return undefined
  const configOf = (key: string | undefined) =>
    analysis.configs.find(({ config }) => config.key === key)
  const subject = configOf(explanation?.subject ?? finding.configs[0])
  const reference = configOf(
    explanation === undefined ? subject?.config.from : explanation.reference,
  )
  if (subject === undefined) return undefined
  const next = plan({ finding, subject, ...(reference && { reference }) })
  return (
    next && {
      cause,
      subject: keyOf(subject),
      ...(reference && { reference: keyOf(reference) }),
      ...next,
    }
  )
}
