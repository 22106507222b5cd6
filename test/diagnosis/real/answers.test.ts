/** Work that differs between two configs: answers cut off on one side, prompts that only one side reads. */
import { expect, it } from 'vitest'
import { expectOnlyCause, measureAndDiagnose, timeoutMs } from './measure.ts'

it(
  'finds answers that are cut off on the faster side',
  async () => {
    const result = await measureAndDiagnose({
      workload: `  options: {temperature: 0, seed: 1, num_ctx: 512, num_thread: 1}
  load: {users: 1, requests: 6}
  warmup: {requests: 1}`,
      configs: `  base: {target: embedded, options: {num_predict: 2}}
  long: {from: base, options: {num_predict: 128}}`,
    })
    const { ms } = expectOnlyCause('cut-answers', result)
    expect(Object.keys(ms)).toEqual(['moreTokens'])
    expect(result.report).toContain('the length limit of base is 2 tokens')
    expect(result.report).toContain('### Now (high priority)')
  },
  timeoutMs,
)

it(
  'finds the cache that holds the prompts of the faster side',
  async () => {
    // About 1,700 tokens: reading them takes many times as long as everything else. Answers of some tokens keep the
    // pauses of the load generator between requests, up to a millisecond, a small share of the latency.
    const prompts = ['alpha', 'bravo'].map(
      (word) => `{id: ${word}, text: "${`${word} charlie delta echo foxtrot golf `.repeat(50)}"}`,
    )
    const result = await measureAndDiagnose({
      samples: prompts,
      workload: `  options: {temperature: 0, seed: 1, num_predict: 32, num_ctx: 2048, num_thread: 1}
  load: {users: 1, requests: 6}
  warmup: {requests: 2}
  cache: as-is`,
      // One slot replaces its prompt by the next one, two slots keep one each.
      configs: `  base: {target: embedded, env: {OLLAMA_NUM_PARALLEL: 2}}
  forgetful: {from: base, env: {OLLAMA_NUM_PARALLEL: 1}}`,
    })
    const { ms } = expectOnlyCause('cache', result)
    expect(Object.keys(ms)).toEqual(['prefill'])
    expect(result.settings).toEqual([])
  },
  timeoutMs,
)
