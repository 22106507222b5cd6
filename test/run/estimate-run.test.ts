import { describe, expect, it } from 'vitest'
import { estimateRun } from '../../src/run/estimate-run.ts'
import { prepareRun } from '../../src/run/prepare-run.ts'
import { experimentOf, testRun } from './test-run.ts'

describe('estimateRun', () => {
  it('names the configs whose probe failed, and throws if all probes failed', async () => {
    const some = await testRun({ troubles: { failing: ['two'] } })
    const prepared = await prepareRun(
      experimentOf('rounds: 2'),
      { hasRealResults: false },
      some.deps,
    )
    const { estimateMs, failedProbes } = await estimateRun(prepared, some.deps)
    expect(estimateMs).toBeGreaterThan(0)
    expect(failedProbes.map(({ config }) => config)).toEqual(['two'])
    const none = await testRun({ troubles: { failing: ['one', 'two'] } })
    await expect(estimateRun(prepared, none.deps)).resolves.toBeDefined()
    const failingRun = await prepareRun(
      experimentOf('rounds: 2'),
      { hasRealResults: false },
      none.deps,
    )
    await expect(estimateRun(failingRun, none.deps)).rejects.toThrow('no config answered its probe')
  })
})
