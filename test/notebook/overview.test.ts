import { describe, expect, it } from 'vitest'
import type { Lock } from '../../src/notebook/lock.ts'
import { overviewOf, overviewTree } from '../../src/notebook/overview.ts'
import type { Overview } from '../../src/notebook/overview.ts'

function overview(id: string, before?: string): Overview {
  const follows = { experiment: before ?? '', version: 'v1.0', cause: 'slots' }
  return {
    id,
    title: id,
    ...(before === undefined ? {} : { follows }),
    locale: 'en',
    answer: [],
    version: 'v1.0',
    state: 'closed',
    standIn: false,
    complete: 1,
    configs: 1,
    failed: 0,
    verdicts: {},
  }
}
const treeLines = (...overviews: readonly Overview[]) =>
  overviewTree(overviews).map(({ overview: { id }, depth }) => `${depth} ${id}`)

it('lists verdicts by their ids, as a lock read from its file does, with `H2` before `H10`', () => {
  const claims = Object.fromEntries(
    ['H10', 'speed', 'H2', 'cost'].map((id) => [id, { verdict: 'supported' }]),
  )
  const lock = { configs: {}, answer: [], claims } as unknown as Lock
  expect(Object.keys(overviewOf(lock).verdicts)).toEqual(['H2', 'H10', 'cost', 'speed'])
})

describe('the tree of experiments', () => {
  it('lists children after their parent, in the given order', () => {
    const all = [overview('a', 'z'), overview('b', 'a'), overview('c'), overview('z')]
    expect(treeLines(...all)).toEqual(['0 c', '0 z', '1 a', '2 b'])
  })

  it('lists every experiment once, even in a circle or after a missing one', () => {
    const circle = [overview('a', 'b'), overview('b', 'a'), overview('c', 'c'), overview('d', 'x')]
    expect(treeLines(...circle)).toEqual(['0 d', '0 a', '1 b', '0 c'])
  })
})
