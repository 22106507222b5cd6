import { describe, expect, it } from 'vitest'
import type { TimingErrors } from '../../src/results/timing-errors.ts'
import { renderReport } from '../../src/report/report.ts'
import { experimentOf, inputOf, measuredConfig } from '../report/support/analysis.ts'
import { unfolded } from '../support/report-parts.ts'
import { analysisOf, configOf, roundsOf } from './simulated-analysis.ts'
import { simulateTrial, type Simulation } from './simulate.ts'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import { timingErrorDoubts } from '../../src/analysis/timing-error.ts'
import { metricById } from '../../src/metrics/catalog.ts'

const statistics = (ms: number) => ({
  meanMs: ms,
  p50Ms: ms,
  p90Ms: 2 * ms,
  p95Ms: 3 * ms,
  p99Ms: 4 * ms,
})
const timingOf = (ms: number, fields: Partial<TimingErrors> = {}): TimingErrors => ({
  requests: 300,
  latency: statistics(ms),
  firstToken: statistics(ms / 2),
  ...fields,
})
const withTiming = (timing?: TimingErrors): Pick<Simulation, 'end'> => ({
  end: {
    client: {
      loopDelayP99Ms: 1.2,
      loopDelayIdleP99Ms: 1.1,
      cpuMs: 300,
      ...(timing === undefined ? {} : { timing }),
    },
  },
})
const figuresOf = (timing?: TimingErrors, simulation: Simulation = {}) =>
  summariseTrial(simulateTrial({ ...simulation, ...withTiming(timing) })).figures
const errorIn = (id: string, timing?: TimingErrors, simulation?: Simulation) =>
  figuresOf(timing, simulation).get(id)?.timingError

describe('the timing error of a figure', () => {
  it('is not known, and not 0, without an estimate', () => {
    expect(errorIn('latencyMean')).toBeUndefined()
    expect(figuresOf().get('latencyMean')?.value).toBeGreaterThan(0)
  })

  it.each([
    ['latencyMean', 1],
    ['latencyP50', 1],
    ['latencyP95', 3],
    ['latencyP99', 4],
    ['latencyMax', 4],
    ['ttftMean', 0.5],
    ['ttftP95', 1.5],
    ['outside', 1],
  ])('of %s is the same statistic of the errors', (id, value) => {
    expect(errorIn(id, timingOf(1))).toEqual({ value, calibrated: false })
  })

  it('of a rate in a closed loop is that of the mean latency, in percent', () => {
    const figures = figuresOf(timingOf(1))
    const [qps, latency] = ['qps', 'latencyMean'].map((id) => figures.get(id)?.value ?? NaN)
    expect(figures.get('qps')?.timingError?.value).toBeCloseTo((qps ?? NaN) / (latency ?? NaN), 10)
  })

  it('of a rate in an open loop is not one of the load generator', () => {
    expect(errorIn('qps', timingOf(1), { ratePerSecond: 5 })).toBeUndefined()
  })

  it('of the time per token is the part of the errors of both ends that does not cancel', () => {
    expect(errorIn('tpot', timingOf(1))?.value).toBeCloseTo(0.5 / 13, 10)
  })

  it('does not exist for figures that the server reports', () => {
    expect(errorIn('decodeSpeed', timingOf(1))).toBeUndefined()
    expect(errorIn('prefill', timingOf(1))).toBeUndefined()
  })

  it('is scaled by the calibration of the machine', () => {
    const calibration = { takenAt: '2026-11-30T20:00:00+00:00', factor: 2, offsetMs: 0.25 }
    const timing = timingOf(1, { calibration })
    expect(errorIn('latencyP95', timing)).toEqual({ value: 6.25, calibrated: true })
    expect(errorIn('tpot', timing)?.value).toBeCloseTo(1 / 13, 10)
  })
})

const pair = experimentOf([measuredConfig('a'), measuredConfig('b', { from: 'a' })], { rounds: 3 })

/** `b` takes 4 % longer than 110 ms; the load generator reads its answers `lateMs` late, those of `a` at once. */
function analysed(lateMs: number, lateMsOfA = 0) {
  const service = { noise: 0.01, prefillMs: 20, decodeMs: 90 }
  const late = (ms: number) => {
    const always = { meanMs: ms, p50Ms: ms, p90Ms: ms, p95Ms: ms, p99Ms: ms }
    return withTiming({ requests: 300, latency: always, firstToken: always })
  }
  return analysisOf(pair, {
    a: roundsOf('a', 3, () => ({ ...service, ...late(lateMsOfA) })),
    b: roundsOf('b', 3, () => ({ ...service, pace: 1.04, ...late(lateMs) })),
  })
}
const changeIn = (analysis: ReturnType<typeof analysed>) =>
  analysis.comparisons[0]?.changes.get('latencyMean')

