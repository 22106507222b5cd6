import { describe, expect, it } from 'vitest'
import type { Pause } from '../../src/experiment/load.ts'
import { locales } from '../../src/format/locales.generated.ts'
import { loadTexts } from '../../src/report/workload-text.ts'
import { wordsOf } from '../support/report-parts.ts'
import { analysisOf, experimentOf, measuredConfig } from './support/analysis.ts'

describe.each(locales)('the load of a report in %s', (locale) => {
  const load = {
    kind: 'closed-duration',
    users: 3,
    durationMs: 8000,
    atLeast: 20,
    atMostMs: 120_000,
  } as const
  const config = measuredConfig('a')
  const withLoad = { ...config, workload: { ...config.workload, load } }
  const experiment = experimentOf([withLoad])
  const [member] = analysisOf(experiment, [{ config: withLoad, figures: { qps: 1 } }]).configs
  const textOf = (windowMs: number) => {
    const trial = { window: { firstSentMs: 100, openMs: 100, closeMs: 100 + windowMs } }
    const measured = { ...member, config: withLoad, trials: [trial] }
    return loadTexts([measured] as never, wordsOf(locale)).join()
  }

  it('says how long the longest trial was if it lasted longer than planned', () => {
    expect(textOf(41_700)).toContain('8 s')
    expect(textOf(41_700)).toContain('42 s')
    expect(textOf(41_700)).toContain('20')
  })

  it('says no more than the plan if no trial lasted longer', () => {
    expect(textOf(8000)).not.toContain('20')
    expect(textOf(8000.000001)).not.toContain('20')
  })

  it('lists the levels of a load in one text', () => {
    const levels = [1, 2, 8].map((users) => ({
      config: { ...config, workload: { ...config.workload, load: { ...load, users } } },
      trials: [],
    }))
    const [text = '', ...others] = loadTexts(levels, wordsOf(locale))
    expect(others).toEqual([])
    expect(text).toMatch(/1\D+2\D+8\D+8 s/)
    const longer = { ...load, users: 2, durationMs: 9000 }
    const other = {
      config: { ...config, workload: { ...config.workload, load: longer } },
      trials: [],
    }
    expect(loadTexts([...levels, other], wordsOf(locale))).toHaveLength(2)
  })

  it('names the pauses of the users', () => {
    const text = (distribution: Pause['distribution']) => {
      const pausing = { ...load, pause: { meanMs: 2500, distribution } }
      const own = { ...config, workload: { ...config.workload, load: pausing } }
      return loadTexts([{ config: own, trials: [] }], wordsOf(locale)).join()
    }
    expect(text('constant')).toContain('2.5 s')
    expect(text('exponential')).toContain('2.5 s')
    expect(text('exponential')).not.toBe(text('constant'))
  })
})
