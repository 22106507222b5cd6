import { describe, expect, it } from 'vitest'
import { experimentOf, run, testRun } from './test-run.ts'

const levels = `  one: {target: process, load: {users: [1, 2, 3], requests: 6}}
  two: {target: process, env: {OLLAMA_NUM_PARALLEL: 2}}`
const order = ['one-users-1', 'one-users-2', 'one-users-3']

/** The stored trials by position, without those of `two`. */
async function measured(dying: readonly string[] = []) {
  const starts: string[] = []
  const here = await testRun({ troubles: { dying } })
  const { driver } = here.deps
  const counting: typeof driver = (kind) => {
    const own = driver(kind)
    return {
      ...own,
      start: (config, signal) => {
        starts.push(config.key)
        return own.start(config, signal)
      },
    }
  }
  await run(
    { ...here, deps: { ...here.deps, driver: counting } },
    experimentOf('rounds: 2\nkeep: {prompts: text}', levels),
  )
  const trials = (await here.store.list()).filter(({ header }) => header.config !== 'two')
  return {
    starts,
    trials: trials.toSorted((a, b) => a.header.position - b.header.position),
  }
}

describe('levels of a load', () => {
  it('share one start of a server, which each of their trials names', async () => {
    const { starts, trials } = await measured()
    expect(starts.filter((key) => key !== 'two')).toEqual(['one-users-1', 'one-users-3'])
    expect(trials.map(({ header }) => header.config)).toEqual([...order, ...order.toReversed()])
    const [first, , , second] = trials.map(({ header }) => header.position)
    expect(trials.map(({ header }) => header.start)).toEqual([
      ...[first, first, first, second, second, second],
    ])
    expect(trials.map(({ end }) => end?.outcome)).toEqual(order.concat(order).map(() => 'ended'))
  })

  it('do not overlap: a level begins when every request of the one before has ended', async () => {
    const { trials } = await measured()
    for (const [index, { end }] of trials.entries()) {
      const next = trials[index + 1]
      if (next === undefined) continue
      expect(Date.parse(next.header.startedAt)).toBeGreaterThanOrEqual(Date.parse(end!.endedAt))
      expect(end!.counts.cancelled).toBe(0)
    }
  })

  it('get a new server if theirs died', async () => {
    const { starts, trials } = await measured(['one-users-1'])
    expect(starts.filter((key) => key !== 'two')).toEqual([
      ...['one-users-1', 'one-users-2', 'one-users-3'],
    ])
    expect(trials.map(({ end }) => end?.outcome)).toEqual([
      ...['failed', 'ended', 'ended', 'ended', 'ended', 'ended'],
    ])
    const positions = trials.map(({ header }) => header.position)
    expect(trials.map(({ header }) => header.start)).toEqual([
      ...[positions[0], positions[1], positions[1], positions[3], positions[3], positions[3]],
    ])
  })
})
