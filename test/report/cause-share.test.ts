import { describe, expect, it } from 'vitest'
import { locales } from '../../src/format/locales.generated.ts'
import { renderReport } from '../../src/report/report.ts'
import { diagnosePair, type Pair } from '../diagnosis/support/pairs.ts'
import { inputOf } from './support/analysis.ts'

function reportOf(pair: Pair, locale: (typeof locales)[number]): string {
  const { experiment, analysis, diagnosis } = diagnosePair({ rounds: 4, ...pair })
  return renderReport(inputOf(experiment, analysis, { diagnosis, locale }))
}

const decimalsOf = (number = '') => number.split('.')[1]?.length ?? 0

const oneSlot = { slots: 1 }
const enoughSlots = { server: { slots: 3 } }

describe.each(locales)('a difference and its causes in %s', (locale) => {
  it('are a sum that adds up if gains offset a cause', () => {
    const slow = { facts: oneSlot, server: { slots: 1, pace: 0.5 } }
    const report = reportOf({ slow, fast: enoughSlots }, locale)
    const [, terms = '', total = ''] = /\(([^()]* ms) = \+([\d.]+) ms\)/.exec(report) ?? []
    const numbers = [...terms.matchAll(/([+-][\d.]+) ms/g)].map(([, number]) => Number(number))
    expect(numbers.some((number) => number > Number(total))).toBe(true)
    expect(numbers.some((number) => number < 0)).toBe(true)
    expect(numbers.reduce((sum, number) => sum + number, 0)).toBeCloseTo(Number(total), 6)
  })

  it('show what a cause accounts for by itself, and what removing it saves with the waiting', () => {
    const partly = { ...oneSlot, layersOffloaded: 14, vramBytes: 500_000 }
    const slow = { facts: partly, server: { slots: 1, pace: 2 } }
    const report = reportOf({ slow, fast: enoughSlots }, locale)
    const claims = [...report.matchAll(/\(([^()]*%[^()]*)\)/g)].map(([, text = '']) =>
      [...text.matchAll(/([\d.,]+) ms/g)].map(([, number = '']) => Number(number)),
    )
    // 200 ms are the compute of one request, and 600 ms is half of the latency of three users in turn
    const [alone, saved] = claims.find(({ length }) => length === 2) ?? []
    expect(alone).toBeCloseTo(200, -2)
    expect(saved).toBeCloseTo(600, -2)
    const [, ofAlone, ofSaved] =
      /\([^()]*?([\d.,]+) ms[^()]*%[^()]*?([\d.,]+) ms/.exec(report) ?? []
    expect(decimalsOf(ofSaved)).toBe(decimalsOf(ofAlone))
    expect(report).toMatch(/(?:about|降低约) (?:49|50|51)\.\d%/)
  })
})
