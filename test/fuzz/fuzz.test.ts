/** A short form of `npm run fuzz`, with the same inputs each time. */
import { beforeAll, describe, expect, it } from 'vitest'
import { fuzz, type FuzzResult } from './fuzz.ts'
import type { Kind } from './inputs.ts'

const counts = { experiment: 100, result: 30, lock: 30, block: 10, template: 20, pack: 20 } as const

describe('damaged files of a project end in a message, within 10 s of CPU and 512 MB', () => {
  let results: readonly FuzzResult[] = []
  beforeAll(async () => {
    const tasks = Object.entries(counts).map(([kind, count]) => ({
      ...{ kind: kind as Kind, seed: 20_250_806, from: 0, count },
    }))
    results = await fuzz(tasks)
  }, 300_000)

  it.each(Object.entries(counts))('%s', (kind, count) => {
    const result = results.find((each) => each.kind === kind)
    expect(result?.problems).toEqual([])
    expect(result?.inputs).toBe(count)
  })
})
