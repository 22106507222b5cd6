import { describe, expect, it } from 'vitest'
import { changeInterval, changeValue, sidesOf } from '../../src/analysis/change.ts'
import { analyseConfig } from '../../src/analysis/config-analysis.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import { metricById, scoreMetric, type Metric } from '../../src/metrics/catalog.ts'
import { measuredConfig } from '../report/support/analysis.ts'
import { seededRandom } from '../support/random.ts'
import { roundsOf, trialsWith } from './simulated-analysis.ts'

const [template] = roundsOf('native', 1, () => ({}))
const okRate = metricById('okRate')!
const closeness = scoreMetric('closeness', 'closeness')
const run = template!.header.run

/** Trials in which these numbers of requests were ok. */
function trialsWithOk(counts: readonly number[], sent: number): readonly TrialSummary[] {
  return counts.map((ok, index) => ({
    ...template!,
    header: { ...template!.header, round: index + 1 },
    figures: new Map([
      ['okRate', { value: (ok / sent) * 100, n: sent, counts: { part: ok, whole: sent } }],
    ]),
  }))
}

/** One trial in which these samples had these scores. */
function trialWithScores(scores: readonly number[]): readonly TrialSummary[] {
  const bySample = scores.map((mean, index) => [`s${index}`, { mean, n: 1 }] as const)
  return [{ ...template!, scores: new Map([['closeness', new Map(bySample)]]) }]
}

function analysed(metric: Metric, trials: readonly TrialSummary[], key = 'native') {
  const planned = trials.length
  return analyseConfig(measuredConfig(key), { run, trials, planned }, [metric])
}

const figureOf = (metric: Metric, trials: readonly TrialSummary[]) =>
  analysed(metric, trials).figures.get(metric.id)!

function changeOf(metric: Metric, from: readonly TrialSummary[], to: readonly TrialSummary[]) {
  const sides = sidesOf(metric.id, analysed(metric, from), analysed(metric, to, 'tuned'))
  return changeInterval(sides!, 0.95)!
}

/** Share of 1,000 draws whose interval contains the truth. */
function coverage(truth: number, draw: () => { low: number; high: number }): number {
  const draws = Array.from({ length: 1000 }, draw)
  return draws.filter(({ low, high }) => low <= truth && truth <= high).length / draws.length
}

describe('the interval of a success rate', () => {
  it('is that of its counts if all rounds agree', () => {
    const all = trialsWithOk([22, 22, 22], 22)
    const { low, high } = figureOf(okRate, all).interval!
    // Wilson: 66 / (66 + 1.96²)
    expect(low).toBeCloseTo(94.5, 1)
    expect(high).toBe(100)
    const change = changeOf(okRate, all, all)
    expect(change.low).toBeCloseTo(-5.5, 1)
    expect(change.high).toBeCloseTo(5.5, 1)
  })

  it('is that of the rounds if they differ more than chance, and stays within 0 and 100 %', () => {
    const { low, high } = figureOf(okRate, trialsWithOk([40, 40, 10], 40)).interval!
    expect([low, high]).toEqual([0, 100])
  })

  it('contains the true rate of 99 % in nine of ten experiments of 3 rounds of 40 requests', () => {
    const random = seededRandom(3)
    const trials = () => {
      const counts = Array.from({ length: 3 }, () => {
        return Array.from({ length: 40 }, random).filter((draw) => draw < 0.99).length
      })
      return trialsWithOk(counts, 40)
    }
    expect(coverage(99, () => figureOf(okRate, trials()).interval!)).toBeGreaterThan(0.9)
    expect(coverage(0, () => changeOf(okRate, trials(), trials()))).toBeGreaterThan(0.9)
  })
})

it('is absent for the share of a model in GPU memory, which does not vary by chance', () => {
  const gpuShare = metricById('gpuShare')!
  const trials = (value: number) => trialsWith(template!, 'gpuShare', [value, value, value])
  expect(figureOf(gpuShare, trials(100)).interval).toBeUndefined()
  const sides = sidesOf(
    'gpuShare',
    analysed(gpuShare, trials(100)),
    analysed(gpuShare, trials(60), 'tuned'),
  )
  expect(changeValue(sides!)).toBe(-40)
  expect(changeInterval(sides!, 0.95)).toBeUndefined()
})

describe('the interval of a closeness', () => {
  it.each([2, 10, 40])('of %d equal samples follows the rule of three', (samples) => {
    const scores = trialWithScores(Array.from({ length: samples }, () => 0.8))
    const reach = (100 * 1.96 ** 2) / (samples + 1.96 ** 2)
    const own = figureOf(closeness, scores).interval!
    expect(own.low).toBeCloseTo(80 - reach, 1)
    expect(own.high).toBeCloseTo(Math.min(100, 80 + reach), 1)
    const change = changeOf(closeness, scores, scores)
    expect(change.low).toBeCloseTo(-reach, 1)
    expect(change.high).toBeCloseTo(reach, 1)
  })

  it('is Student’s t over the samples if that is wider', () => {
    const scores = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 0.01 : 0.99))
    const { low, high } = figureOf(closeness, trialWithScores(scores)).interval!
    // mean 50, standard error 11.24, t 2.093
    expect(low).toBeCloseTo(50 - 23.53, 1)
    expect(high).toBeCloseTo(50 + 23.53, 1)
  })

  it.each([
    { how: 'by the same', lossOf: () => 0.5 },
    { how: 'by any amount', lossOf: (random: () => number) => random() },
  ])(
    'contains the true score in nine of ten experiments if one of 10 samples differs $how',
    ({ lossOf }) => {
      const random = seededRandom(10)
      const usual = Array.from({ length: 10 }, () => 0.9)
      const drawn = () =>
        trialWithScores(
          usual.map((score) => (random() < 0.1 ? score - 0.8 * lossOf(random) : score)),
        )
      // each differs with a probability of 10 %, by 40 points on average
      expect(coverage(86, () => figureOf(closeness, drawn()).interval!)).toBeGreaterThan(0.9)
      expect(
        coverage(-4, () => changeOf(closeness, trialWithScores(usual), drawn())),
      ).toBeGreaterThan(0.9)
    },
  )
})
