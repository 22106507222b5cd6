/** Builds process targets that run the `ollama` program of the tests, in a temporary folder. */
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { MeasuredConfig } from '../../../src/experiment/experiment.ts'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { manifestPath } from '../../../src/targets/process/model-store.ts'
import { ProcessTarget } from '../../../src/targets/process/process-target.ts'
import type { ProcessDependencies } from '../../../src/targets/process/process-target.ts'
import type { RunningTarget } from '../../../src/targets/target.ts'
import { engineVersion, writeOllamaProgram } from '../../support/ollama-program.ts'
import type { Accident } from '../../support/ollama-program.ts'
import { configFor } from '../config.ts'

export const { signal } = new AbortController()
/** The model in the store. */
export const model = 'qwen3:0.6b'

export class ProcessFixture {
  readonly folder: string
  readonly stateFolder: string
  /** The program `ollama`. */
  readonly binary: string
  readonly #running: RunningTarget[] = []

  private constructor(folder: string, binary: string) {
    this.folder = folder
    this.stateFolder = join(folder, 'state')
    this.binary = binary
  }

  static async create(): Promise<ProcessFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'exp-process-'))
    const binary = await writeOllamaProgram(join(folder, 'bin'))
    const manifest = join(folder, 'models/manifests', ...manifestPath(model))
    await mkdir(dirname(manifest), { recursive: true })
    await writeFile(manifest, '{}')
    return new ProcessFixture(folder, binary)
  }

  target(changes: Partial<ProcessDependencies> = {}): ProcessTarget {
    return new ProcessTarget({
      tools: systemTools(),
      env: {
        ...process.env,
        OLLAMA_NUM_PARALLEL: '7',
        LLAMA_ARG_THREADS: '9',
        OLLAMA_HOST: '127.0.0.1:11434',
      },
      settings: {
        ollama: {
          binaries: { [engineVersion]: this.binary },
          models: join(this.folder, 'models'),
        },
      },
      stateFolder: this.stateFolder,
      folder: this.folder,
      runningStore: () => Promise.resolve(undefined),
      onPull: () => undefined,
      ...changes,
    })
  }

  config(accident: Accident = 'none', changes: Partial<MeasuredConfig> = {}): MeasuredConfig {
    return {
      ...configFor(
        { kind: 'process', version: engineVersion, pull: false },
        { options: { num_ctx: 512, num_thread: 1 } },
      ),
      env: {
        OLLAMA_NUM_PARALLEL: '2',
        EXP_EMBEDDED_MODELS: model,
        XDG_CACHE_HOME: join(this.folder, 'cache'),
        TEST_OLLAMA: accident,
        TEST_FOLDER: this.folder,
      },
      ...changes,
    }
  }

  /** Starts the config's server; `stopAll` stops it. */
  async start(
    requested: MeasuredConfig,
    changes: Partial<ProcessDependencies> = {},
  ): Promise<RunningTarget> {
    const started = await this.target(changes).start(requested, signal)
    this.#running.push(started)
    return started
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((target) => target.stop()))
  }

  /** The process groups that are recorded as started and not yet ended. */
  async recordedGroups(): Promise<readonly number[]> {
    const names = await readdir(join(this.stateFolder, 'started')).catch(() => [])
    return names.map((name) => Number(name.replace('.json', '')))
  }

  async startedGroup(): Promise<number> {
    const [group] = await this.recordedGroups()
    if (group === undefined) throw new Error('nothing is recorded')
    return group
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true })
  }
}

/** Whether a process exists, or a group if the number is negative. */
export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
