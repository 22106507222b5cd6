/** Work that really differs: answers cut off on one side, prompts that only one side has to read. */
import { describe, expect, it } from 'vitest'
import { measured, minute, realMeasurements } from './measure.ts'

describe('answers and prompts', realMeasurements, () => {
  it(
    'finds answers that are cut off on the faster side',
    async () => {
      const { findings, proven } = await measured({
        workload: `  options: {temperature: 0, seed: 1, num_ctx: 512}
  load: {users: 1, requests: 6}
  warmup: {requests: 1}`,
        configs: `  base: {target: embedded, options: {num_predict: 4}}
  long: {from: base, options: {num_predict: 64}}`,
      })
      expect(findings[0]?.cause).toBe('cut-answers')
      expect(findings[0]?.ms.moreTokens).toBeGreaterThan(0)
      expect(proven.filter((cause) => cause !== 'answer-length')).toEqual(['cut-answers'])
      expect(findings.find(({ cause }) => cause === 'answer-length')?.totalMs ?? 0).toBe(0)
    },
    3 * minute,
  )

  it(
    'finds the cache that knows the prompts of the faster side',
    async () => {
      const prompts = ['alpha', 'bravo'].map(
        (word) => `{id: ${word}, text: "${`${word} charlie delta echo foxtrot golf `.repeat(20)}"}`,
      )
      const { findings, proven } = await measured({
        samples: prompts,
        workload: `  options: {temperature: 0, seed: 1, num_predict: 2, num_ctx: 2048}
  load: {users: 1, requests: 12}
  warmup: {requests: 2}
  cache: as-is`,
        // one slot forgets a prompt over the next, two keep one each
        configs: `  base: {target: embedded, env: {OLLAMA_NUM_PARALLEL: 2}}
  forgetful: {from: base, env: {OLLAMA_NUM_PARALLEL: 1}}`,
      })
      expect(findings[0]?.cause).toBe('cache')
      expect(findings[0]?.ms.prefill).toBeGreaterThan(0)
      expect(proven).toEqual(['cache'])
    },
    3 * minute,
  )
})
