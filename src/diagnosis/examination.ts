/** Short ways to write down what a rule came to. */
import type { Cause } from './cause.ts'
import type { Found, MissingFact, RuledOut, Unchecked } from './diagnosis.ts'
import type { Statement } from './statement.ts'

type Required = 'configs' | 'certainty' | 'evidence'

/** A finding with what most of them have left out: nothing against it, nothing claimed. */
export function found(
  cause: Cause,
  rest: Pick<Found, Required> & Partial<Omit<Found, Required | 'outcome' | 'cause'>>,
): Found {
  return {
    outcome: 'found',
    cause,
    against: [],
    reservations: [],
    share: 'unknown',
    claims: {},
    fixes: [],
    ...rest,
  }
}

export function ruledOut(cause: Cause, ...evidence: readonly Statement[]): RuledOut {
  return { outcome: 'ruled-out', cause, evidence }
}

export function unchecked(
  cause: Cause,
  config: string,
  ...facts: readonly MissingFact[]
): Unchecked {
  return { outcome: 'unchecked', cause, missing: facts.map((fact) => ({ config, fact })) }
}

/** The statements that could be made. */
export function onlyDefined(
  ...statements: readonly (Statement | undefined | false)[]
): readonly Statement[] {
  return statements.filter((each) => each !== undefined && each !== false)
}
