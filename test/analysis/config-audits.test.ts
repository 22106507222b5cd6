import { describe, expect, it } from 'vitest'
import { recordedAudits } from '../../src/analysis/audits/recorded-audits.ts'
import { withoutFields } from '../diagnosis/support/request-changes.ts'
import { experimentOf, measuredConfig, recordedConfig } from '../report/support/analysis.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { analysisOf, configOf, roundsOf } from './simulated-analysis.ts'

describe('the audits of figures from a document', () => {
  const figures = Object.entries({
    qps: 6.53,
    throughput: 5.28,
    users: 3,
    latencyMean: 397.75,
    outputTokens: 13.95,
  })
  const config = recordedConfig('base', {
    figures: figures.map(([metric, value]) => ({ metric, value })),
  })
  it('check the figures against each other: those of the source document fail the token sum and Little’s law', () => {
    const [tokenSum, littlesLaw] = recordedAudits(config)
    expect(tokenSum).toMatchObject({ id: 'tokenSum', outcome: 'fail' })
    expect(Number(tokenSum?.numbers['product'])).toBeCloseTo(91.09, 2)
    expect(littlesLaw).toMatchObject({ id: 'littlesLaw', outcome: 'fail', numbers: { users: 3 } })
    expect(Number(littlesLaw?.numbers['inFlight'])).toBeCloseTo(2.6, 2)
  })

  it('use the number of users of the config that the figures inherit from', () => {
    const next = ['qps', 'latencyMean'].map((metric, index) => ({
      metric,
      value: [7.07, 332.97][index]!,
    }))
    const best = recordedConfig('best', { from: 'base', figures: next })
    const { audits } = configOf(analysisOf(experimentOf([config, best]), {}), 'best')
    expect(audits).toMatchObject([{ id: 'littlesLaw', outcome: 'fail', numbers: { users: 3 } }])
    expect(Number(audits[0]?.numbers['inFlight'])).toBeCloseTo(2.35, 2)
  })

  it('add a doubt to the figures', () => {
    const analysis = analysisOf(experimentOf([config]), {})
    const doubts = configOf(analysis, 'base').figures.get('throughput')?.doubts
    expect(doubts?.map(({ details }) => details['audit'])).toEqual(['tokenSum', 'littlesLaw'])
    expect(doubts?.[0]).toMatchObject({ code: 'audit', details: { outcome: 'fail', qps: 6.53 } })
  })

  it('are omitted if the document lacks a figure', () => {
    expect(recordedAudits(recordedConfig('x', { figures: [{ metric: 'qps', value: 1 }] }))).toEqual(
      [],
    )
  })
})

