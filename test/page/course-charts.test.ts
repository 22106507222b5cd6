/** The course of a trial: its requests over its time. */
import { describe, expect, it } from 'vitest'
import type { Analysis } from '../../src/analysis/analysis.ts'
import { drawChart } from '../../src/charts/draw-chart.ts'
import { courseCharts } from '../../src/page/course-charts.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { RequestTable } from '../../src/results/request-table.ts'
import type { StoredTrial } from '../../src/results/store.ts'
import { native, rounds, tuned } from '../analysis/claims.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { experimentOf } from '../report/support/analysis.ts'
import { headerOf, requestOf } from '../results/sample-trial.ts'
import { pageWords } from './words.ts'

const trials = { native: rounds('native', 3, (round) => ({ pace: 1 + round / 10 })) }
const analysis = analysisOf(experimentOf([native, tuned], { rounds: 3 }), { ...trials, tuned: [] })

async function chartsOf(requests: readonly RequestRecord[], from: Analysis = analysis) {
  const read: string[] = []
  const table = new RequestTable()
  for (const request of requests) table.push(request)
  const charts = await courseCharts(from, pageWords(), (file) => {
    read.push(file)
    const stored: StoredTrial = {
      file,
      digest: 'sha256:0',
      header: headerOf({}),
      evidence: [],
      requests: table,
      truncated: false,
    }
    return Promise.resolve(stored)
  })
  const [chart] = charts
  if (chart?.kind !== 'course') throw new Error('no chart')
  return { charts, chart, read }
}

const requests = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    requestOf(index, { sentMs: index * 10, endMs: index * 10 + (index === 777 ? 5000 : 40) }),
  )

describe('the course of a trial', () => {
  it('is that of the trial in the middle, for each config that has trials', async () => {
    const { charts, read, chart } = await chartsOf(requests(3))
    expect(charts).toHaveLength(1)
    expect(read).toEqual([trials.native[1]?.file])
    expect(chart.title).toContain('round 2')
  })

  it('is that of an outlier, if there is one', async () => {
    const outlier = { config: 'native', round: 3, ratio: 1.5 }
    const outliers = [outlier as Analysis['outliers'][number]]
    expect((await chartsOf(requests(3), { ...analysis, outliers })).read).toEqual([
      trials.native[2]?.file,
    ])
  })

  it('has a point for each measured request, and marks those that failed', async () => {
    const warmup = requestOf(3, { phase: 'warmup' })
    const failed = requestOf(4, { sentMs: 90, endMs: 95, outcome: 'reset' })
    const { chart } = await chartsOf([warmup, ...requests(2), failed])
    expect(chart.points.map(({ at, ms, failed = false }) => [at, ms, failed])).toEqual([
      [0, 40, false],
      [0.01, 40, false],
      [0.09, 5, true],
    ])
    expect(chart.failed).toBe('Failed requests')
    expect(chart.alt).toContain('3 requests, the slowest took 40.00 ms, 1 failed')
  })

  it('keeps the slowest of many requests, says that it left some out, and stays small', async () => {
    const { chart } = await chartsOf(requests(300_000))
    expect(chart.points.length).toBeLessThanOrEqual(300)
    expect(Math.max(...chart.points.map(({ ms }) => ms))).toBe(5000)
    expect(chart.notes.join()).toContain('of 300,000 requests')
    expect(Buffer.byteLength(drawChart(chart))).toBeLessThan(60_000)
  })
})
