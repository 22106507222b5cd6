import { describe, expect, it } from 'vitest'
import { allocate } from '../../src/diagnosis/allocate.ts'
import { found } from '../../src/diagnosis/examination.ts'
import type { Gap, GapPart } from '../../src/diagnosis/gap.ts'
import { rank } from '../../src/diagnosis/rank.ts'

const parts = { wait: 580, load: 4, prefill: 640, moreTokens: 0, slowerTokens: 310, outside: -2 }
function gap(shown: readonly GapPart[], rest: Partial<Gap> = {}): Gap {
  return {
    totalMs: 1532,
    parts,
    shown: new Set(shown),
    proven: new Set(shown),
    isShown: true,
    tested: true,
    ...rest,
  }
}
const slower = gap(['wait', 'prefill', 'slowerTokens'])
const some = { configs: ['slow'], evidence: [] } as const
const compute = { prefill: 640, slowerTokens: 310 }
const noGpu = found('mac-container', { ...some, certainty: 'proven', claims: compute })
const slots = found('slots', { ...some, certainty: 'proven', claims: { wait: 580 } })
const threads = found('threads', { ...some, certainty: 'possible', claims: compute })

describe('milliseconds', () => {
  it('are given once, to the surest, and the other is told to lie within it', () => {
    const [first, , last] = allocate([threads, slots, noGpu], slower).toSorted(
      (one, other) => other.totalMs - one.totalMs,
    )
    expect(first).toMatchObject({ cause: 'mac-container', totalMs: 950 })
    expect(last).toMatchObject({ cause: 'threads', totalMs: 0, within: ['mac-container'] })
  })

  it('are never more than a part has, however much is claimed', () => {
    const greedy = found('slots', { ...some, certainty: 'proven', claims: { wait: 9_000 } })
    const total = allocate([greedy, slots], slower).reduce((sum, each) => sum + each.totalMs, 0)
    expect(total).toBe(580)
  })

  it('are none where a part is within noise, or the subject is the faster', () => {
    const claims = { load: 4, outside: -2, moreTokens: 10 }
    expect(
      allocate([found('overhead', { ...some, certainty: 'proven', claims })], slower),
    ).toMatchObject([{ totalMs: 0 }])
  })
})

describe('ranks', () => {
  const ranks = (each: Gap | undefined) =>
    rank(allocate([threads, slots, noGpu], each), each).map((one) => [one.cause, one.rank])

  it('go by what is accounted for', () => {
    expect(ranks(slower)).toEqual([
      ['mac-container', 'critical'],
      ['slots', 'secondary'],
      ['threads', 'improvable'],
    ])
  })

  it('are all the lowest where the difference is within noise', () => {
    expect(new Set(ranks(gap(['wait'], { isShown: false })).map(([, each]) => each))).toEqual(
      new Set(['improvable']),
    )
  })

  it('put what is proven first where no time is known', () => {
    expect(ranks(undefined).at(-1)).toEqual(['threads', 'improvable'])
  })
})
