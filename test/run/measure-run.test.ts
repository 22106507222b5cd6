import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { prepareRun } from '../../src/run/prepare-run.ts'
import { defaultConfigs, experimentOf, order, run, testRun } from './test-run.ts'

describe('a run', () => {
  it('measures every config once per round, in alternating order, and stores each trial', async () => {
    const here = await testRun()
    const outcome = await run(here, experimentOf('rounds: 4'))
    const [first, second] = [outcome.trials[0]!.trial.config, outcome.trials[1]!.trial.config]
    expect(order(outcome)).toEqual([
      `1${first}`,
      `1${second}`,
      `2${second}`,
      `2${first}`,
      `3${first}`,
      `3${second}`,
      `4${second}`,
      `4${first}`,
    ])
    const listings = await here.store.list()
    expect(listings).toHaveLength(8)
    for (const { file } of listings) {
      const trial = await here.store.read(file)
      expect(trial.end?.outcome).toBe('ended')
      expect(trial.end?.counts).toEqual({ planned: 6, sent: 6, ok: 6, failed: 0, cancelled: 0 })
      expect(trial.requests.length).toBe(7)
      expect(new Set(trial.evidence.map(({ when }) => when))).toEqual(new Set(['before', 'after']))
      expect(trial.window!.closeMs).toBeGreaterThan(trial.window!.openMs)
    }
  })

  it('stores how late it read the answers of each trial, with what is known about that', async () => {
    const calibration = { takenAt: '2026-11-30T20:00:00.000+00:00', factor: 1.25, offsetMs: 0.08 }
    const here = await testRun({
      timingErrorSources: {
        runQueue: () => undefined,
        runQueueMissing: 'not on this system',
        calibration,
      },
    })
    await run(here, experimentOf('rounds: 2'))
    const { timing } = (await here.store.read((await here.store.list())[0]!.file)).end!.client!
    expect(timing).toMatchObject({
      requests: 6,
      runQueueMissing: 'not on this system',
      calibration,
    })
    expect(timing!.latency.p99Ms).toBeGreaterThanOrEqual(timing!.latency.p50Ms)
  })

  it('samples what each server uses, at once and after the last request, and stores the readings', async () => {
    let samples = 0
    const here = await testRun({
      resourceSampler: (processes) => async (write) => {
        samples += 1
        // slower than the whole load
        await new Promise((resolve) => setTimeout(resolve, 50))
        write({ source: processes.kind, facts: { residentBytes: samples } })
      },
    })
    const outcome = await run(here, experimentOf('rounds: 2'))
    expect(samples).toBe(2 * outcome.trials.length)
    for (const { file } of await here.store.list()) {
      const { evidence, requests } = await here.store.read(file)
      const readings = evidence.filter(({ facts }) => facts.residentBytes !== undefined)
      expect(readings.map(({ when, source }) => [when, source])).toEqual([
        ['during', 'unknown'],
        ['during', 'unknown'],
      ])
      const lastEnd = Math.max(...requests.numbers('endMs'))
      expect(readings.at(-1)?.atMs).toBeGreaterThanOrEqual(Math.floor(lastEnd))
    }
  })

  it('sends the same samples in the same order to all configs of a round', async () => {
    const here = await testRun()
    await run(here, experimentOf('rounds: 2'))
    const samplesByRound = new Map<string, readonly string[]>()
    for (const { file, header } of await here.store.list()) {
      const { requests } = await here.store.read(file)
      const rows = Array.from({ length: requests.length }, (_, index) => requests.row(index))
      const key = `${header.round}`
      const samples = rows.toSorted((a, b) => a.index - b.index).map(({ sample }) => sample)
      expect(samplesByRound.get(key) ?? samples).toEqual(samples)
      samplesByRound.set(key, samples)
    }
    expect(samplesByRound.size).toBe(2)
  })

  it('stores no secret of a config', async () => {
    const here = await testRun()
    await run(here, experimentOf('rounds: 2'))
    for (const name of await readdir(join(here.folder, 'results')))
      expect(await readFile(join(here.folder, 'results', name), 'utf8')).not.toContain(
        'very-secret',
      )
  })

  it('stores a failed start as a failed trial with its reason, and continues', async () => {
    const here = await testRun({ troubles: { failing: ['two'] } })
    const outcome = await run(here, experimentOf('rounds: 2'))
    expect(
      outcome.trials.map(({ trial, outcome }) => `${trial.config} ${outcome.outcome}`).toSorted(),
    ).toEqual(['one ended', 'one ended', 'two failed', 'two failed'])
    const failed = (await here.store.list()).filter(({ end }) => end?.outcome === 'failed')
    expect(failed[0]?.end?.reason).toContain('last lines of the log')
  })

  it('stores a trial as failed, with its requests so far, if its server exited', async () => {
    const here = await testRun({ troubles: { dying: ['two'] } })
    await run(here, experimentOf('rounds: 2'))
    const failed = (await here.store.list()).filter(({ end }) => end?.outcome === 'failed')
    expect(failed.map(({ header }) => header.config)).toEqual(['two', 'two'])
    const trial = await here.store.read(failed[0]?.file ?? '')
    expect(trial.end).toMatchObject({ reason: 'it died', counts: { sent: 6 } })
    expect(trial.requests.length).toBe(7)
  })

  it('stores no end record for an interrupted trial', async () => {
    const stopping = new AbortController()
    const here = await testRun({
      signal: stopping.signal,
      onEvent: ({ type }) => {
        if (type === 'trial-started') setTimeout(() => stopping.abort(), 5)
      },
    })
    const outcome = await run(
      here,
      experimentOf(
        'rounds: 2',
        defaultConfigs.replace(
          'OLLAMA_NUM_PARALLEL: 1,',
          'OLLAMA_NUM_PARALLEL: 1, OLLAMA_DEBUG: 1,',
        ),
      ),
    )
    expect(outcome.interrupted).toBe(true)
    expect(outcome.trials).toHaveLength(1)
    expect((await here.store.list()).map(({ end }) => end)).toEqual([undefined])
  })

  it('does not measure configs of another machine', async () => {
    const here = await testRun()
    const experiment = experimentOf(
      'rounds: 2',
      `${defaultConfigs}\n  three: {from: one, host: linux-box, env: {OLLAMA_NUM_PARALLEL: 3}}`,
    )
    const prepared = await prepareRun(experiment, { hasRealResults: false }, here.deps)
    expect(prepared.onOtherHosts.map(({ key }) => key)).toEqual(['three'])
    expect(new Set(prepared.trials.map(({ config }) => config))).toEqual(new Set(['one', 'two']))
  })

  it('measures one config against itself with --aa, with alternating order of the sides', async () => {
    const here = await testRun()
    const outcome = await run(here, experimentOf('rounds: 2'), { aa: 'two' })
    expect(order(outcome)).toEqual(['1twoa', '1twob', '2twob', '2twoa'])
    const names = (await here.store.list()).map(({ file }) => file.slice(outcome.run.length))
    expect(names).toEqual([
      '-two-a-r1.jsonl',
      '-two-a-r2.jsonl',
      '-two-b-r1.jsonl',
      '-two-b-r2.jsonl',
    ])
  })

  it('checks the precision after every even round from 6 on, and stores where it stopped', async () => {
    const checkedRounds: number[] = []
    const here = await testRun({
      isPrecise: (_run, round) => {
        checkedRounds.push(round)
        return Promise.resolve(round === 8)
      },
    })
    const outcome = await run(
      here,
      experimentOf('until: {metric: qps, halfWidth: 3%, maxRounds: 20}'),
    )
    expect(checkedRounds).toEqual([6, 8])
    expect(outcome.trials).toHaveLength(16)
    const stops = (await here.store.list()).flatMap(({ end }) => end?.stoppedAtRound ?? [])
    expect(stops).toEqual([8])
  })
})
