/**
 * The charts of simulated experiments with 100,000 requests a config, of which the slowest takes 136 times the median:
 * those of the report and those that only the page has, to look at in the contact sheet.
 */
import type { Chart } from '../../src/charts/chart.ts'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import type { Locale } from '../../src/format/locales.generated.ts'
import { courseCharts } from '../../src/page/course-charts.ts'
import { furtherCharts } from '../../src/page/further-charts.ts'
import { reportCharts } from '../../src/report/report.ts'
import type { StoredTrial } from '../../src/results/store.ts'
import { simulateTrial } from '../analysis/simulate.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { pageWords } from '../page/words.ts'
import { experimentOf, inputOf, measuredConfig } from '../report/support/analysis.ts'

const rounds = 6
const requestsOfTrial = Math.ceil(100_000 / rounds)
const slowest = 136

/** @param count the number of configs, at most 7 */
export async function chartsOfManyRequests(
  count: number,
  locale: Locale,
): Promise<readonly Chart[]> {
  const configs = Array.from({ length: count }, (_, index) =>
    measuredConfig(`config${index}`, {
      label:
        ['本机 (默认)', 'Native (tuned)', 'Docker', 'Docker (four slots)'][index] ??
        `第 ${index} 个配置`,
      ...(index > 0 && { from: 'config0' }),
    }),
  )
  const stored = new Map<string, StoredTrial>()
  const trials = Object.fromEntries(
    configs.map(({ key }, index) => [
      key,
      Array.from({ length: rounds }, (_, at) => {
        const trial = trialOf(key, index, at + 1)
        stored.set(trial.file, trial)
        return summariseTrial(trial)
      }),
    ]),
  )
  const hypotheses = configs.slice(1).map(({ key }, index) => ({
    id: `H${index + 1}`,
    statement: `${key} 的平均延迟至少降低 10%`,
    gate: false,
    claim: {
      kind: 'change' as const,
      metric: 'latencyMean',
      config: key,
      versus: 'config0',
      threshold: { comparator: '<=' as const, value: -10, text: '<= -10%' },
    },
  }))
  const experiment = experimentOf(configs, { rounds, hypotheses, baseline: 'config0' })
  const analysis = analysisOf(experiment, trials)
  const words = pageWords(locale)
  const read = (file: string) => Promise.resolve(stored.get(file)!)
  return [
    ...reportCharts(inputOf(experiment, analysis, { locale })),
    ...furtherCharts(analysis, words),
    ...(await courseCharts(analysis, words, read)),
  ]
}

function trialOf(config: string, index: number, round: number): StoredTrial {
  return simulateTrial({
    seed: 100 * index + round,
    requests: requestsOfTrial,
    pace: (1 + index / 4) * (index === 1 && round === 4 ? 2 : 1 + round / 200),
    header: {
      config,
      round,
      startedAt: new Date(Date.UTC(2026, 0, 1, round, index)).toISOString(),
    },
    alter: (request) =>
      request.index === 9000 ? { ...request, endMs: request.sentMs + slowest * 200 } : request,
  })
}
