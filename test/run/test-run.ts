/** Runs over real HTTP and a real store, with scripted servers as targets, for the tests of this room. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { standInKind, type TargetKind } from '../../src/experiment/target-kinds.ts'
import { ResultStore } from '../../src/results/store.ts'
import { measureRun } from '../../src/run/measure-run.ts'
import { prepareRun, type PrepareOptions } from '../../src/run/prepare-run.ts'
import { seededRandom } from '../../src/run/random.ts'
import type { RunDeps, RunOutcome } from '../../src/run/run.ts'
import type { TargetDriver } from '../../src/targets/target.ts'
import { ScriptedOllama } from '../support/scripted-ollama.ts'

const servers: ScriptedOllama[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

export function experimentOf(extra = '', configs = defaultConfigs): Experiment {
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
export const defaultConfigs = `  one: {target: process, env: {OLLAMA_NUM_PARALLEL: 1, HF_TOKEN: very-secret}}
  two: {from: one, target: process, env: {OLLAMA_NUM_PARALLEL: 2}}`

/** Keys of configs whose targets have a problem. */
interface Troubles {
  /** The target is not available. */
  readonly unavailable?: readonly string[]
  /** The server does not start. */
  readonly failing?: readonly string[]
  /** The server exits while it is measured. */
  readonly dying?: readonly string[]
}

/** A driver that starts scripted servers. */
function scriptedDriver(
  kind: TargetKind,
  { failing = [], unavailable = [], dying = [] }: Troubles = {},
  events: string[] = [],
): TargetDriver {
  return {
    kind,
    check: (config) =>
      Promise.resolve(
        unavailable.includes(config.key)
          ? { available: false, why: `no ${kind} for ${config.key}`, fix: `install ${kind}` }
          : { available: true, notes: [] },
      ),
    start: async (config) => {
      if (failing.includes(config.key))
        throw new ExpError('environment', 'it did not start: last lines of the log')
      const server = await ScriptedOllama.start()
      servers.push(server)
      events.push(`start ${config.key}`)
      return {
        prepare: (next) => {
          events.push(`prepare ${next.key}`)
          return Promise.resolve()
        },
        url: server.url,
        model: config.model.name,
        headers: {},
        processes: { kind: 'unknown', why: 'a test', isLocal: false },
        observe: () =>
          Promise.resolve([{ source: '/api/version', facts: { serverVersion: '1.2.3' } }]),
        exitReason: () => Promise.resolve(dying.includes(config.key) ? 'it died' : undefined),
        stop: () => {
          events.push('stop')
          return server.close()
        },
      }
    },
  }
}

export interface TestRun {
  readonly deps: RunDeps
  readonly folder: string
  readonly store: ResultStore
  /** Starts, preparations and stops of servers, in order. */
  readonly events: readonly string[]
}

/** A run's dependencies with a new folder for results. */
export async function testRun({
  troubles,
  ...deps
}: Partial<RunDeps> & { readonly troubles?: Troubles } = {}): Promise<TestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'exp-run-'))
  const store = new ResultStore(folder)
  const events: string[] = []
  return {
    folder,
    store,
    events,
    deps: {
      driver: (kind) => scriptedDriver(kind, kind === standInKind ? undefined : troubles, events),
      store,
      clock: { wall: () => new Date(), monotonic: () => performance.now() },
      random: seededRandom(7, 0),
      machine: { id: 'machine', name: 'mac' },
      observeHost: () => Promise.resolve([{ source: 'node:os', facts: { cpuCount: 2 } }]),
      resourceSampler: () => () => Promise.resolve(),
      tool: { name: 'exp-notebook', version: '0.1.0', node: '20' },
      rehearse: () => Promise.resolve(),
      steadyEngine: () => () => undefined,
      timingErrorSources: { runQueue: () => undefined, runQueueMissing: 'this test has none' },
      signal: new AbortController().signal,
      onEvent: () => undefined,
      isPrecise: () => Promise.resolve(false),
      searchWindows: () => Promise.resolve(new Map()),
      ...deps,
    },
  }
}

export async function run(
  { deps }: TestRun,
  experiment: Experiment,
  options: Partial<PrepareOptions> = {},
): Promise<RunOutcome> {
  return measureRun(await prepareRun(experiment, { hasRealResults: false, ...options }, deps), deps)
}

export function order({ trials }: RunOutcome): readonly string[] {
  return trials.map(({ trial }) => `${trial.round}${trial.config}${trial.side ?? ''}`)
}
