/** The embedded engine as a target, and as the stand-in for any other kind. Each start creates a new process. */
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { OllamaClient } from '../../ollama/client.ts'
import { modelsOf } from '../../experiment/mix.ts'
import { isSecretName } from '../../secrets/secret-name.ts'
import { ownedServerName, runAsTarget } from '../owned-server/owned-server.ts'
import type { OwnedServer } from '../owned-server/owned-server.ts'
import { modelNames } from '../owned-server/preload-models.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'

/** The running process of the engine. `embedded/` implements it. */
export interface EngineProcess {
  readonly url: string
  readonly pid: number
  /** The lines of its log so far. */
  log(): readonly string[]
  stop(): Promise<void>
}

export type StartEngine = (options: {
  /** The variables that Ollama would read from its environment. */
  readonly env: Readonly<Record<string, string>>
  /** The names that the engine lists as its models. */
  readonly models: readonly string[]
  readonly signal: AbortSignal
  readonly onLog: (line: string) => void
}) => Promise<EngineProcess>

/** Why the engine cannot start on this machine, and what to do; undefined if it can. */
export type EngineProblem = () => Promise<
  { readonly why: string; readonly fix: string } | undefined
>

export class EmbeddedTarget implements TargetDriver {
  readonly kind = 'embedded'
  readonly #startEngine: StartEngine
  readonly #engineProblem: EngineProblem

  constructor(startEngine: StartEngine, engineProblem: EngineProblem) {
    this.#startEngine = startEngine
    this.#engineProblem = engineProblem
  }

  async check(config: MeasuredConfig): Promise<Availability> {
    const { target } = config
    const problem = await this.#engineProblem()
    if (problem !== undefined) return { available: false, ...problem }
    const model = modelsOf(config).find(({ digest }) => digest !== undefined)
    if (target.kind !== 'embedded' || model === undefined) return { available: true, notes: [] }
    const note = `the embedded engine has a synthetic model, so the digest of \`${model.name}\` is not checked`
    return { available: true, notes: [note] }
  }

  /** The config may name any kind of target; the engine receives only the variables that it supports. */
  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    const unreadLines: string[] = []
    const engine = await this.#startEngine({
      env: engineEnv(config.env),
      models: modelNames(config),
      signal,
      onLog: (line) => unreadLines.push(line),
    })
    const request = { config: withoutDigests(config), pull: false, onPull: () => undefined }
    return runAsTarget(ownedServer(engine, unreadLines), request, signal)
  }
}

/** The synthetic model has none of the digests that the file may pin. */
function withoutDigests(config: MeasuredConfig): MeasuredConfig {
  const { mix, ...workload } = config.workload
  const items = mix?.map(({ model, ...item }) => ({
    ...item,
    ...(model && { model: { name: model.name } }),
  }))
  return {
    ...config,
    model: { name: config.model.name },
    workload: { ...workload, ...(items && { mix: items }) },
  }
}

function ownedServer(engine: EngineProcess, unreadLines: string[]): OwnedServer {
  const client = new OllamaClient({ baseUrl: engine.url, name: ownedServerName })
  return {
    url: engine.url,
    client,
    processes: { kind: 'process', pid: engine.pid },
    tail: () => Promise.resolve(unreadLines.splice(0).join('\n')),
    log: () => Promise.resolve(engine.log().join('\n')),
    exitReason: () =>
      Promise.resolve(isRunning(engine.pid) ? undefined : 'the embedded engine ended'),
    stop: async () => {
      await client.close()
      await engine.stop()
    },
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The engine chooses its own address, has no model store, and cannot use secrets. */
function engineEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        name.startsWith('OLLAMA_') &&
        name !== 'OLLAMA_HOST' &&
        name !== 'OLLAMA_MODELS' &&
        !isSecretName(name),
    ),
  )
}
