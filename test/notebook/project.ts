/** A project in a temporary folder with real experiment files and stored results, and the actions of its users. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ExpError } from '../../src/errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../../src/experiment/experiment.ts'
import { openNotebook, type Notebook } from '../../src/notebook/notebook.ts'
import type { Published } from '../../src/notebook/publish-report.ts'
import type { Evidence, RequestRecord, TrialEnd, TrialHeader } from '../../src/results/record.ts'
import { ResultStore } from '../../src/results/store.ts'

export const yaml = `title: 两个设置
question: 4 个槽快多少？
locale: en
model: qwen3:0.6b
dataset:
  name: comments
  samples:
    - {id: c01, text: 加V看全集}
    - {id: c02, text: 好看}
workload:
  api: chat
  prompt: "{{text}}"
  load: {users: 3, requests: 24}
rounds: 2
configs:
  slots-1:
    label: One slot
    target: {url: "http://127.0.0.1:11434"}
    env: {OLLAMA_NUM_PARALLEL: 1}
  slots-4:
    from: slots-1
    label: Four slots
    env: {OLLAMA_NUM_PARALLEL: 4}
baseline: slots-1
hypotheses:
  - id: H1
    statement: Four slots answer sooner
    claim: {metric: latencyMean, config: slots-4, change: "<= -10%"}
`

export interface RunOf {
  readonly run: string
  /** Mean latency of each config, in milliseconds. */
  readonly latency: Readonly<Record<string, number>>
  readonly rounds?: number
  readonly day?: string
  readonly standIn?: boolean
  readonly machine?: string
  /** An A/A run: one config on both sides. */
  readonly side?: 'a' | 'b'
  /** What the server and the machine say in each trial. */
  readonly facts?: Evidence['facts']
  /** The outcome of the trials; without an end, the run was killed. */
  readonly outcome?: TrialEnd['outcome'] | 'killed'
}

export class Project {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'exp-project-'))

  constructor(text = yaml, id = 'slots') {
    mkdirSync(path.join(this.root, 'experiments'))
    this.write(`experiments/${id}.yaml`, text)
  }

  get notebook(): Notebook {
    return openNotebook({ root: this.root })
  }

  experiment(id = 'slots'): Experiment {
    return this.notebook.experiment(id)
  }

  async publish(id = 'slots', discardEdits = false): Promise<Published> {
    return this.notebook.publish(this.experiment(id), { discardEdits })
  }

  async check(...ids: string[]): Promise<readonly string[]> {
    const { findings } = await this.notebook.check(ids.length === 0 ? undefined : ids)
    return findings.map(({ code, file }) => `${code} ${file}`)
  }

  write(file: string, text: string | Buffer): void {
    mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true })
    writeFileSync(path.join(this.root, file), text)
  }

  bytes(file: string): Buffer {
    return readFileSync(path.join(this.root, file))
  }

  text(file: string): string {
    return this.bytes(file).toString()
  }

  /** Changes a file like a person in an editor. */
  edit(file: string, from: string | RegExp, to: string): void {
    const before = this.text(file)
    const after = before.replace(from, to)
    if (after === before) throw new Error(`nothing to edit in ${file}`)
    this.write(file, after)
  }

  remove(file: string): void {
    rmSync(path.join(this.root, file), { recursive: true })
  }

  files(folder = 'reports/slots'): readonly string[] {
    return readdirSync(path.join(this.root, folder))
      .filter((name) => name !== 'results' && name !== 'charts')
      .sort()
  }

  /** Every file of the project with its bytes and modification time. */
  snapshot(): ReadonlyMap<string, string> {
    const names = readdirSync(this.root, { recursive: true, encoding: 'utf8' }).sort()
    return new Map(
      names
        .filter((name) => !name.startsWith('.git') && statSync(path.join(this.root, name)).isFile())
        .map((name) => [
          name,
          `${statSync(path.join(this.root, name)).mtimeMs} ${this.bytes(name).toString('latin1')}`,
        ]),
    )
  }

  /** Stores the trials of a run for each config and round, as if they were measured. */
  async measure(
    {
      run,
      latency,
      rounds = 2,
      day = '2025-08-06',
      standIn = false,
      machine = 'm1',
      side,
      facts = { serverVersion: '0.11.3' },
      outcome = 'ended',
    }: RunOf,
    id = 'slots',
  ): Promise<void> {
    const store = new ResultStore(path.join(this.root, 'reports', id))
    const experiment = this.experiment(id)
    let position = 0
    for (let round = 1; round <= rounds; round += 1)
      for (const config of experiment.configs) {
        const mean = latency[config.key]
        if (config.kind === 'recorded' || mean === undefined) continue
        position += 1
        const header: TrialHeader = {
          ...headerOf(experiment, config, round, position),
          run,
          startedAt: `${day}T15:0${position}:00+08:00`,
          host: { id: machine },
          ...(side && { side }),
          target: { asked: 'url', actual: standIn ? 'embedded' : 'url', standIn },
        }
        const writer = await store.create(header)
        writer.append({ type: 'evidence', atMs: 0, source: '/api/version', when: 'before', facts })
        const requests = outcome === 'skipped' ? [] : [...requestsOf(mean, 24)]
        if (requests.length > 0)
          writer.append({ type: 'window', openMs: 0, closeMs: requests.at(-1)?.endMs ?? 0 })
        for (const request of requests) writer.append(request)
        if (outcome !== 'killed')
          writer.append({
            type: 'end',
            endedAt: `${day}T15:0${position}:30+08:00`,
            outcome,
            ...(outcome === 'ended' ? {} : { reason: 'no answer' }),
            counts: { sent: requests.length, ok: requests.length, failed: 0, cancelled: 0 },
          })
        await writer.close()
      }
  }
}

