/** A fact that differs between the sides although the file does not declare it: it exists, its effect is open. */
import type { DifferenceId } from '../analysis/analysis.ts'
import type { MissingFact } from './diagnosis.ts'
import { hasReference, keyOf } from './case.ts'
import type { Cause } from './cause.ts'
import { computeClaims, speedStatements } from './compute.ts'
import type { Certainty } from './diagnosis.ts'
import { found, ruledOut, onlyDefined, unchecked } from './examination.ts'
import type { Fix, FixCode } from './fix.ts'
import type { Rule } from './rule.ts'
import { config, literal, statement } from './statement.ts'

export interface Difference {
  readonly cause: Cause
  readonly fact: DifferenceId & MissingFact
  /** How surely such a difference changes how fast a server computes. */
  readonly certainty: Certainty
  readonly fix: FixCode
  readonly settings: (reference: string) => Fix['settings']
}

export function undeclared({ cause, fact, certainty, fix, settings }: Difference): Rule {
  return (given) => {
    if (!hasReference(given)) return undefined
    const { subject, reference, comparison } = given
    const [own, other] = [subject, reference].map((side) =>
      side.facts.get(fact)?.values.map(String).join(', '),
    )
    if (own === undefined) return unchecked(cause, keyOf(subject), fact)
    if (other === undefined) return unchecked(cause, keyOf(reference), fact)
    if (own === other) return ruledOut(cause, statement('alike', { value: literal(own) }))
    const difference = comparison.undeclared.find(({ id }) => id === fact)
    // What the file declares to differ is the thing under test, not a cause to be found.
    if (difference === undefined) return undefined
    return found(cause, {
      configs: [keyOf(subject)],
      certainty,
      evidence: [
        statement('differs', {
          config: config(keyOf(subject)),
          value: literal(own),
          reference: config(keyOf(reference)),
          referenceValue: literal(other),
        }),
        ...speedStatements(given),
      ],
      reservations: onlyDefined(
        difference.accepted && statement('differs.accepted', {}),
        statement('differs.effect-unknown', {}),
      ),
      claims: computeClaims(given),
      fixes: [{ code: fix, config: keyOf(subject), settings: settings(other) }],
    })
  }
}
