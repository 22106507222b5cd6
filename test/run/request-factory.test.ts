import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coldPrefix } from '../../src/run/request-factory.ts'
import type { ColdPrefixParts } from '../../src/run/request-factory.ts'

const key: fc.Arbitrary<Required<ColdPrefixParts>> = fc.record({
  run: fc.string(),
  round: fc.integer({ min: 1, max: 50 }),
  phase: fc.constantFrom('warmup', 'measured'),
  sample: fc.string(),
  occurrence: fc.nat({ max: 10_000 }),
  owner: fc.string(),
  item: fc.string(),
})

describe('coldPrefix', () => {
  it('is twelve digits and a line break, and the same for the same request', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(coldPrefix(one)).toMatch(/^\d{12}\n$/)
        expect(coldPrefix({ ...one })).toBe(coldPrefix(one))
      }),
    )
  })

  it('differs if any part of the key differs', () => {
    const changed = fc.constantFrom(
      'run',
      'round',
      'phase',
      'sample',
      'occurrence',
      'owner',
      'item',
    )
    fc.assert(
      fc.property(key, key, changed, (one, other, part) => {
        fc.pre(one[part] !== other[part])
        const mixed = { ...one, [part]: other[part] }
        expect(coldPrefix(mixed)).not.toBe(coldPrefix(one))
      }),
    )
  })

  it('does not confuse parts of the key with each other', () => {
    const base = { round: 1, phase: 'measured', occurrence: 0 } as const
    expect(coldPrefix({ ...base, run: 'a', sample: 'bc' })).not.toBe(
      coldPrefix({ ...base, run: 'ab', sample: 'c' }),
    )
  })

  it('is unique within a long trial', () => {
    const seen = new Set<string>()
    for (let sample = 0; sample < 40; sample += 1)
      for (let occurrence = 0; occurrence < 500; occurrence += 1)
        seen.add(
          coldPrefix({ run: 'r', round: 1, phase: 'measured', sample: `c${sample}`, occurrence }),
        )
    expect(seen.size).toBe(20_000)
  })
})
