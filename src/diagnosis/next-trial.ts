/** What would test a cause: one config more, or the same ones under another workload. */
import type { Analysis } from '../analysis/analysis.ts'
import type { OptionValue, Workload } from '../experiment/experiment.ts'
import type { Target } from '../experiment/target-kinds.ts'
import type { Cause } from './cause.ts'
import { keyOf } from './case.ts'
import type { Diagnosis } from './diagnosis.ts'
import { plans } from './next-plans.ts'

export interface NextTrial {
  readonly cause: TestableCause
  /** Key of the config that has the cause, and of what it is compared with. */
  readonly subject: string
  readonly reference?: string
  /** A config to be added, made of one of those two. */
  readonly trial?: {
    readonly from: 'subject' | 'reference'
    /** Where it runs, if not where the one runs that it is made of: nothing else may differ from that one. */
    readonly on?: 'reference'
    readonly change: ConfigChange
  }
  /** What changes for all configs. */
  readonly everywhere: WorkloadChange
  /** Of mean latency: the first against the second. */
  readonly claim: NextClaim
}

export interface ConfigChange {
  /** Undefined takes it out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly options?: Readonly<Record<string, OptionValue | undefined>>
  readonly target?: Target
}

export interface WorkloadChange extends Partial<Pick<Workload, 'think' | 'cache'>> {
  readonly options?: Readonly<Record<string, OptionValue | undefined>>
  readonly users?: number
  readonly warmupRequests?: number
  /** Before each trial. */
  readonly settleMs?: number
}

type Side = 'subject' | 'reference' | 'trial'
export type NextClaim =
  | {
      readonly config: Side
      readonly versus: Side
      readonly kind: 'change'
      readonly percent: number
    }
  | {
      readonly config: Side
      readonly versus: Side
      readonly kind: 'same'
      readonly percent: number
    }

export type TestableCause = keyof typeof plans
const testable: readonly Cause[] = Object.keys(plans).filter(isTestable)
/** Causes that an experiment can test, in the order of `plans`. */
export const testableCauses = testable

export function isTestable(cause: string): cause is TestableCause {
  return Object.hasOwn(plans, cause)
}

/** Undefined where the cause was not found, or no experiment on these configs would test it. */
export function nextTrial(
  analysis: Analysis,
  { explanations, settings }: Diagnosis,
  cause: string,
): NextTrial | undefined {
  if (!isTestable(cause)) return undefined
  const explanation = explanations.find(({ findings }) =>
    findings.some((each) => each.cause === cause),
  )
  const finding = [...(explanation?.findings ?? []), ...settings].find(
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
  const plan = plans[cause]({ finding, subject, analysis, ...(reference && { reference }) })
  return (
    plan && {
      cause,
      subject: keyOf(subject),
      ...(reference && { reference: keyOf(reference) }),
      ...plan,
    }
  )
}
