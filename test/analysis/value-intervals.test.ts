import { describe, expect, it } from 'vitest'
import { configFigure } from '../../src/analysis/config-figures.ts'
import { requestsForInterval, roundsInterval } from '../../src/analysis/figure-interval.ts'
import type { Figure } from '../../src/analysis/figure.ts'
import { metricById, type Metric } from '../../src/metrics/catalog.ts'
import { logHistogram } from '../../src/stats/log-histogram.ts'
import { meanInterval } from '../../src/stats/interval.ts'
import { quantileOf, sorted } from '../../src/stats/quantile.ts'
import { measuredConfig } from '../report/support/analysis.ts'
import {
  trialsOf,
  trueMean,
  trueQuantile,
  withStragglers,
  type RequestTimes,
} from '../stats/request-times.ts'
import { resultOf, rounds, spread, value } from './claims.ts'
import type { Simulation } from './simulate.ts'
import { roundsOf } from './simulated-analysis.ts'

const metricsInClaims = ['latencyMean', 'latencyP50', 'latencyP95', 'latencyP99', 'throughput']
const designs = [3, 6, 10].flatMap((rounds) =>
  [20, 100, 400].map((requests) => ({ rounds, requests })),
)
const shapes = [withStragglers(0.1, 0.05), withStragglers(0.3, 0.02)]

/** The true value of a figure, in the unit of the simulated times. Throughput is the inverse of the mean time. */
function truthOf({ id, quantile }: Metric, times: RequestTimes): number {
  if (quantile !== undefined) return trueQuantile(times, quantile)
  return id === 'throughput' ? 1 / trueMean(times) : trueMean(times)
}

function figureOf(metric: Metric, trials: readonly Float64Array[]): Figure {
  const byRound = trials.map((ascending, index) => {
    const sum = ascending.reduce((total, time) => total + time, 0)
    const rounds = { run: 'r', round: index + 1, position: index + 1, n: ascending.length }
    if (metric.id === 'throughput') return { ...rounds, value: ascending.length / sum }
    if (metric.quantile === undefined) return { ...rounds, value: sum / ascending.length }
    return { ...rounds, value: quantileOf(ascending, metric.quantile), ascendingValues: ascending }
  })
  return { metric, n: 0, basedOn: 'requests', byRound, doubts: [] }
}

/**
 * The share of experiments whose 95 % interval contains the true value, and how wide that interval is: the median of
 * its width divided by the width of Student's t interval on the logarithms of the trials' figures.
 */
function coverageAndWidth(
  id: string,
  times: RequestTimes,
  { rounds, requests }: { readonly rounds: number; readonly requests: number },
  experiments: number,
) {
  const metric = metricById(id)!
  const truth = truthOf(metric, times)
  const draw = trialsOf(times, rounds * 1000 + requests)
  let covered = 0
  const widths = Array.from({ length: experiments }, () => {
    const trials = Array.from({ length: rounds }, () => sorted(draw(requests)))
    const figure = figureOf(metric, trials)
    const { low, high } = roundsInterval(figure, 0.95)!
    if (low <= truth && truth <= high) covered += 1
    const plain = meanInterval(
      figure.byRound.map(({ value }) => Math.log(value)),
      0.95,
    )!
    return (high - low) / (Math.exp(plain.high) - Math.exp(plain.low))
  })
  return { coverage: covered / experiments, width: quantileOf(sorted(widths), 0.5) }
}

const cells = metricsInClaims.flatMap((id) =>
  designs
    .filter(({ requests }) => {
      const { minSamples } = metricById(id)!
      return requests >= Math.max(minSamples, requestsForInterval(metricById(id)!))
    })
    .map((design) => ({ id, ...design })),
)

describe('the interval of a config’s own figure', () => {
  it.each(cells)(
    'contains the true value as often as promised: $id, $rounds rounds of $requests requests',
    ({ id, ...design }) => {
      const experiments = design.requests > 100 ? 100 : 200
      // at a true coverage of 93 %, chance leaves this bound once in 10,000 cells
      const least = 0.93 - 3.72 * Math.sqrt((0.93 * 0.07) / experiments)
      for (const shape of shapes) {
        const { coverage, width } = coverageAndWidth(id, shape, design, experiments)
        expect(coverage).toBeGreaterThan(least)
        // 1.2 to 1.4 for a P99, whose median over so few experiments varies
        expect(width).toBeLessThan(id === 'latencyP99' ? 1.7 : 1.3)
      }
    },
  )

  it('contains the true value too rarely for a mean of few requests, which often miss all slow ones', () => {
    const { coverage } = coverageAndWidth(
      'latencyMean',
      withStragglers(0.1, 0.02),
      { rounds: 3, requests: 20 },
      500,
    )
    expect(coverage).toBeLessThan(0.85)
    expect(requestsForInterval(metricById('latencyMean')!)).toBe(100)
  })

  it('is too wide for a P99 of 100 requests', () => {
    const { width } = coverageAndWidth('latencyP99', shapes[0]!, { rounds: 6, requests: 100 }, 200)
    expect(width).toBeGreaterThan(1.5)
    expect(requestsForInterval(metricById('latencyP99')!)).toBe(400)
  })
})

it.each([
  { metric: 'latencyMean', windowMs: 5000, code: 'indicated-for' },
  { metric: 'latencyMean', windowMs: 20_000, code: 'supported' },
  { metric: 'latencyP95', windowMs: 5000, code: 'supported' },
  { metric: 'latencyP99', windowMs: 20_000, code: 'indicated-for' },
])('a claim about $metric in a window of $windowMs ms is $code', ({ metric, windowMs, code }) => {
  const tuned = rounds('tuned', 6, (round) => ({ ...spread(1)(round), windowMs }))
  const { verdict } = resultOf({ claim: { ...value('<=', 400), metric }, tuned }).result
  expect(verdict.code).toBe(code)
  expect(verdict.weaknesses).toHaveLength(code === 'supported' ? 0 : 1)
})

it.each([
  { windowMs: 5000, requests: '20 to 99', codes: [['fewForTail'], []] },
  { windowMs: 20_000, requests: '100 to 399', codes: [[], ['fewForTail']] },
  { windowMs: 40_000, requests: '400 or more', codes: [[], []] },
])('P95 and P99 carry a doubt at $requests requests in a trial', ({ windowMs, codes }) => {
  const trials = roundsOf('native', 3, () => ({ windowMs }))
  const doubts = ['latencyP95', 'latencyP99'].map((id) =>
    configFigure(metricById(id)!, measuredConfig('native'), trials).doubts.map(({ code }) => code),
  )
  expect(doubts).toEqual(codes)
})

it.each([
  { outputTokens: 21, codes: [] },
  { outputTokens: 63, codes: [{ code: 'severalTokens', details: { tokens: 3 } }] },
])(
  'inter-token latency of answers of $outputTokens tokens in 21 arrivals',
  ({ outputTokens, codes }) => {
    const alter: Simulation['alter'] = (request) => ({
      ...request,
      outputTokens,
      tokenGaps: logHistogram(Array.from({ length: 20 }, () => 10)),
    })
    const trials = roundsOf('native', 3, () => ({ alter }))
    const figure = configFigure(metricById('itlP50')!, measuredConfig('native'), trials)
    expect(Math.abs((figure.value ?? NaN) / 10 - 1)).toBeLessThan(0.011)
    expect(figure.doubts).toEqual(codes)
  },
)
