/** A search for a capacity, on servers that refuse requests above a number in flight. */
import { afterEach, describe, expect, it } from 'vitest'
import { searchWindows } from '../../src/analysis/search-windows.ts'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { inLocale } from '../../src/experiment/in-locale.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { withSearchedLevels } from '../../src/notebook/searched-levels.ts'
import { estimateRun } from '../../src/run/estimate-run.ts'
import { prepareRun } from '../../src/run/prepare-run.ts'
import { resumptionOf } from '../../src/run/resumption.ts'
import { isSearchOver } from '../../src/run/search-capacity.ts'
import type { RunDeps } from '../../src/run/run.ts'
import { answers, refuses, ScriptedOllama } from '../support/scripted-ollama.ts'
import { order, run, testRun, type TestRun } from './test-run.ts'

const servers: ScriptedOllama[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const experiment: Experiment = (() => {
  const { experiment: parsed, problems } = parseExperiment({
    file: 't.yaml',
    text: `title: t
locale: [en, zh-CN]
model: m
dataset: {name: d, samples: [{id: a, text: x}, {id: b, text: y}]}
workload:
  prompt: "{{text}}"
  load: {users: 1, requests: 24}
  warmup: {requests: 0}
capacity: {of: users, upTo: 16}
slo: {okRate: ">= 99%"}
rounds: 2
configs:
  five: {target: process, label: {en: Five, zh-CN: 五}}
  none: {target: process, env: {OLLAMA_NUM_PARALLEL: 2}}
`,
    readDataset: () => undefined,
  })
  if (parsed === undefined) throw new Error(JSON.stringify(problems))
  return parsed
})()

/** How many requests at once the server of a config answers. */
const carries = (config: string) => (config.startsWith('five') ? 5 : 0)

async function searchRun(deps: Partial<RunDeps> = {}): Promise<TestRun & { starts: string[] }> {
  const here = await testRun(deps)
  const starts: string[] = []
  const { driver } = here.deps
  const limited: typeof driver = (kind) => ({
    ...driver(kind),
    start: async (config, signal) => {
      starts.push(config.key)
      const server: ScriptedOllama = await ScriptedOllama.start({
        generate: () =>
          server.inFlight > carries(config.key) ? refuses(503, 'busy') : answers({ waitMs: 20 }),
      })
      servers.push(server)
      return { ...(await driver(kind).start(config, signal)), url: server.url }
    },
  })
  const windows: RunDeps['searchWindows'] = (id) => searchWindows(experiment, here.store, id)
  return { ...here, starts, deps: { ...here.deps, driver: limited, searchWindows: windows } }
}

const search = [
  ...['10001five-users-1', '10001five-users-2', '10001five-users-4', '10001five-users-8'],
  ...['10001five-users-6', '10001five-users-5', '10001none-users-1'],
]

describe('a search for a capacity', () => {
  it('measures levels on one start of the server, then the levels around the result in rounds', async () => {
    const here = await searchRun()
    const outcome = await run(here, experiment)
    const [windows, rounds] = [order(outcome).slice(0, 7), order(outcome).slice(7)]
    expect(windows).toEqual(search)
    expect(rounds.toSorted()).toEqual([
      ...['1five-users-4', '1five-users-5', '1five-users-6', '1none-users-1'],
      ...['2five-users-4', '2five-users-5', '2five-users-6', '2none-users-1'],
    ])
    const ofFive = rounds.filter((each) => each.includes('five')).map((each) => each.slice(-1))
    expect(ofFive).toEqual([...ofFive.slice(0, 3), ...ofFive.slice(0, 3).toReversed()])
    expect(here.starts.slice(0, 2)).toEqual(['five-users-1', 'none-users-1'])
    expect(outcome.trials.at(-1)?.trial).toMatchObject({ index: 15, total: 15 })
    const stored = await here.store.list()
    expect(stored.filter(({ header }) => header.search === true)).toHaveLength(7)
    const shown = withSearchedLevels(experiment, stored, new Set())
    expect(shown.series?.map(({ levels }) => levels.map(({ value }) => value))).toEqual([
      [4, 5, 6],
      [1],
    ])
    expect(shown.configs.map(({ key }) => key)).toEqual([
      ...['five-users-4', 'five-users-5', 'five-users-6', 'none-users-1'],
    ])
    const labels = (['en', 'zh-CN'] as const).map((locale) =>
      inLocale(shown, locale).configs.map(({ label }) => label),
    )
    expect(labels).toEqual([
      ['Five, users=4', 'Five, users=5', 'Five, users=6', 'none, users=1'],
      ['五, users=4', '五, users=5', '五, users=6', 'none, users=1'],
    ])
    const [first] = withSearchedLevels(experiment, stored, new Set([outcome.run])).series ?? []
    expect(first?.levels.map(({ value }) => value)).toEqual([1])
  })

  it('continues where an interrupted run stopped, in the search and in the rounds', async () => {
    const whole = order(await run(await searchRun(), experiment))
    for (const stopAfter of [3, 9]) {
      const stopping = new AbortController()
      let ended = 0
      const here = await searchRun({
        signal: stopping.signal,
        onEvent: ({ type }) => {
          if (type === 'trial-ended' && ++ended === stopAfter) stopping.abort()
        },
      })
      const first = await run(here, experiment)
      const resumption = resumptionOf(experiment, await here.store.list(), {
        dropped: new Set(),
        tool: here.deps.tool,
        machine: here.deps.machine,
        retryFailed: false,
      })
      const signal = new AbortController().signal
      const again = { ...here, deps: { ...here.deps, signal, onEvent: () => undefined } }
      const before = await prepareRun(experiment, { hasRealResults: false, resumption }, again.deps)
      expect(await isSearchOver(before, again.deps)).toBe(false)
      const second = await run(again, experiment, { resumption })
      expect([...order(first), ...order(second)]).toEqual(whole)
    }
  })

  it('is over when the rounds have measured the levels that it chose, and not for more rounds', async () => {
    const here = await searchRun()
    const isOver = async (rounds?: number) => {
      const resumption = resumptionOf(experiment, await here.store.list(), {
        ...{ dropped: new Set<string>(), tool: here.deps.tool },
        ...{ machine: here.deps.machine, retryFailed: false },
      })
      const options = { hasRealResults: false, resumption, ...(rounds && { rounds }) }
      return isSearchOver(await prepareRun(experiment, options, here.deps), here.deps)
    }
    await run(here, experiment)
    expect(await isOver()).toBe(true)
    expect(await isOver(4)).toBe(false)
    const fresh = await prepareRun(experiment, { hasRealResults: false }, here.deps)
    expect(await isSearchOver(fresh, here.deps)).toBe(false)
  })

  it('is estimated from the first level of each config, as the longest that it may take', async () => {
    const probed: string[] = []
    const here = await searchRun({
      onEvent: (event) => {
        if (event.type === 'probing') probed.push(event.config)
      },
    })
    const prepared = await prepareRun(experiment, { hasRealResults: false }, here.deps)
    const { estimateMs, failedProbes } = await estimateRun(prepared, here.deps)
    expect(probed).toEqual(['five-users-1', 'none-users-1'])
    expect(failedProbes.map(({ config }) => config)).toEqual(['none-users-1'])
    // 21 windows and 2 rounds of 3 levels, of at least 24 requests of 20 ms each.
    expect(estimateMs).toBeGreaterThan(27 * 24 * 20)
  })
})
