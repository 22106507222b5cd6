import { describe, expect, it } from 'vitest'
import { budgetTime, remainingTime } from '../../src/cli/run/remaining-time.ts'

describe('the remaining time of a run', () => {
  it('is the estimate until a trial has ended, then what the mean trial takes', () => {
    const left = remainingTime(80_000, 4, 1_000)
    expect(left.at(1_000)).toBe(80_000)
    expect(left.at(11_000)).toBe(70_000)
    left.trialEnded(31_000)
    expect(left.at(31_000)).toBe(90_000)
    left.trialEnded(41_000)
    expect(left.at(41_000)).toBe(40_000)
  })

  it('falls while a trial runs, and not below zero', () => {
    const left = remainingTime(10_000, 2, 0)
    left.trialEnded(10_000)
    expect([10_000, 14_000, 19_000, 25_000].map((now) => left.at(now))).toEqual([
      10_000, 6_000, 1_000, 0,
    ])
  })
})

describe('the budget of a race', () => {
  it('falls as the clock advances, and says by how much it is exceeded', () => {
    const left = budgetTime(10_000, 1_000)
    expect([1_000, 5_000, 11_000, 14_000].map((now) => left.at(now))).toEqual([
      10_000, 6_000, 0, -3_000,
    ])
  })
})
