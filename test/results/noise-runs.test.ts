import { describe, expect, it } from 'vitest'
import { selectFloor } from '../../src/results/noise-runs.ts'
import type { TrialHeader } from '../../src/results/record.ts'
import type { TrialListing } from '../../src/results/store.ts'
import { endOf, headerOf } from './sample-trial.ts'

function side(run: string, name: 'a' | 'b', rounds: number, rest: Partial<TrialHeader> = {}) {
  return Array.from({ length: rounds }, (_, index): TrialListing => ({
    file: `${run}-native-${name}-r${index + 1}.jsonl`,
    header: headerOf({ run, side: name, round: index + 1, ...rest }),
    end: endOf(),
  }))
}
const both = (run: string, rounds: number, rest: Partial<TrialHeader> = {}) => [
  ...side(run, 'a', rounds, rest),
  ...side(run, 'b', rounds, rest),
]
const here = { hosts: new Set(['machine-1']), standIn: false }

describe('selectFloor', () => {
  it('selects the newest A/A run with at least three pairs of rounds', () => {
    const floor = selectFloor([...both('r1', 4), ...both('r2', 3), ...both('r3', 2)], [], here)
    expect(floor).toMatchObject({ run: 'r2', config: 'native' })
    expect(floor?.a.map(({ header }) => header.round)).toEqual([1, 2, 3])
    expect(floor?.b).toHaveLength(3)
  })

  it('ignores runs that were dropped, or that ran on another machine or engine', () => {
    const otherMachine = both('r2', 4, { host: { id: 'other' } })
    const standIn = both('r3', 4, {
      target: { asked: 'docker', actual: 'embedded', standIn: true },
    })
    const listings = [...both('r1', 4), ...otherMachine, ...standIn, ...both('r4', 4)]
    expect(selectFloor(listings, [{ run: 'r4', why: '' }], here)?.run).toBe('r1')
    expect(selectFloor(otherMachine, [], here)).toBeUndefined()
    expect(selectFloor(standIn, [], { ...here, standIn: true })?.run).toBe('r3')
  })

  it('counts a round only if both sides ended', () => {
    expect(selectFloor([...side('r1', 'a', 6), ...side('r1', 'b', 2)], [], here)).toBeUndefined()
    expect(selectFloor([], [], here)).toBeUndefined()
  })
})
