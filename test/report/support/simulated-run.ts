/** Writes the stored results of a simulated run: a closed loop against a server with slots, from a seed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Experiment, MeasuredConfig } from '../../../src/experiment/experiment.ts'
import { planTrials, type PlannedTrial } from '../../../src/experiment/plan.ts'
import {
  formatVersion,
  type Evidence,
  type TrialEnd,
  type TrialHeader,
  type TrialRecord,
} from '../../../src/results/record.ts'
import { seededRandom } from '../../support/random.ts'

export interface SimulatedServer {
  readonly slots: number
  readonly prefillMs: number
  readonly tokenMs: number
  readonly outputTokens: number
  readonly facts: Evidence['facts']
  /** The share of correct answers. */
  readonly right: number
  readonly standIn?: string
  /** The error messages of requests that fail, by index. */
  readonly failing?: Readonly<Record<number, string>>
}

export interface SimulatedRun {
  readonly run: string
  readonly seed: number
  readonly servers: Readonly<Record<string, SimulatedServer>>
  /** The trials, in place of those that the experiment plans: those of a race. */
  readonly trials?: readonly (PlannedTrial & Pick<TrialHeader, 'racePhase'>)[]
  /** The round at whose end the run ended by itself. */
  readonly stoppedAtRound?: number
  /** The trials that do not end, by `config-r2`. An interrupted one has no end record. */
  readonly failedTrials?: Readonly<
    Record<string, { outcome: 'failed' | 'skipped' | 'interrupted'; reason: string }>
  >
}

/** Writes the folder `results/`: one file per trial of each config that has a server. */
export function writeRun(experiment: Experiment, folder: string, run: SimulatedRun): void {
  const results = path.join(folder, 'results')
  mkdirSync(results, { recursive: true })
  const random = seededRandom(run.seed)
  let clock = Date.UTC(2025, 7, 8, 6, 21, 3)
  const trials: NonNullable<SimulatedRun['trials']> =
    run.trials ?? planTrials(experiment, { random: seededRandom(run.seed) }).trials
  for (const { config: key, round, position, start, racePhase } of trials) {
    const first = start === undefined ? undefined : trials.find((each) => each.start === start)
    const config = experiment.configs.find((each) => each.key === key)
    const server = run.servers[key]
    if (config?.kind !== 'measured' || !server) continue
    const failure = run.failedTrials?.[`${key}-r${round}`]
    const body = failure ? [] : requestsOf(config, server, random)
    const isLast = run.stoppedAtRound !== undefined && trials.at(-1)?.position === position
    const length = Math.max(
      0,
      ...body.map((record) => (record.type === 'request' ? record.endMs : 0)),
    )
    const records: readonly TrialRecord[] = [
      header(config, server, {
        run,
        round,
        position,
        rounds: experiment.rounds,
        startedAt: at(clock),
        ...(first === undefined ? {} : { start: first.position }),
        ...(racePhase === undefined ? {} : { racePhase }),
      }),
      {
        type: 'evidence',
        atMs: 0,
        source: 'server log',
        when: 'before',
        facts: factsOf(config, server),
      },
      ...body,
      ...(failure?.outcome === 'interrupted'
        ? []
        : [
            {
              ...endOf(body, at(clock + length + 400), failure),
              ...(isLast ? { stoppedAtRound: round } : {}),
            },
          ]),
    ]
    clock += length + 5000
    writeFileSync(
      path.join(results, `${run.run}-${key}-r${round}.jsonl`),
      records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    )
  }
}

/** Adds the environment variables that the server reads to the configuration in its log. */
function factsOf({ env }: MeasuredConfig, { facts }: SimulatedServer): Evidence['facts'] {
  if (facts.serverConfig === undefined) return facts
  const known = Object.entries(env).filter(([name]) => name !== 'OLLAMA_NUM_THREADS')
  const config: unknown = JSON.parse(String(facts.serverConfig))
  return {
    ...facts,
    serverConfig: JSON.stringify({ ...(config as object), ...Object.fromEntries(known) }),
  }
}

interface TrialPlace {
  readonly run: SimulatedRun
  readonly round: number
  readonly position: number
  readonly rounds: number
  readonly startedAt: string
  readonly start?: number
  readonly racePhase?: TrialHeader['racePhase']
}

function header(config: MeasuredConfig, server: SimulatedServer, place: TrialPlace): TrialRecord {
  const asked = config.target.kind
  return {
    type: 'trial',
    formatVersion,
    run: place.run.run,
    config: config.key,
    round: place.round,
    position: place.position,
    measurementDigest: config.measurementDigest,
    startedAt: place.startedAt,
    tool: { name: 'exp', version: '0.1.0', node: '20.20.2' },
    host: { id: '5f0c6a1e' },
    target: {
      asked,
      actual: server.standIn === undefined ? asked : 'embedded',
      standIn: server.standIn !== undefined,
      ...(server.standIn === undefined ? {} : { why: server.standIn }),
    },
    ...(place.start === undefined ? {} : { start: place.start }),
    ...(place.racePhase === undefined ? {} : { racePhase: place.racePhase }),
    model: config.model.name,
    dataset: {
      name: config.dataset.name,
      digest: config.dataset.digest,
      samples: config.dataset.samples.length,
    },
    settings: {
      env: config.env,
      options: Object.fromEntries(
        Object.entries(config.options).map(([name, value]) => [
          name,
          typeof value === 'object' ? [...value] : value,
        ]),
      ),
    },
    workload: { ...config.workload },
    rounds: place.rounds,
    seed: place.run.seed,
  }
}

