/** Settings that really change nothing, threads that really do, and two configs that differ in nothing. */
import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { measured, minute, realMeasurements } from './measure.ts'

const workload = `  options: {temperature: 0, num_predict: 8, num_ctx: 512}
  load: {users: 1, requests: 8}
  warmup: {requests: 1}`

describe('settings', realMeasurements, () => {
  it(
    'finds a variable that the server does not read, and no cause of a difference',
    async () => {
      const { diagnosis, proven, report } = await measured({
        workload,
        configs: `  base: {target: embedded}
  threads: {from: base, env: {OLLAMA_NUM_THREADS: 8}}`,
      })
      expect(diagnosis.settings.map(({ cause }) => cause)).toEqual(['not-read'])
      expect(proven).toEqual([])
      expect(report).toContain('`OLLAMA_NUM_THREADS=8` of threads is not among the variables')
      expect(report).toContain('threads really uses 1 thread')
    },
    3 * minute,
  )

  it(
    'names no cause where two configs differ in nothing that matters',
    async () => {
      const { diagnosis, proven } = await measured({
        workload,
        configs: `  base: {target: embedded, options: {seed: 1}}
  same: {from: base, options: {seed: 2}}`,
      })
      expect(proven).toEqual([])
      expect(diagnosis.settings).toEqual([])
    },
    3 * minute,
  )

  it(
    'finds more threads than there are cores for them',
    async () => {
      const { findings, proven } = await measured({
        workload: `  options: {temperature: 0, seed: 1, num_predict: 1, num_ctx: 512}
  load: {users: 1, requests: 1}
  warmup: {requests: 0}`,
        samples: ['{id: s1, text: a}'],
        configs: `  base: {target: embedded, options: {num_thread: 1}}
  many: {from: base, options: {num_thread: ${availableParallelism() + 1}}}`,
      })
      expect(findings[0]?.cause).toBe('threads')
      expect(findings[0]?.totalMs).toBeGreaterThan(0)
      expect(proven.filter((cause) => cause !== 'threads')).toEqual([])
    },
    5 * minute,
  )
})
