/** Limits what a reader of the docker-opt report sees before unfolding anything. */
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { unfolded } from '../support/report-parts.ts'
import { readExperiment, storedInput } from './support/golden.ts'

/**
 * Characters (Unicode code points) of the Markdown outside `<details>`, of the report as it was before it had notes
 * about how sure its figures are. Nothing that was added since may make a reader read more.
 */
const before = { 'zh-CN': 8047, en: 12_287 } as const

describe('the report of docker-opt', () => {
  const experiment = readExperiment('experiments/docker-opt.yaml')

  it.each(experiment.locales)(
    'shows no more characters outside folded parts: %s',
    async (locale) => {
      const report = renderReport(await storedInput(experiment, 'reports/docker-opt', locale))
      const shown = Array.from(unfolded(report)).length
      expect(shown).toBeLessThanOrEqual(before[locale])
      expect(shown).toBeLessThan(Array.from(report).length)
      // So that the limit cannot be kept by folding away the answer.
      for (const { id, statement } of experiment.hypotheses)
        expect(unfolded(report)).toContain(`${id} ${statement}`)
    },
  )
})
