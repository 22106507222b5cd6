/** Runs over real HTTP and a real store; only the servers answer by script. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import type { TargetKind } from '../../src/experiment/target-kinds.ts'
import { ResultStore } from '../../src/results/store.ts'
import { timestamp } from '../../src/run/clock.ts'
import { measureRun } from '../../src/run/measure-run.ts'
import { estimateRun, prepareRun, type PrepareOptions } from '../../src/run/prepare-run.ts'
import { resumptionOf } from '../../src/run/resumption.ts'
import type { RunDeps, RunOutcome } from '../../src/run/run.ts'
import type { TargetDriver } from '../../src/targets/target.ts'
import { ScriptedOllama } from '../support/scripted-ollama.ts'
import { seededRandom } from '../../src/run/random.ts'

const servers: ScriptedOllama[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

function experimentOf(extra = '', configs = defaultConfigs): Experiment {
  const text = `title: t
model: m
dataset: {name: d, samples: [{id: a, text: x}, {id: b, text: y}, {id: c, text: z}]}
workload:
  prompt: "{{text}}"
  load: {users: 2, requests: 6}
  warmup: {requests: 1}
configs:
${configs}
${extra}`
  const { experiment, problems } = parseExperiment({
    file: 't.yaml',
    text,
    readDataset: () => undefined,
  })
  if (experiment === undefined) throw new Error(JSON.stringify(problems))
  return experiment
}
const defaultConfigs = `  one: {target: process, env: {OLLAMA_NUM_PARALLEL: 1, HF_TOKEN: very-secret}}
  two: {from: one, target: process, env: {OLLAMA_NUM_PARALLEL: 2}}`

/** A driver whose servers answer by script; `failing` configs never come up, `dying` ones end while they are measured. */
function scriptedDriver(
  kind: TargetKind,
  {
    failing = [],
    lacking = [],
    dying = [],
  }: { failing?: string[]; lacking?: string[]; dying?: string[] } = {},
): TargetDriver {
  return {
    kind,
    check: (config) =>
      Promise.resolve(
        lacking.includes(config.key)
          ? { available: false, why: `no ${kind} for ${config.key}`, fix: `install ${kind}` }
          : { available: true, notes: [] },
      ),
    start: async (config) => {
      if (failing.includes(config.key))
        throw new ExpError('environment', 'it did not come up: last words of the log')
      const server = await ScriptedOllama.start()
      servers.push(server)
      return {
        url: server.url,
        model: config.model.name,
        headers: {},
        observe: () =>
          Promise.resolve([{ source: '/api/version', facts: { serverVersion: '1.2.3' } }]),
        ended: () => Promise.resolve(dying.includes(config.key) ? 'it died' : undefined),
        stop: () => server.close(),
      }
    },
  }
}

interface World {
  readonly deps: RunDeps
  readonly folder: string
  readonly store: ResultStore
}

async function world(
  parts: Partial<RunDeps> & {
    troubles?: { failing?: string[]; lacking?: string[]; dying?: string[] }
  } = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-run-'))
  const store = new ResultStore(folder)
  const drivers = {
    process: scriptedDriver('process', parts.troubles),
    docker: scriptedDriver('docker', parts.troubles),
    url: scriptedDriver('url', parts.troubles),
    embedded: scriptedDriver('embedded'),
  }
  return {
    folder,
    store,
    deps: {
      driver: (kind) => drivers[kind],
      store,
      clock: { wall: () => new Date(), monotonic: () => performance.now() },
      random: seededRandom(7, 0),
      machine: { id: 'machine', name: 'mac' },
      observeHost: () => Promise.resolve([{ source: 'node:os', facts: { cpuCount: 2 } }]),
      tool: { name: 'exp-notebook', version: '0.1.0', node: '20' },
      signal: new AbortController().signal,
      onEvent: () => undefined,
      isPrecise: () => Promise.resolve(false),
      ...parts,
    },
  }
}

async function run(
  { deps }: World,
  experiment: Experiment,
  options: Partial<PrepareOptions> = {},
): Promise<RunOutcome> {
  return measureRun(await prepareRun(experiment, { hasRealResults: false, ...options }, deps), deps)
}

function order({ trials }: RunOutcome): readonly string[] {
  return trials.map(({ trial }) => `${trial.round}${trial.config}${trial.side ?? ''}`)
}

