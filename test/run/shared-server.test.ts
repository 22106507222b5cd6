/** Cells of a grid that differ only in what requests say are measured on one start of the server. */
import { describe, expect, it } from 'vitest'
import { planTrials } from '../../src/experiment/plan.ts'
import { estimateRun } from '../../src/run/estimate-run.ts'
import { prepareRun } from '../../src/run/prepare-run.ts'
import { experimentOf, run, testRun } from './test-run.ts'

const grid = (rest = '') =>
  experimentOf(
    `vary: {env: {SLOTS: [1, 2]}, load: {users: [1, 2]}, options: {num_ctx: [1, 2]}}\n${rest}`,
    '  base: {target: process}',
  )

describe('the plan of a grid', () => {
  const { trials } = planTrials(grid('rounds: 2'), { random: () => 0.5 })

  it('has the cells of one start beside each other, and everything reversed in the next round', () => {
    const slots = trials.map(({ config }) => config.slice(0, 'slots-1'.length))
    expect(new Set(slots.slice(0, 4)).size).toBe(1)
    expect(new Set(slots.slice(4, 8)).size).toBe(1)
    const configs = trials.map(({ config }) => config)
    expect(configs.slice(8)).toEqual(configs.slice(0, 8).toReversed())
  })

  it('numbers the starts', () => {
    expect(trials.map(({ start }) => start)).toEqual([
      ...[1, 1, 1, 1, 2, 2, 2, 2],
      ...[3, 3, 3, 3, 4, 4, 4, 4],
    ])
  })

  it('gives other configs a server of their own', () => {
    const plain = planTrials(experimentOf('rounds: 2'), { random: () => 0.5 })
    expect(plain.trials.map(({ start }) => start)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('a run of a grid', () => {
  it('starts one server for all cells that need no other one, and its records name the start', async () => {
    const here = await testRun()
    const outcome = await run(here, grid('rounds: 2'))
    expect(outcome.trials.map(({ outcome: { outcome: how } }) => how)).toEqual(
      Array.from({ length: 16 }, () => 'ended'),
    )
    const kinds = here.events.map((event) => event.split(' ')[0])
    expect(kinds.join(' ')).toBe(
      Array.from({ length: 4 }, () => 'start prepare prepare prepare stop').join(' '),
    )
    const headers = (await here.store.list()).map(({ header }) => header)
    for (const { position, start } of headers)
      expect(start).toBe(Math.floor((position - 1) / 4) * 4 + 1)
  })

  it('starts a new server after a trial whose server died', async () => {
    const experiment = grid('rounds: 1')
    const planned = await prepareRun(experiment, { hasRealResults: false }, (await testRun()).deps)
    const [first = '', second] = planned.trials.map(({ config }) => config)
    const here = await testRun({ troubles: { dying: [first] } })
    const outcome = await run(here, experiment)
    expect(outcome.trials.map(({ outcome: { outcome: how } }) => how)).toEqual([
      'failed',
      ...Array.from({ length: 7 }, () => 'ended'),
    ])
    expect(here.events.slice(0, 3)).toEqual([`start ${first}`, 'stop', `start ${second ?? ''}`])
    expect(here.events.filter((event) => event.startsWith('start'))).toHaveLength(3)
    expect(here.events.filter((event) => event === 'stop')).toHaveLength(3)
  })

  it('is resumed with the servers that the missing cells need', async () => {
    const here = await testRun()
    const experiment = grid('rounds: 2')
    const all = await prepareRun(experiment, { hasRealResults: false }, here.deps)
    const only = all.trials[1]?.config ?? ''
    await run(here, experiment, {
      resumption: {
        run: all.run,
        seed: all.seed,
        rounds: 2,
        largestPlannedRounds: 2,
        look: 1,
        standIn: false,
        isDone: (config) => config !== only,
      },
    })
    expect(here.events).toEqual([`start ${only}`, 'stop', `start ${only}`, 'stop'])
    const headers = (await here.store.list()).map(({ header }) => header)
    expect(headers.every(({ start, position }) => start === position)).toBe(true)
  })

  it('is probed with one server for each start', async () => {
    const here = await testRun()
    const prepared = await prepareRun(grid('rounds: 2'), { hasRealResults: false }, here.deps)
    const { failedProbes, estimateMs } = await estimateRun(prepared, here.deps)
    expect(failedProbes).toEqual([])
    expect(estimateMs).toBeGreaterThan(0)
    expect(here.events.filter((event) => event.startsWith('start'))).toHaveLength(2)
    expect(here.events.filter((event) => event === 'stop')).toHaveLength(2)
  })
})