describe('the audits of a config', () => {
  const pair = experimentOf(
    [measuredConfig('native'), measuredConfig('tuned', { from: 'native' })],
    { rounds: 3 },
  )
  it('report the worst round and add doubts to the figures they concern', () => {
    const analysis = analysisOf(pair, {
      native: roundsOf('native', 3, (round) =>
        round === 2
          ? { end: { client: { loopDelayP99Ms: 30, loopDelayIdleP99Ms: 1, cpuMs: 1 } } }
          : {},
      ),
    })
    const { audits, figures } = configOf(analysis, 'native')
    expect(audits.find(({ id }) => id === 'clientBound')).toMatchObject({
      outcome: 'fail',
      checked: 3,
      found: 1,
      numbers: { loopDelayMs: 29 },
    })
    const doubt = { code: 'audit', details: { audit: 'clientBound', found: 1, checked: 3 } }
    expect(figures.get('latencyP95')?.doubts).toMatchObject([doubt])
    expect(figures.get('decode')?.doubts).toEqual([])
    expect(audits.find(({ id }) => id === 'littlesLaw')?.outcome).toBe('pass')
  })

  it('leave cutShort unchecked if no server reports why answers ended', () => {
    const analysis = analysisOf(pair, {
      native: roundsOf('native', 3, () => ({})),
      tuned: roundsOf('tuned', 3, () => ({ alter: withoutFields('doneReason') })),
    })
    expect(configOf(analysis, 'tuned').audits.find(({ id }) => id === 'cutShort')).toMatchObject({
      outcome: 'unchecked',
      checked: 0,
      found: 0,
    })
  })

  it('find cut-off answers only on the side that has them', () => {
    const analysis = analysisOf(pair, {
      native: roundsOf('native', 3, () => ({})),
      tuned: roundsOf('tuned', 3, () => ({
        alter: (request) => ({ ...request, doneReason: 'length' }),
      })),
    })
    const [native, tuned] = ['native', 'tuned'].map((key) =>
      configOf(analysis, key).audits.find(({ id }) => id === 'cutShort'),
    )
    expect(native).toMatchObject({ outcome: 'pass', numbers: { percent: 0 } })
    expect(tuned).toMatchObject({
      outcome: 'fail',
      numbers: { percent: 100, basePercent: 0, base: 'native' },
    })
    expect(configOf(analysis, 'tuned').figures.get('outputTokens')?.doubts).toHaveLength(1)
  })

  it('add a doubt to latency if success rates may differ by 5 points, though nothing proves it', () => {
    const analysis = analysisOf(pair, {
      native: roundsOf('native', 3, () => ({})),
      tuned: roundsOf('tuned', 3, (round) => ({
        alter: (request) =>
          round === 2 && request.index < 20 ? { ...request, outcome: 'timeout' } : request,
      })),
    })
    const { figures } = configOf(analysis, 'tuned')
    expect(figures.get('latencyP95')?.doubts).toMatchObject([
      { code: 'okRates', details: { fromPercent: 100 } },
    ])
    expect(figures.get('decodeSpeed')?.doubts).toEqual([])
    expect(configOf(analysis, 'native').figures.get('latencyP95')?.doubts).toEqual([])
  })

  it.each([
    { native: 100, tuned: 92, codes: ['okRatesUncounted'] },
    { native: 100, tuned: 99.5, codes: [] },
  ])(
    'add a doubt to latency if documents without counts give $native % and $tuned %',
    ({ native, tuned, codes }) => {
      const recorded = (key: string, okRate: number, from?: string) =>
        recordedConfig(key, {
          ...(from === undefined ? {} : { from }),
          figures: [
            { metric: 'okRate', value: okRate },
            { metric: 'latencyMean', value: 300 },
          ],
        })
      const analysis = analysisOf(
        experimentOf([recorded('native', native), recorded('tuned', tuned, 'native')]),
        {},
      )
      const { figures } = configOf(analysis, 'tuned')
      expect(figures.get('latencyMean')?.doubts.map(({ code }) => code)).toEqual(codes)
    },
  )

  it('add a doubt to latency if shares of cut answers may differ by 5 points', () => {
    const analysis = analysisOf(pair, {
      native: roundsOf('native', 3, () => ({})),
      tuned: roundsOf('tuned', 3, (round) => ({
        alter: (request) =>
          round === 2 && request.index < 20 ? { ...request, doneReason: 'length' } : request,
      })),
    })
    const { audits, figures } = configOf(analysis, 'tuned')
    expect(audits.find(({ id }) => id === 'cutShort')).toMatchObject({ outcome: 'warn', found: 3 })
    expect(figures.get('latencyP95')?.doubts).toMatchObject([
      { code: 'auditUnclear', details: { audit: 'cutShort' } },
    ])
  })

  it('compare cut answers by sample if the temperature is 0', () => {
    // both sides cut the samples c0 to c9, but one asks them twice as often
    const alter = (request: RequestRecord): RequestRecord =>
      Number(request.sample.slice(1)) < 10 ? { ...request, doneReason: 'length' } : request
    const trials = {
      native: roundsOf('native', 3, () => ({ alter })),
      tuned: roundsOf('tuned', 3, () => ({
        alter: (request) =>
          alter({ ...request, sample: `c${request.index % 2 ? 3 : request.index % 40}` }),
      })),
    }
    const outcome = (options: object) => {
      const [one, other] = pair.configs
      const configs = [one, other].map((each) => ({ ...each!, options }))
      const analysis = analysisOf(
        experimentOf(configs as typeof pair.configs, { rounds: 3 }),
        trials,
      )
      return configOf(analysis, 'tuned').audits.find(({ id }) => id === 'cutShort')?.outcome
    }
    expect(outcome({})).toBe('fail')
    expect(outcome({ temperature: 0 })).toBe('pass')
  })
})
