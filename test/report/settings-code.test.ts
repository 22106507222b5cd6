import { expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

const threads = (key: string, count: number) =>
  measuredConfig(key, { label: `L${key}`, group: 'G', options: { num_thread: count } })

it('shows request options that several configs of a group share once, with all their labels', () => {
  const configs = [threads('a', 4), threads('b', 8), threads('c', 4)]
  const experiment = experimentOf(configs, { locales: ['en'], baseline: 'a' })
  const analysis = analysisOf(
    experiment,
    configs.map((config) => ({ config, figures: { latencyMean: 300 } })),
  )
  const report = renderReport(inputOf(experiment, analysis, { locale: 'en' }))
  const blocks = report.split('```').filter((part) => part.startsWith('yaml\noptions:'))
  expect(blocks.map((block) => block.split('\n').slice(1, 3))).toEqual([
    [expect.stringMatching(/# La, Lc: /), expect.stringMatching(/^ {2}num_thread: 4 /)],
    [expect.stringMatching(/# Lb: /), expect.stringMatching(/^ {2}num_thread: 8 /)],
  ])
})
