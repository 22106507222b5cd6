import { describe, expect, it } from 'vitest'
import { raceProgressReader } from '../../src/analysis/race/race-progress.ts'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { measureRace } from '../../src/run/measure-race.ts'
import { prepareRun } from '../../src/run/prepare-run.ts'
import { resumptionOf, type Resumption } from '../../src/run/resumption.ts'
import type { RunOutcome } from '../../src/run/run.ts'
import { experimentOf, testRun, type TestRun } from './test-run.ts'

/** Four configs: the base is one of them. The budget pays for no more than the first look and the confirmation. */
const tune = (budget = '1s') =>
  experimentOf(
    `tune: {space: {env: {OLLAMA_NUM_PARALLEL: [1, 2], OLLAMA_MAX_QUEUE: [10, 20]}}, maximize: qps, budget: ${budget}}`,
    '  base: {target: process, env: {OLLAMA_NUM_PARALLEL: 1, OLLAMA_MAX_QUEUE: 10}}',
  )

async function race(
  { deps, store }: TestRun,
  experiment: Experiment,
  resumption?: Resumption,
): Promise<RunOutcome> {
  const { tuning } = experiment
  if (tuning === undefined) throw new Error('no race')
  const options = { hasRealResults: false, ...(resumption === undefined ? {} : { resumption }) }
  const prepared = await prepareRun(experiment, options, deps)
  const read = raceProgressReader(experiment, tuning, store, deps.clock.wall)
  return measureRace(prepared, deps, read)
}

const headersOf = async ({ store }: TestRun) => (await store.list()).map(({ header }) => header)

describe('a race', () => {
  it('measures all configs in two rounds of opposite order, then the leader against the base', async () => {
    const events: string[] = []
    const here = await testRun({ onEvent: ({ type }) => events.push(type) })
    const experiment = tune()
    expect(experiment.configs.map(({ key }) => key)).toEqual([
      'base',
      'num-parallel-1-max-queue-20',
      'num-parallel-2-max-queue-10',
      'num-parallel-2-max-queue-20',
    ])
    const { trials } = await race(here, experiment)
    const ofRound = (round: number) =>
      trials.filter(({ trial }) => trial.round === round).map(({ trial }) => trial.config)
    expect(ofRound(1)).toHaveLength(4)
    expect(ofRound(2)).toEqual(ofRound(1).toReversed())
    const raced = trials.filter(({ trial }) => trial.racePhase === 'race')
    const lastRound = Math.max(...raced.map(({ trial }) => trial.round))
    // a look after each two rounds, and none after the confirmation
    expect(events.filter((type) => type === 'race')).toHaveLength(lastRound / 2)
    const confirmed = trials.filter(({ trial }) => trial.racePhase === 'confirmation')
    const [first] = confirmed
    // The base may lead; then there is nothing to confirm.
    if (first !== undefined) {
      expect(confirmed).toHaveLength(12)
      expect(new Set(confirmed.map(({ trial }) => trial.config)).size).toBe(2)
      expect(ofRound(first.trial.round)).toContain('base')
    }
    const listings = await here.store.list()
    const marked = listings.filter(({ end }) => end?.stoppedAtRound !== undefined)
    expect(marked.map(({ header }) => header.position)).toEqual([trials.length])
    expect(new Set((await headersOf(here)).map(({ position }) => position)).size).toBe(
      trials.length,
    )
  })

  it('continues where it was interrupted, and measures no trial twice', async () => {
    const stopping = new AbortController()
    let ended = 0
    const here = await testRun({
      signal: stopping.signal,
      onEvent: ({ type }) => {
        if (type === 'trial-ended' && ++ended === 3) stopping.abort()
      },
    })
    const experiment = tune()
    const first = await race(here, experiment)
    expect(first.trials).toHaveLength(3)
    const { tool, machine } = here.deps
    const again = {
      ...here,
      deps: {
        ...here.deps,
        signal: new AbortController().signal,
        onEvent: () => undefined,
      },
    }
    const options = { dropped: new Set<string>(), tool, machine, retryFailed: false }
    const resume = async () =>
      race(again, experiment, resumptionOf(experiment, await here.store.list(), options))
    const second = await resume()
    expect(second.run).toBe(first.run)
    const names = (await headersOf(here)).map(({ config, round }) => `${round} ${config}`)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => name.startsWith('1 '))).toHaveLength(4)
    expect(names.filter((name) => name.startsWith('2 '))).toHaveLength(4)
    expect((await resume()).trials).toEqual([])
  })

  it('continues without a config that fails, which does not run again', async () => {
    const failing = 'num-parallel-2-max-queue-10'
    const here = await testRun({ troubles: { failing: [failing] } })
    const { trials } = await race(here, tune())
    const ofFailing = trials.filter(({ trial }) => trial.config === failing)
    expect(ofFailing.map(({ outcome }) => outcome.outcome)).toEqual(['failed'])
    expect(trials.filter(({ trial }) => trial.round === 2)).toHaveLength(3)
  })

  it('ends if every config fails', async () => {
    const experiment = tune()
    const failing = experiment.configs.map(({ key }) => key)
    const here = await testRun({ troubles: { failing } })
    const { trials } = await race(here, experiment)
    expect(trials).toHaveLength(4)
    const listings = await here.store.list()
    expect(listings.filter(({ end }) => end?.stoppedAtRound === 1)).toHaveLength(1)
  })
})
