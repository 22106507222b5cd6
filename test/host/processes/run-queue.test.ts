import { describe, expect, it } from 'vitest'
import { openRunQueue, parseSchedstat } from '../../../src/host/processes/run-queue.ts'

const parse = (text: string) => parseSchedstat(Buffer.from(text), text.length)

describe('parseSchedstat', () => {
  it('converts nanoseconds to milliseconds', () => {
    expect(parse('122891604 320188048 147\n')).toEqual({
      waitedMs: 320.188048,
      slices: 147,
    })
  })

  it.each(['', '0\n', '1 2 3 4', 'a b c'])('does not read `%s`', (text) => {
    expect(parse(text)).toBeUndefined()
  })
})

describe('openRunQueue', () => {
  it('says why the times are missing where the system has no such file', () => {
    const { runQueue, runQueueMissing } = openRunQueue('/nowhere/schedstat')
    expect(runQueue()).toBeUndefined()
    expect(runQueueMissing).toBe('this system has no /nowhere/schedstat')
  })

  it('says so where the file holds no times', () => {
    expect(openRunQueue('/dev/null').runQueueMissing).toBe('/dev/null gives no times')
  })

  it.runIf(process.platform === 'linux')(
    'counts how many times this thread got a CPU',
    async () => {
      const { runQueue } = openRunQueue()
      const before = runQueue()
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(runQueue()?.slices).toBeGreaterThan(before?.slices ?? NaN)
    },
  )
})
