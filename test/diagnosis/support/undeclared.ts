/** Tests that all rules about undeclared differences share. */
import { describe, expect, it } from 'vitest'
import type { Certainty } from '../../../src/diagnosis/rule.ts'
import type { Cause } from '../../../src/diagnosis/rules.ts'
import { evidenceCodes, resultOf, type Facts, type Side } from './pairs.ts'

export interface UndeclaredExample {
  /** Facts that differ from those of the other side. */
  readonly facts: Facts
  readonly certainty: Certainty
  /** Settings of the slow and the fast side that declare the difference. */
  readonly declared: readonly (readonly [
    slow: Side['config'] & object,
    fast: Side['config'] & object,
  ])[]
}

export function describeUndeclaredDifference(
  cause: Cause,
  { facts, certainty, declared }: UndeclaredExample,
): void {
  const server = { pace: 2 }
  describe(`rule ${cause}`, () => {
    it('finds the difference, and says that its effect was not measured', () => {
      expect(resultOf(cause, { slow: { server, facts }, fast: {} })).toMatchObject({
        outcome: 'found',
        certainty,
        cost: 'unknown',
        reservations: [{ code: 'differs.effect-unknown' }],
      })
    })

    it('rules the cause out if the sides agree', () => {
      expect(evidenceCodes(resultOf(cause, { slow: { server }, fast: {} }))).toEqual(['alike'])
    })

    it('names the side that lacks the fact', () => {
      const unknown = Object.fromEntries(Object.keys(facts).map((id) => [id, undefined]))
      expect(resultOf(cause, { slow: { server }, fast: { facts: unknown } })).toMatchObject({
        outcome: 'unchecked',
        missing: [{ config: 'fast' }],
      })
    })

    it.each(declared)('does not apply if the file declares the difference: %o', (slow, fast) => {
      const pair = { slow: { config: slow, server, facts }, fast: { config: fast } }
      expect(resultOf(cause, pair)).toBeUndefined()
    })
  })
}
