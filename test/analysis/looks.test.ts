/** Adding rounds to a run is another look at its results. */
import { describe, expect, it } from 'vitest'
import { change, fast, resultOf, rounds, slow, spread, verdictOf, type Rounds } from './claims.ts'

/**
 * The trials of a run to which rounds 4 to 6 were added.
 * @param plannedLooks `looks` in the file when they were measured
 */
const extended = (trials: Rounds, plannedLooks?: number): Rounds =>
  trials.map((trial) => ({
    ...trial,
    header: {
      ...trial.header,
      ...(trial.header.round > 3 ? { look: 2 } : {}),
      ...(plannedLooks === undefined ? {} : { plannedLooks }),
    },
  }))
const claim = change('<=', -30)
const verdictAfter = (plannedLooks?: number, looks?: number) =>
  verdictOf({
    claim,
    native: extended(slow, plannedLooks),
    tuned: extended(fast, plannedLooks),
    ...(looks === undefined ? {} : { looks }),
  })

describe('a claim that is judged after rounds were added', () => {
  it.each([
    ['supported by the interval', change('<=', -30), 'indicated-for'],
    ['refuted by the interval', change('<=', -60), 'indicated-against'],
  ] as const)('only leans if it is %s', (_, of, code) => {
    const trials = { native: extended(slow), tuned: extended(fast) }
    expect(verdictOf({ claim: of, ...trials })).toMatchObject({
      code,
      weaknesses: [{ code: 'looks', looks: 2 }],
    })
  })

  it('is decided if the file had planned that many looks', () => {
    expect(verdictAfter(2, 2)).toMatchObject({ code: 'supported', weaknesses: [] })
    // stricter than planned
    expect(verdictAfter(2, 3).code).toBe('supported')
  })

  it('only leans if the file planned fewer looks, or planned them only later', () => {
    expect(verdictAfter(undefined, 2).code).toBe('indicated-for')
    expect(verdictAfter(3, 2).code).toBe('indicated-for')
  })

  it('counts the looks of the two sides only', () => {
    const native = rounds('native', 6, spread(2))
    expect(verdictOf({ claim, native, tuned: extended(fast) }).code).toBe('indicated-for')
    expect(verdictOf({ claim, native, tuned: fast }).code).toBe('supported')
  })
})

it('judges each of N looks at k claims with an error of 0.05 / (N · k)', () => {
  const confidence = (claims: number, looks?: number) =>
    resultOf({
      claim,
      native: slow,
      tuned: fast,
      claims,
      ...(looks === undefined ? {} : { looks }),
    }).result.interval!.confidence
  expect(confidence(1)).toBeCloseTo(0.95, 12)
  expect(confidence(2, 3)).toBeCloseTo(1 - 0.05 / 6, 12)
})
