/**
 * A folder a case: an experiment and its stored results, and the report that follows from them, byte for byte.
 * To renew reports on purpose: npx vitest run test/report/golden.test.ts -u, and read the diff.
 */
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { readExperiment, storedInput } from './support/golden.ts'
import { runs } from './support/golden-runs.ts'
import { writeRun } from './support/simulated-run.ts'

const cases = [
  ['recorded', 'figures out of a document'],
  ['pending', 'figures out of a document, and a config that is not measured yet'],
  ['rounds', 'four configs, six rounds, and words of the experimenter'],
  ['one-round', 'one round'],
  ['failures', 'trials and requests that failed'],
  ['two-samples', 'a dataset of two samples'],
  ['seven-configs', 'seven configs: tables on their side'],
  ['stand-in', 'the embedded engine in the place of the servers'],
  ['hostile', 'text that would like to be something else'],
] as const

describe.each(cases)('%s: %s', (name) => {
  const folder = `test/golden/${name}`
  const experiment = readExperiment(`${folder}/experiment.yaml`)
  // Stored results are made once, and stay.
  for (const run of runs[name] ?? [])
    if (!existsSync(`${folder}/results`)) writeRun(experiment, folder, run)

  it.each(experiment.locales)('%s', async (locale) => {
    const report = renderReport(await storedInput(experiment, folder, locale))
    const file = locale === 'zh-CN' ? 'expected.md' : `expected.${locale}.md`
    await expect(report).toMatchFileSnapshot(`../golden/${name}/${file}`)
  })
})