/** The `ExpError` that the promise rejects with. */
export async function refusalOf(work: Promise<unknown>): Promise<ExpError> {
  try {
    await work
  } catch (error) {
    if (error instanceof ExpError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** The header of a trial as `exp run` writes it. */
export function headerOf(
  experiment: Experiment,
  config: MeasuredConfig,
  round: number,
  position: number,
): TrialHeader {
  const { dataset, workload, env } = config
  return {
    type: 'trial',
    formatVersion: 1,
    run: '20250806T070000Z-aaaa',
    config: config.key,
    round,
    position,
    measurementDigest: config.measurementDigest,
    startedAt: '2025-08-06T15:00:00+08:00',
    tool: { name: 'exp-notebook', version: '0.1.0', node: '20.20.0' },
    host: { id: 'm1' },
    target: { asked: 'url', actual: 'url', standIn: false },
    model: config.model.name,
    dataset: { name: dataset.name, digest: dataset.digest, samples: dataset.samples.length },
    settings: { env, options: {} },
    workload: { ...workload },
    rounds: experiment.rounds,
    seed: 1,
  }
}

/** The requests of three users in a closed loop, with latencies around the mean. */
function* requestsOf(mean: number, count: number): Generator<RequestRecord> {
  const freeAt = [0, 0, 0]
  for (let index = 0; index < count; index += 1) {
    const user = index % 3
    const sentMs = freeAt[user] ?? 0
    const latency = mean * (0.9 + ((index * 7) % 24) / 115)
    freeAt[user] = sentMs + latency
    yield {
      type: 'request',
      index,
      sample: index % 2 === 0 ? 'c01' : 'c02',
      user,
      phase: 'measured',
      sentMs,
      firstByteMs: sentMs + latency * 0.4,
      firstContentMs: sentMs + latency * 0.4,
      endMs: sentMs + latency,
      outcome: 'ok',
      httpStatus: 200,
      promptTokens: 100,
      outputTokens: 14,
      serverTotalMs: latency * 0.98,
      promptEvalMs: latency * 0.3,
      evalMs: latency * 0.6,
      doneReason: 'stop',
    }
  }
}
