/** Settings without effect, threads with an effect, and two configs without a difference. */
import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { expectOnlyCause, measureAndDiagnose, provenCauses, timeoutMs } from './measure.ts'

// On both sides requests wait for the one slot and answers are cut off, so chance could name these causes. The limit of
// 5 % holds for all six parts together, so each part may do so in 5 % / 6 of the runs.
const workload = `  options: {temperature: 0, num_predict: 8, num_ctx: 512, num_thread: 1}
  load: {users: 2, requests: 10}
  warmup: {requests: 1}`

it(
  'finds a variable that the server does not read, and no cause of a difference',
  async () => {
    const result = await measureAndDiagnose({
      workload,
      configs: `  base: {target: embedded}
  threads: {from: base, env: {OLLAMA_NUM_THREADS: 8}}`,
    })
    expect(result.settings.map(({ cause }) => cause)).toEqual(['not-read'])
    expect(result.settings[0]?.evidence).toContainEqual({
      code: 'setting.threads',
      values: { config: { config: 'threads' }, threads: { unit: 'count', value: 1 } },
    })
    expect(provenCauses(result)).toEqual([])
    expect(result.report).toContain('export OLLAMA_NUM_THREADS=8  # not read by the server')
    expect(result.report).toContain('use the request option `num_thread` instead')
  },
  timeoutMs,
)

it(
  'names no cause if two configs differ in nothing that matters',
  async () => {
    const result = await measureAndDiagnose({
      workload,
      configs: `  base: {target: embedded, options: {seed: 1}}
  same: {from: base, options: {seed: 2}}`,
    })
    expect(provenCauses(result)).toEqual([])
    expect(result.settings).toEqual([])
    expect(result.report).not.toContain('Most critical')
  },
  timeoutMs,
)

it(
  'finds more threads than cores',
  async () => {
    const result = await measureAndDiagnose({
      workload: `  options: {temperature: 0, seed: 1, num_predict: 1, num_ctx: 512}
  load: {users: 1, requests: 6}
  warmup: {requests: 0}`,
      configs: `  base: {target: embedded, options: {num_thread: 1}}
  many: {from: base, options: {num_thread: ${availableParallelism() + 1}}}`,
    })
    const { ms } = expectOnlyCause('threads', result)
    expect(ms.prefill).toBeGreaterThan(0)
  },
  timeoutMs,
)
