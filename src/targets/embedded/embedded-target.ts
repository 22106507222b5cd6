/** The embedded engine as a target, and as the stand-in for any other: a process of its own for each start. */
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { OllamaClient } from '../../ollama/client.ts'
import { runAsTarget } from '../owned-server/owned-server.ts'
import type { OwnedServer } from '../owned-server/owned-server.ts'
import type { RunningTarget, TargetDriver } from '../target.ts'
import { isSecretName } from '../../secrets/secrets.ts'

/** The engine in a process of its own, as `embedded/` starts it. */
export interface Engine {
  readonly url: string
  readonly pid: number
  /** Lines of its log so far. */
  log(): readonly string[]
  stop(): Promise<void>
}

export type StartEngine = (options: {
  /** What Ollama's environment would be. */
  readonly env: Readonly<Record<string, string>>
  /** Names that the engine lists as its models. */
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
    const lines: string[] = []
    const engine = await this.#startEngine({
      env: engineEnv(config.env),
      models: [config.model.name],
      signal,
      onLog: (line) => lines.push(line),
    })
    const wish = { config, pull: false, onPull: () => undefined }
    return runAsTarget(owned(engine, lines), wish, signal)
  }
}

/** @param lines of the log that nobody has read yet */
function owned(engine: Engine, lines: string[]): OwnedServer {
  const client = new OllamaClient({ baseUrl: engine.url })
  return {
    url: engine.url,
    client,
    tail: () => Promise.resolve(lines.splice(0).join('\n')),
    log: () => Promise.resolve(engine.log().join('\n')),
    ended: () => Promise.resolve(isRunning(engine.pid) ? undefined : 'the embedded engine ended'),
    takeDown: async () => {
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

/** Where it listens is the engine's own affair, it has no store, and a secret is nothing that it could use. */
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
