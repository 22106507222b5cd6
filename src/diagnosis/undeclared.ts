/** Builds rules about a fact that differs between the sides, although the experiment file declares no difference. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { DifferenceId } from '../analysis/obstacle.ts'
import { isSameFact } from '../analysis/trial-facts.ts'
import type { FactId } from '../results/facts.ts'
import { maxMsOfSlowCompute, speedStatements } from './compute.ts'
import { keyOf } from './config-facts.ts'
import type { Fix, FixCode } from './fix.ts'
import {
  found,
  hasReference,
  ruledOut,
  unchecked,
  type Certainty,
  type MissingFact,
  type Rule,
} from './rule.ts'
import { config, literal, onlyDefined, sharedStatement } from './statement.ts'

export interface UndeclaredDifference {
  readonly fact: DifferenceId & MissingFact
  /** How certain it is that such a difference changes the speed of a server. */
  readonly certainty: Certainty
  readonly fix: FixCode
  /** The settings that give the subject the reference's value. */
  readonly settings: (reference: string) => Fix['settings']
}

/** A rule that reports the difference, with the reservation that its effect on speed was not measured separately. */
export function undeclaredDifference({
  fact,
  certainty,
  fix,
  settings,
}: UndeclaredDifference): Rule['examine'] {
  return (input) => {
    if (!hasReference(input)) return undefined
    const { subject, reference, comparison } = input
    const [subjectValue, referenceValue] = [subject, reference].map((side) =>
      valuesText(side, fact),
    )
    if (subjectValue === undefined) return unchecked(keyOf(subject), fact)
    if (referenceValue === undefined) return unchecked(keyOf(reference), fact)
    if (isSameFact(fact, subjectValue, referenceValue))
      return ruledOut(sharedStatement('alike', { value: literal(subjectValue) }))
    const difference = comparison.undeclared.find(({ id }) => id === fact)
    // A difference that the file declares is under test, and is not reported as a cause.
    if (difference === undefined) return undefined
    return found({
      configs: [keyOf(subject)],
      certainty,
      evidence: [
        sharedStatement(difference.stated === true ? 'differs.stated' : 'differs', {
          config: config(keyOf(subject)),
          value: literal(subjectValue),
          reference: config(keyOf(reference)),
          referenceValue: literal(referenceValue),
        }),
        ...speedStatements(input),
      ],
      reservations: onlyDefined(
        difference.accepted &&
          difference.stated !== true &&
          sharedStatement('differs.accepted', {}),
        sharedStatement('differs.effect-unknown', {}),
      ),
      maxMs: maxMsOfSlowCompute(input),
      fixes: [{ code: fix, config: keyOf(subject), settings: settings(referenceValue) }],
    })
  }
}

/** The values of a fact over all trials; `undefined` if it is not known. */
export function valuesText({ facts }: ConfigAnalysis, id: FactId): string | undefined {
  return facts.get(id)?.values.map(String).join(', ')
}
