/** A short form of `npm run fuzz`, with the same inputs each time. */
import { describe, expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'

describe('damaged files of a project end in a message, within 10 s of CPU and 512 MB', () => {
  it.each([
    ['experiment', 100],
    ['result', 30],
    ['lock', 30],
    ['block', 10],
    ['template', 20],
    ['pack', 20],
  ] as const)('%s', async (kind, count) => {
    const { problems, inputs } = await fuzz(kind, 20_250_806, count)
    expect(problems).toEqual([])
    expect(inputs).toBe(count)
  })
})
