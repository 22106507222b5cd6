import { describe, expect, it } from 'vitest'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { seededRandom } from '../../src/run/random.ts'
import { resumptionOf } from '../../src/run/resumption.ts'
import type { RunDeps } from '../../src/run/run.ts'
import { defaultConfigs, experimentOf, order, run, testRun, type TestRun } from './test-run.ts'

describe('resumptionOf', () => {
  const options = {
    dropped: new Set<string>(),
    tool: { name: 'exp-notebook', version: '0.1.0', node: '20' },
    machine: { id: 'machine' },
    retryFailed: false,
  }

  it('completes the missing trials with the same run id and in the same order', async () => {
    const stopping = new AbortController()
    let ended = 0
    const here = await testRun({
      signal: stopping.signal,
      onEvent: ({ type }) => {
        if (type === 'trial-ended' && ++ended === 3) stopping.abort()
      },
    })
    const experiment = experimentOf('rounds: 4')
    const first = await run(here, experiment)
    expect(first.trials).toHaveLength(3)
    const resumption = resumptionOf(experiment, await here.store.list(), options)
    const again: TestRun = {
      ...here,
      deps: {
        ...here.deps,
        signal: new AbortController().signal,
        onEvent: () => undefined,
        random: seededRandom(99, 0),
      },
    }
    const second = await run(again, experiment, { resumption })
    expect(second.run).toBe(first.run)
    expect([...order(first), ...order(second)]).toEqual(
      order(await run(await testRun(), experiment)),
    )
  })

  it('finds the trials of a config that was renamed after the run', async () => {
    const here = await testRun()
    await run(here, experimentOf('rounds: 2'))
    const listings = await here.store.list()
    const renamed = defaultConfigs
      .replace('two: {from: one', 'other: {from: first')
      .replace('one:', 'first:')
    const { isDone } = resumptionOf(experimentOf('rounds: 4', renamed), listings, options)
    expect(['first', 'other'].map((key) => [isDone(key, 2), isDone(key, 3)])).toEqual([
      [true, false],
      [true, false],
    ])
    const swapped = renamed.replaceAll('first', 'two').replace('other', 'one')
    expect(
      resumptionOf(experimentOf('rounds: 2', swapped), listings, options).isDone('one', 2),
    ).toBe(true)
  })

  it('has no trials left to run if `until` stopped the run', async () => {
    const here = await testRun({ isPrecise: (_run, round) => Promise.resolve(round === 6) })
    const experiment = experimentOf('until: {metric: qps, halfWidth: 3%, maxRounds: 20}')
    await run(here, experiment)
    const resumption = resumptionOf(experiment, await here.store.list(), options)
    expect((await run(here, experiment, { resumption })).trials).toEqual([])
  })

  it('repeats failed trials only with --retry-failed', async () => {
    const here = await testRun({ troubles: { failing: ['two'] } })
    const experiment = experimentOf('rounds: 2')
    await run(here, experiment)
    const listings = await here.store.list()
    expect(resumptionOf(experiment, listings, options).isDone('two', 1)).toBe(true)
    expect(
      resumptionOf(experiment, listings, { ...options, retryFailed: true }).isDone('two', 1),
    ).toBe(false)
  })

  it.each([
    [
      'a changed definition',
      {
        experiment: experimentOf(
          'rounds: 2',
          defaultConfigs.replace('OLLAMA_NUM_PARALLEL: 2', 'OLLAMA_NUM_PARALLEL: 4'),
        ),
      },
      'has changed since',
    ],
    [
      'another version of the program',
      { tool: { name: 'exp-notebook', version: '9.9.9', node: '20' } },
      'by version 0.1.0',
    ],
    ['another machine', { machine: { id: 'other' } }, 'on another machine'],
    ['a dropped run', { drop: true }, 'there is no run to resume'],
  ])(
    'throws after %s',
    async (
      _what,
      change: {
        experiment?: Experiment
        tool?: RunDeps['tool']
        machine?: { id: string }
        drop?: boolean
      },
      message,
    ) => {
      const here = await testRun()
      const experiment = experimentOf('rounds: 2')
      const { run: id } = await run(here, experiment)
      const listings = await here.store.list()
      expect(() =>
        resumptionOf(change.experiment ?? experiment, listings, {
          ...options,
          ...(change.tool ? { tool: change.tool } : {}),
          ...(change.machine ? { machine: change.machine } : {}),
          ...(change.drop === true ? { dropped: new Set([id]) } : {}),
        }),
      ).toThrow(message)
    },
  )
})
