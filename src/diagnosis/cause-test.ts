/** Finds the experiment that would test a cause which a diagnosis names. */
import type { Analysis } from '../analysis/analysis.ts'
import { keyOf } from './config-facts.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { NextPlan } from './next-plan.ts'
import { isTestable, planOf, type TestableCause } from './rules.ts'

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
  { explanations, failures, settings }: Diagnosis,
  cause: string,
): CauseTest | undefined {
  const plan = isTestable(cause) ? planOf(cause) : undefined
  if (!isTestable(cause) || plan === undefined) return undefined
  const explanation = explanations.find(({ findings }) =>
    findings.some((each) => each.cause === cause),
  )
  const finding = [...(explanation?.findings ?? []), ...failures, ...settings].find(
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
