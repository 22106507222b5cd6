/** The embedded engine as a target, and as the stand-in for any other: a process of its own for each start. */
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { OllamaClient } from '../ollama/client.ts'
import { observeLog, observeServer } from './observe.ts'
import { ServerLog } from './server-log.ts'
import type { RunningTarget, TargetDriver } from './target.ts'

/** The engine in a process of its own, as `embedded/` starts it. */
export interface Engine {
  readonly url: string
  stop(): Promise<void>
}

export type StartEngine = (options: {
  /** What Ollama's environment would be. */
  readonly env: Readonly<Record<string, string>>
  /** Names that the engine lists as its models; it serves any. */
  readonly models: readonly string[]
  readonly signal: AbortSignal
  readonly onLog: (line: string) => void
}) => Promise<Engine>

export class EmbeddedTarget implements TargetDriver {
  readonly kind = 'embedded'
  readonly #startEngine: StartEngine

  constructor(startEngine: StartEngine) {
    this.#startEngine = startEngine
  }

  check() {
    return Promise.resolve({ available: true, notes: [] } as const)
  }

  /** Of the config's environment the engine gets what it can act on, whatever target the config asks for. */
  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    const log = new ServerLog()
    const engine = await this.#startEngine({
      env: engineEnv(config.env),
      models: [config.model.name],
      signal,
      onLog: (line) => log.read(line),
    })
    const client = new OllamaClient({ baseUrl: engine.url })
    const stop = async () => {
      await client.close()
      await engine.stop()
    }
    try {
      await client.preload(config.model.name, config.options, config.workload.keepAlive, { signal })
    } catch (error) {
      await stop()
      throw error
    }
    log.startCounting()
    return {
      url: engine.url,
      model: config.model.name,
      headers: {},
      observe: async (when, during) => [
        ...(await observeServer(client, config.model.name, when, during)),
        observeLog(log),
      ],
      stop,
    }
  }
}

/** Where it listens is the engine's own affair, it has no store, and a secret is nothing that it could use. */
function engineEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        name.startsWith('OLLAMA_') &&
        name !== 'OLLAMA_HOST' &&
        name !== 'OLLAMA_MODELS' &&
        !/key|token|secret|password/i.test(name),
    ),
  )
}
