/**
 * Compares reports byte for byte. Each folder of test/golden holds an experiment, its stored results and the expected
 * reports.
 */
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { drawChart } from '../../src/charts/draw-chart.ts'
import { renderReport, reportCharts } from '../../src/report/report.ts'
import { isUpdating } from '../support/expected-files.ts'
import { readExperiment, storedInput } from './support/golden.ts'
import { runs } from './support/golden-runs.ts'
import { writeRun } from './support/simulated-run.ts'

const cases = [
  ['recorded', 'figures out of a document'],
  ['pending', 'figures out of a document, and a config that is not measured yet'],
  [
    'documents',
    'several runs, spreads, facts and a log out of documents, beside a measured config',
  ],
  ['rounds', 'four configs, six rounds, and words of the experimenter'],
  ['levels', 'two configs at four levels of their load, and how much they can serve'],
  ['one-round', 'one round'],
  ['failures', 'trials and requests that failed'],
  ['two-samples', 'a dataset of two samples'],
  ['seven-configs', 'seven configs: tables on their side'],
  ['two-models', 'two quantisations of a model, and another model that answers shorter'],
  ['grid', 'a grid: what each factor is worth'],
  ['race', 'a race between settings, and the confirmation of its winner'],
  ['stand-in', 'the embedded engine in the place of the servers'],
  ['hostile', 'text that would like to be something else'],
] as const

describe.each(cases)('%s: %s', (name) => {
  const folder = `test/golden/${name}`
  const experiment = readExperiment(`${folder}/experiment.yaml`)
  it.each(experiment.locales)('%s', async (locale) => {
    // Results are written once and never again, so that results of earlier formats stay tested.
    if (isUpdating() && !existsSync(`${folder}/results`))
      for (const run of runs[name] ?? []) writeRun(experiment, folder, run)
    const report = renderReport(await storedInput(experiment, folder, locale))
    const file = locale === 'zh-CN' ? 'expected.md' : `expected.${locale}.md`
    await expect(report).toMatchFileSnapshot(`../golden/${name}/${file}`)
  })
  it.each(experiment.locales)('its charts: %s', async (locale) => {
    for (const chart of reportCharts(await storedInput(experiment, folder, locale)))
      await expect(drawChart(chart)).toMatchFileSnapshot(
        `../golden/${name}/charts/${chart.kind}.${locale}.svg`,
      )
  })
})
