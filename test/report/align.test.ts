import { expect, it } from 'vitest'
import type { MeasuredConfig } from '../../src/experiment/experiment.ts'
import { renderReport } from '../../src/report/report.ts'
import { readExperiment, storedInput } from './support/golden.ts'

const folder = 'test/golden/rounds'
const claim = 'differ only in how they are deployed'

/** The report after a change of the slower config's settings. */
async function reportWith(change: Partial<Pick<MeasuredConfig, 'options' | 'env'>>) {
  const input = await storedInput(readExperiment(`${folder}/experiment.yaml`), folder, 'en')
  const configs = input.analysis.configs.map((each) =>
    each.config.key === 'docker-optimized'
      ? { ...each, config: { ...each.config, ...change } }
      : each,
  )
  return renderReport({ ...input, analysis: { ...input.analysis, configs } })
}

it('aligned settings leave no other difference, or are not offered', async () => {
  expect(await reportWith({})).toContain(claim)
  expect(await reportWith({ options: { num_ctx: 8192 } })).not.toContain(claim)
  const env = {
    OLLAMA_NUM_PARALLEL: '2',
    OLLAMA_KV_CACHE_TYPE: 'q8_0',
    OLLAMA_FLASH_ATTENTION: '1',
  }
  expect(await reportWith({ env })).not.toContain(claim)
})
