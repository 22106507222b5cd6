import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  longestSearch,
  searchLevels,
  searchStep,
  type CapacitySearch,
  type SearchWindow,
} from '../../src/experiment/levels/capacity-search.ts'

const users: CapacitySearch = { of: 'users', from: 1, upTo: 64 }

/** Searches a server that meets the objectives up to `capacity`. */
function found(search: CapacitySearch, capacity: number, isClose = false) {
  const windows: SearchWindow[] = []
  for (;;) {
    const step = searchStep(search, windows)
    if ('confirm' in step) return { windows, confirm: step.confirm }
    windows.push({ level: step.measure, met: step.measure <= capacity, isClose })
  }
}

describe('the search for a capacity', () => {
  it('doubles the level until the objectives are missed, and bisects', () => {
    const { windows, confirm } = found(users, 21)
    expect(windows.map(({ level }) => level)).toEqual([1, 2, 4, 8, 16, 32, 24, 20])
    expect(confirm).toEqual([16, 20, 24])
  })

  it('ends at the highest level if it meets the objectives, and at the first one if not even that does', () => {
    expect(found(users, 100).confirm).toEqual([56, 64])
    expect(found(users, 0).confirm).toEqual([1])
    expect(found({ of: 'users', from: 4, upTo: 6 }, 5)).toMatchObject({ confirm: [4, 5, 6] })
  })

  it('measures a level again if a figure is close to an objective, and follows the majority', () => {
    const close = { level: 1, isClose: true }
    expect(searchStep(users, [{ ...close, met: false }])).toEqual({ measure: 1 })
    const two = [
      { ...close, met: false },
      { ...close, met: true },
    ]
    expect(searchStep(users, two)).toEqual({ measure: 1 })
    expect(searchStep(users, [...two, { ...close, met: true }])).toEqual({ measure: 2 })
    expect(searchStep(users, [...two, { ...close, met: false }])).toEqual({ confirm: [1] })
  })

  it('has levels that are at most 25 % apart, or one user', () => {
    expect(searchLevels(users)).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64],
    ])
    expect(searchLevels({ of: 'rate', from: 0.5, upTo: 2 })).toEqual([
      ...[0.5, 0.625, 0.75, 0.875, 1, 1.25, 1.5, 1.75, 2],
    ])
  })

  it('always ends around the capacity, within the longest search', () => {
    const searches = fc.record({
      of: fc.constant('users' as const),
      from: fc.integer({ min: 1, max: 8 }),
      upTo: fc.integer({ min: 9, max: 500 }),
    })
    fc.assert(
      fc.property(searches, fc.nat(600), fc.boolean(), (search, capacity, isClose) => {
        const { windows, confirm } = found(search, capacity, isClose)
        const levels = searchLevels(search)
        const carried = levels.filter((level) => level <= capacity).at(-1)
        if (carried === undefined) expect(confirm).toEqual(levels.slice(0, 1))
        else {
          expect(confirm).toContain(carried)
          expect(confirm.length).toBeLessThanOrEqual(3)
        }
        const longest = longestSearch(search)
        expect(windows.length).toBeLessThanOrEqual(longest.windows.length)
        const sum = (values: readonly number[]) => values.reduce((one, other) => one + other, 0)
        expect(sum(windows.map(({ level }) => level))).toBeLessThanOrEqual(sum(longest.windows))
        expect(sum(confirm)).toBeLessThanOrEqual(sum(longest.confirm))
      }),
    )
  })
})
