import { describe, expect, it } from 'vitest'
import { attribute, rank } from '../../src/diagnosis/attribution.ts'
import type { Gap, GapPart } from '../../src/diagnosis/gap.ts'
import { found, type Found } from '../../src/diagnosis/rule.ts'
import type { Cause } from '../../src/diagnosis/rules.ts'
import { independent } from '../../src/diagnosis/saving.ts'

const parts = { wait: 580, load: 4, prefill: 640, moreTokens: 0, slowerTokens: 310, outside: -2 }
function gap(shown: readonly GapPart[], rest: Partial<Gap> = {}): Gap {
  return {
    totalMs: 1532,
    parts,
    partsBeyondNoise: new Set(shown),
    proven: new Set(shown),
    isBeyondNoise: true,
    tested: true,
    dependence: independent,
    ...rest,
  }
}
const slower = gap(['wait', 'prefill', 'slowerTokens'])

function finding(cause: Cause, certainty: Found['certainty'], maxMs: Found['maxMs']) {
  return { ...found({ configs: ['slow'], evidence: [], certainty, maxMs }), cause }
}
const compute = { prefill: 640, slowerTokens: 310 }
const noGpu = finding('mac-container', 'proven', compute)
const slots = finding('slots', 'proven', { wait: 580 })
const threads = finding('threads', 'possible', compute)

describe('attribution of milliseconds', () => {
  it('attributes each millisecond to the most certain finding; the other findings refer to that one', () => {
    const [first, , last] = attribute([threads, slots, noGpu], slower).toSorted(
      (one, other) => other.totalMs - one.totalMs,
    )
    expect(first).toMatchObject({ cause: 'mac-container', totalMs: 950 })
    expect(last).toMatchObject({ cause: 'threads', totalMs: 0, sharedWith: ['mac-container'] })
  })

  it('attributes no more than a part has, even if findings claim more', () => {
    const claimsTooMuch = finding('slots', 'proven', { wait: 9_000 })
    const total = attribute([claimsTooMuch, slots], slower).reduce(
      (sum, each) => sum + each.totalMs,
      0,
    )
    expect(total).toBe(580)
  })

  it('attributes nothing of a part that is within noise or in which the subject is faster', () => {
    const claims = { load: 4, outside: -2, moreTokens: 10 }
    expect(attribute([finding('overhead', 'proven', claims)], slower)).toMatchObject([
      { totalMs: 0 },
    ])
  })
})

describe('ranks', () => {
  const ranks = (each: Gap | undefined) =>
    rank(attribute([threads, slots, noGpu], each), each).map((one) => [one.cause, one.rank])

  it('follow the share of time that a finding accounts for', () => {
    expect(ranks(slower)).toEqual([
      ['mac-container', 'critical'],
      ['slots', 'secondary'],
      ['threads', undefined],
    ])
  })

  it('are absent if the difference is within noise, because nothing is attributed then', () => {
    const noise = gap(['wait'], { isBeyondNoise: false })
    expect(new Set(ranks(noise).map(([, each]) => each))).toEqual(new Set([undefined]))
    expect(attribute([noGpu, slots], noise).map(({ totalMs }) => totalMs)).toEqual([0, 0])
  })

  it('are never critical for a cause whose parts are only likely', () => {
    const unproven = { ...slower, proven: new Set<GapPart>(['wait']) }
    expect(ranks(unproven)[0]).toEqual(['mac-container', 'secondary'])
  })

  it('are absent if the difference in milliseconds is unknown', () => {
    expect(new Set(ranks(undefined).map(([, each]) => each))).toEqual(new Set([undefined]))
  })
})