describe('a run', () => {
  it('measures every config once a round, forwards and backwards in turn, and stores each trial whole', async () => {
    const here = await world()
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

  it('asks both sides of a round the same samples in the same order', async () => {
    const here = await world()
    await run(here, experimentOf('rounds: 2'))
    const asked = new Map<string, readonly string[]>()
    for (const { file, header } of await here.store.list()) {
      const { requests } = await here.store.read(file)
      const rows = Array.from({ length: requests.length }, (_, index) => requests.row(index))
      const key = `${header.round}`
      const samples = rows.toSorted((a, b) => a.index - b.index).map(({ sample }) => sample)
      expect(asked.get(key) ?? samples).toEqual(samples)
      asked.set(key, samples)
    }
    expect(asked.size).toBe(2)
  })

  it('stores no secret of a config', async () => {
    const here = await world()
    await run(here, experimentOf('rounds: 2'))
    for (const name of await readdir(join(here.folder, 'results')))
      expect(await readFile(join(here.folder, 'results', name), 'utf8')).not.toContain(
        'very-secret',
      )
  })

  it('keeps a failed start as a failed trial with its reason, and goes on', async () => {
    const here = await world({ troubles: { failing: ['two'] } })
    const outcome = await run(here, experimentOf('rounds: 2'))
    expect(
      outcome.trials.map(({ trial, outcome }) => `${trial.config} ${outcome.outcome}`).toSorted(),
    ).toEqual(['one ended', 'one ended', 'two failed', 'two failed'])
    const failed = (await here.store.list()).filter(({ end }) => end?.outcome === 'failed')
    expect(failed[0]?.end?.reason).toContain('last words of the log')
  })

  it('is no result where the server ended while it was measured, but keeps all that was', async () => {
    const here = await world({ troubles: { dying: ['two'] } })
    await run(here, experimentOf('rounds: 2'))
    const failed = (await here.store.list()).filter(({ end }) => end?.outcome === 'failed')
    expect(failed.map(({ header }) => header.config)).toEqual(['two', 'two'])
    const trial = await here.store.read(failed[0]?.file ?? '')
    expect(trial.end).toMatchObject({ reason: 'it died', counts: { sent: 6 } })
    expect(trial.requests.length).toBe(7)
  })

  it('leaves an interrupted trial without an end', async () => {
    const stopping = new AbortController()
    const here = await world({
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

  it('leaves configs of another machine pending', async () => {
    const here = await world()
    const experiment = experimentOf(
      'rounds: 2',
      `${defaultConfigs}\n  three: {from: one, host: linux-box, env: {OLLAMA_NUM_PARALLEL: 3}}`,
    )
    const prepared = await prepareRun(experiment, { hasRealResults: false }, here.deps)
    expect(prepared.onOtherHosts.map(({ key }) => key)).toEqual(['three'])
    expect(new Set(prepared.trials.map(({ config }) => config))).toEqual(new Set(['one', 'two']))
  })

  it('measures one config against itself under --aa, in turn which side comes first', async () => {
    const here = await world()
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

  it('looks at the precision from round 6 on, every second round, and says where it stopped', async () => {
    const looked: number[] = []
    const here = await world({
      isPrecise: (_run, round) => {
        looked.push(round)
        return Promise.resolve(round === 8)
      },
    })
    const outcome = await run(
      here,
      experimentOf('until: {metric: qps, halfWidth: 3%, maxRounds: 20}'),
    )
    expect(looked).toEqual([6, 8])
    expect(outcome.trials).toHaveLength(16)
    const stops = (await here.store.list()).flatMap(({ end }) => end?.stoppedAtRound ?? [])
    expect(stops).toEqual([8])
  })
})

describe('the estimate', () => {
  it('names a config that does not answer its probe, and refuses where none does', async () => {
    const some = await world({ troubles: { failing: ['two'] } })
    const prepared = await prepareRun(
      experimentOf('rounds: 2'),
      { hasRealResults: false },
      some.deps,
    )
    const { estimateMs, failedProbes: silent } = await estimateRun(prepared, some.deps)
    expect(estimateMs).toBeGreaterThan(0)
    expect(silent.map(({ config }) => config)).toEqual(['two'])
    const none = await world({ troubles: { failing: ['one', 'two'] } })
    await expect(estimateRun(prepared, none.deps)).resolves.toBeDefined()
    const silentRun = await prepareRun(
      experimentOf('rounds: 2'),
      { hasRealResults: false },
      none.deps,
    )
    await expect(estimateRun(silentRun, none.deps)).rejects.toThrow('no config answered its probe')
  })
})

describe('what cannot be had', () => {
  const lacking = { troubles: { lacking: ['two'] } }
  it.each([
    ['fail', false, 'no process for two'],
    ['embedded', true, 'a stand-in never comes beside them'],
  ])(
    'under %s, with real results %s: refused before anything is measured',
    async (rule, hasRealResults, message) => {
      const here = await world(lacking)
      const error: unknown = await prepareRun(
        experimentOf(`whenUnavailable: ${rule}`),
        { hasRealResults },
        here.deps,
      ).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(ExpError)
      if (!(error instanceof ExpError)) return
      expect(error.code).toBe('environment')
      expect(`${error.message}\n${error.hint ?? ''}`).toContain(message)
      expect(await readdir(here.folder)).toEqual([])
    },
  )

  it('under skip is left out, and its rounds say so', async () => {
    const here = await world(lacking)
    const outcome = await run(here, experimentOf('whenUnavailable: skip\nrounds: 2'))
    expect(
      outcome.trials
        .filter(({ outcome }) => outcome.outcome === 'skipped')
        .map(({ trial }) => trial.config),
    ).toEqual(['two', 'two'])
  })

  it('under embedded moves the whole run to the engine, each trial with why', async () => {
    const here = await world(lacking)
    await run(here, experimentOf('whenUnavailable: embedded\nrounds: 2'))
    const targets = (await here.store.list()).map(({ header }) => header.target)
    expect(targets).toHaveLength(4)
    for (const target of targets)
      expect(target).toMatchObject({ asked: 'process', actual: 'embedded', standIn: true })
    expect(targets.map(({ why }) => why)).toContain('no process for two')
  })
})

describe('--resume', () => {
  const options = {
    dropped: new Set<string>(),
    tool: { name: 'exp-notebook', version: '0.1.0', node: '20' },
    machine: { id: 'machine' },
    retryFailed: false,
  }

  it('measures only what is missing, under the same id and in the same order', async () => {
    const stopping = new AbortController()
    let ended = 0
    const here = await world({
      signal: stopping.signal,
      onEvent: ({ type }) => {
        if (type === 'trial-ended' && ++ended === 3) stopping.abort()
      },
    })
    const experiment = experimentOf('rounds: 4')
    const first = await run(here, experiment)
    expect(first.trials).toHaveLength(3)
    const resumption = resumptionOf(experiment, await here.store.list(), options)
    const again: World = {
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
    expect([...order(first), ...order(second)]).toEqual(order(await run(await world(), experiment)))
  })

  it('knows what was measured under another key, and measures none of it again', async () => {
    const here = await world()
    await run(here, experimentOf('rounds: 2'))
    const listings = await here.store.list()
    const renamed = defaultConfigs
      .replace('two: {from: one', 'other: {from: first')
      .replace('one:', 'first:')
    const { has } = resumptionOf(experimentOf('rounds: 4', renamed), listings, options)
    expect(['first', 'other'].map((key) => [has(key, 2), has(key, 3)])).toEqual([
      [true, false],
      [true, false],
    ])
    const swapped = renamed.replaceAll('first', 'two').replace('other', 'one')
    expect(resumptionOf(experimentOf('rounds: 2', swapped), listings, options).has('one', 2)).toBe(
      true,
    )
  })

  it('has nothing left of a run that was precise enough', async () => {
    const here = await world({ isPrecise: (_run, round) => Promise.resolve(round === 6) })
    const experiment = experimentOf('until: {metric: qps, halfWidth: 3%, maxRounds: 20}')
    await run(here, experiment)
    const resumption = resumptionOf(experiment, await here.store.list(), options)
    expect((await run(here, experiment, { resumption })).trials).toEqual([])
  })

  it('measures failed trials again only with --retry-failed', async () => {
    const here = await world({ troubles: { failing: ['two'] } })
    const experiment = experimentOf('rounds: 2')
    await run(here, experiment)
    const listings = await here.store.list()
    expect(resumptionOf(experiment, listings, options).has('two', 1)).toBe(true)
    expect(
      resumptionOf(experiment, listings, { ...options, retryFailed: true }).has('two', 1),
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
      'was changed since',
    ],
    [
      'another version of the program',
      { tool: { name: 'exp-notebook', version: '9.9.9', node: '20' } },
      'by version 0.1.0',
    ],
    ['another machine', { machine: { id: 'other' } }, 'on another machine'],
    ['a dropped run', { drop: true }, 'there is no run to resume'],
  ])(
    'refuses %s',
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
      const here = await world()
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

describe('a timestamp', () => {
  it('is the local time with its own offset', () => {
    const at = new Date('2025-08-08T06:21:03.120Z')
    expect(Date.parse(timestamp(at))).toBe(at.getTime())
    expect(timestamp(at)).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{2}:\d{2}$/)
  })
})