describe('a difference', () => {
  it('is marked if the errors of both sides differ by less', () => {
    const change = changeIn(analysed(0.5))
    expect(change?.mark).toBe('worse')
    expect(change?.hiddenByTimingError).toBeUndefined()
  })

  it('has an interval that contains the difference of the errors, and then no mark', () => {
    const change = changeIn(analysed(4.9))
    expect(change?.interval?.low).toBeLessThan(0)
    expect(change?.interval?.high).toBeGreaterThan(8)
    expect(change).toMatchObject({ mark: 'unknown', hiddenByTimingError: true })
  })

  it('is not widened by errors that both sides have', () => {
    const change = changeIn(analysed(4.9, 4.9))
    expect(change?.mark).toBe('worse')
  })
})

describe('clientBound', () => {
  const auditIn = (timing: TimingErrors) =>
    summariseTrial(simulateTrial(withTiming(timing))).audits.find(({ id }) => id === 'clientBound')

  it('is decided by the mean of the error, not by the delay of the event loop or one late answer', () => {
    expect(auditIn(timingOf(0.1))).toMatchObject({ outcome: 'pass', numbers: { readDelayMs: 0.1 } })
    expect(auditIn(timingOf(6))).toMatchObject({ outcome: 'fail', numbers: { readDelayMs: 6 } })
  })

  it('warns, but does not fail, if only high quantiles contain much of the error', () => {
    const oneLate = { meanMs: 0.4, p50Ms: 0.1, p90Ms: 0.4, p95Ms: 0.5, p99Ms: 40 }
    expect(auditIn({ ...timingOf(1), latency: oneLate })).toMatchObject({
      outcome: 'warn',
      numbers: { readDelayMs: 0.4, late: expect.stringContaining('latencyP99') as string },
    })
    const small = { meanMs: 0.2, p50Ms: 0.1, p90Ms: 0.2, p95Ms: 0.3, p99Ms: 0.5 }
    expect(auditIn({ ...timingOf(0.1), latency: small })).toMatchObject({ outcome: 'pass' })
  })

  it('adds a doubt to the figures that contain much of the error, and to no other', () => {
    const late = { meanMs: 0.4, p50Ms: 0.1, p90Ms: 0.4, p95Ms: 0.5, p99Ms: 40 }
    const timing = withTiming({ ...timingOf(0.1), latency: late })
    const analysis = analysisOf(pair, {
      a: roundsOf('a', 3, () => timing),
      b: roundsOf('b', 3, () => timing),
    })
    const { figures, audits } = configOf(analysis, 'a')
    const doubtsOf = (id: string) => figures.get(id)?.doubts.map(({ code }) => code) ?? []
    expect(audits.find(({ id }) => id === 'clientBound')?.outcome).toBe('warn')
    expect(doubtsOf('latencyP99')).toContain('timingError')
    expect(doubtsOf('latencyP99')).not.toContain('audit')
    expect(doubtsOf('latencyMean')).not.toContain('timingError')
    expect(renderReport(inputOf(pair, analysis, { locale: 'en' }))).toContain(
      'the delay is more than 5% of P99 latency',
    )
  })
})

it('doubts all of a figure of zero, unless nothing was read late', () => {
  const metric = metricById('ttftMean')
  if (metric === undefined) throw new Error('there is no such metric')
  const doubtsOf = (error: number) =>
    timingErrorDoubts(metric, { value: 0, timingError: { value: error, calibrated: true } })
  expect(doubtsOf(0.1)).toEqual([{ code: 'timingError', details: { timingErrorPercent: 100 } }])
  expect(doubtsOf(0)).toEqual([])
})

describe('a report', () => {
  const reportOf = (locale: 'en' | 'zh-CN', ...args: Parameters<typeof analysed>) =>
    renderReport(inputOf(pair, analysed(...args), { locale }))

  it.each([
    ['en', 'may explain the change of', '0.50 ms late on average and 0.50 ms late at P99'],
    ['zh-CN', '足以解释', '平均最多晚 0.50 ms，P99 最多晚 0.50 ms'],
  ] as const)('states the error in the folded block: %s', (locale, hidden, text) => {
    const report = reportOf(locale, 0.5)
    expect(report).toContain(text)
    expect(unfolded(report)).not.toContain(text)
    expect(report).not.toContain(hidden)
  })

  it.each([
    ['en', 'that it may explain the change of'],
    ['zh-CN', '足以解释'],
  ] as const)(
    'says outside of folded blocks that the error hides a difference: %s',
    (locale, text) => {
      expect(unfolded(reportOf(locale, 4.9))).toContain(text)
    },
  )

  it('says for how many trials the error is not known', () => {
    const noTiming = analysisOf(pair, {
      a: roundsOf('a', 3, () => withTiming()),
      b: roundsOf('b', 3, () => withTiming(timingOf(1))),
    })
    const report = renderReport(inputOf(pair, noTiming, { locale: 'en' }))
    expect(report).toContain('For 3 of 6 trials the error is not known.')
  })

  it('does not mention it if no record has an estimate', () => {
    const old = analysisOf(pair, {
      a: roundsOf('a', 3, () => withTiming()),
      b: roundsOf('b', 3, () => withTiming()),
    })
    const report = renderReport(inputOf(pair, old, { locale: 'en' }))
    expect(report).not.toContain('timing error')
  })
})