function requestsOf(
  config: MeasuredConfig,
  server: SimulatedServer,
  random: () => number,
): readonly TrialRecord[] {
  const { load, warmupRequests } = config.workload
  const users = load.kind === 'open' ? 1 : load.users
  const measured = load.kind === 'closed-requests' ? load.requests : 24
  const warm = loop(1, warmupRequests, 'warmup', 1, config, server, random)
  const from = Math.max(0, ...warm.map(({ endMs }) => endMs)) + 1
  const requests = loop(users, measured, 'measured', from, config, server, random)
  const close = Math.max(from, ...requests.map(({ endMs }) => endMs))
  return [...warm, { type: 'window', openMs: from, closeMs: close }, ...requests]
}

type RequestLine = Extract<TrialRecord, { type: 'request' }>

function loop(
  users: number,
  count: number,
  phase: 'warmup' | 'measured',
  from: number,
  { dataset: { samples, checks } }: MeasuredConfig,
  server: SimulatedServer,
  random: () => number,
): readonly RequestLine[] {
  const ready = Array.from({ length: users }, (_, user) => ({ user, at: from }))
  const free = Array.from({ length: server.slots }, () => from)
  const noisy = (value: number) => value * (0.9 + 0.2 * random())
  const lines = Array.from({ length: count }, (_, index): RequestLine => {
    const next = ready.toSorted((a, b) => a.at - b.at)[0]!
    const slot = free.indexOf(Math.min(...free))
    const tokens = Math.max(2, Math.round(noisy(server.outputTokens)))
    const [loadMs, prefillMs, evalMs] = [
      noisy(2),
      noisy(server.prefillMs),
      noisy(server.tokenMs * tokens),
    ]
    const started = Math.max(next.at, free[slot] ?? from)
    const ended = started + loadMs + prefillMs + evalMs
    const error = phase === 'measured' ? server.failing?.[index] : undefined
    const sample = samples[index % samples.length]!
    const sentMs = rounded(next.at)
    free[slot] = ended
    next.at = ended + 1.5
    const common = {
      type: 'request',
      index,
      sample: sample.id,
      user: next.user,
      phase,
      sentMs,
    } as const
    if (error !== undefined)
      return { ...common, endMs: rounded(ended), outcome: 'error-line', error, httpStatus: 200 }
    const first = started + loadMs + prefillMs + evalMs / tokens
    return {
      ...common,
      firstByteMs: rounded(first),
      firstContentMs: rounded(first),
      longestGapMs: rounded((2 * evalMs) / tokens),
      endMs: rounded(ended + 1.5),
      outcome: 'ok',
      httpStatus: 200,
      promptTokens: 107,
      cachedTokens: 0,
      outputTokens: tokens,
      serverTotalMs: rounded(ended - sentMs),
      loadMs: rounded(loadMs),
      promptEvalMs: rounded(prefillMs),
      evalMs: rounded(evalMs),
      doneReason: 'stop',
      scores: Object.fromEntries(
        checks.map(({ name, measure }) => {
          const isRight = (index % samples.length) / samples.length < server.right
          return [name, isRight ? 1 : measure === 'closeness' ? 0.6 : 0]
        }),
      ),
    }
  })
  return lines.toSorted((a, b) => a.endMs - b.endMs)
}

function endOf(
  body: readonly TrialRecord[],
  endedAt: string,
  failure: { outcome: 'failed' | 'skipped' | 'interrupted'; reason: string } | undefined,
): TrialEnd {
  const requests = body.filter((record) => record.type === 'request' && record.phase === 'measured')
  const ok = requests.filter(
    (record) => record.type === 'request' && record.outcome === 'ok',
  ).length
  return {
    type: 'end',
    endedAt,
    outcome: failure?.outcome === 'skipped' ? 'skipped' : failure ? 'failed' : 'ended',
    ...(failure ? { reason: failure.reason } : {}),
    counts: { sent: requests.length, ok, failed: requests.length - ok, cancelled: 0 },
    ...(failure ? {} : { client: { loopDelayP99Ms: 1.2, loopDelayIdleP99Ms: 1.1, cpuMs: 180 } }),
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** ISO 8601 in the time zone UTC+8. */
function at(utcMs: number): string {
  return new Date(utcMs + 8 * 3_600_000).toISOString().replace('Z', '+08:00')
}
