/** A container that exp created, addressed by its name. */
import { writeFile } from 'node:fs/promises'
import { ExpError } from '../../errors/exp-error.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import type { ServerProcesses } from '../../host/resources/sampler.ts'
import type { Docker } from './docker-cli.ts'
import { inspectedContainer } from './inspection.ts'
import type { InspectedContainer } from './inspection.ts'

/** How long `docker stop` waits before it kills the container. */
const graceSeconds = 5

export class Container {
  readonly #docker: Docker
  readonly #name: string
  /** For each stream, the number of characters that `newLog` has returned. */
  readonly #returnedLength = { stdout: 0, stderr: 0 }
  readonly #onRemoved: () => void
  #removal: Promise<void> | undefined

  /** @param onRemoved called when the container no longer exists */
  constructor(docker: Docker, name: string, onRemoved: () => void = () => undefined) {
    this.#docker = docker
    this.#name = name
    this.#onRemoved = onRemoved
  }

  get name(): string {
    return this.#name
  }

  /** @param create the arguments of `docker create`, with the container's name */
  async start(create: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#docker.run(create, { signal })
    await this.#docker.run(['start', this.#name], { signal })
  }

  inspect(): Promise<InspectedContainer> {
    return this.#docker.json(['container', 'inspect', this.#name], inspectedContainer)
  }

  /**
   * Its processes if this machine shows them. It does not with Docker Desktop, which runs them in a virtual machine.
   * @param isLocal false if the engine is on another machine, whose process ids mean nothing here
   */
  async processes(tools: MachineTools, isLocal: boolean): Promise<ServerProcesses> {
    const { Id, State } = await this.inspect()
    const cgroup = isLocal ? await cgroupOf(State.Pid, Id, tools) : undefined
    if (cgroup !== undefined) return { kind: 'process', pid: State.Pid }
    const residentBytes = () => this.#memoryBytes()
    return { kind: 'container', source: 'docker stats', residentBytes, isLocal }
  }

  async #memoryBytes(): Promise<number> {
    const options = ['--no-stream', '--format={{.MemUsage}}']
    return parseMemoryUsage(await this.#docker.run(['stats', ...options, this.#name]))
  }

  /** Why it exited, as a sentence; `undefined` while it runs. */
  async exitReason(): Promise<string | undefined> {
    const { State } = await this.inspect()
    if (State.Running) return undefined
    const reason = State.OOMKilled ? 'out of memory' : State.Error || `exit code ${State.ExitCode}`
    return `the container ended (${reason})`
  }

  /** The whole log of both streams. */
  async log(): Promise<string> {
    return `${await this.#stream('stdout')}${await this.#stream('stderr')}`
  }

  /** The complete lines that were added to the log since the last call. */
  async newLog(): Promise<string> {
    const added = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = await this.#stream(stream)
      // A line that is still being written is left for the next call.
      const end = text.lastIndexOf('\n') + 1
      added[stream] = text.slice(this.#returnedLength[stream], end)
      this.#returnedLength[stream] = end
    }
    return added.stdout + added.stderr
  }

  /** Writes the log to a file, unless the container has already been removed. */
  async saveLog(file: string): Promise<void> {
    if (this.#removal) return
    await writeFile(file, await this.log().catch(() => ''))
  }

  /** Stops the container and removes it with its anonymous volumes, whatever its state. Can be called twice. */
  remove(): Promise<void> {
    this.#removal ??= this.#remove()
    return this.#removal
  }

  async #remove(): Promise<void> {
    await this.#docker.run(['stop', `--time=${graceSeconds}`, this.#name]).catch(() => undefined)
    await this.#docker.run(['rm', '--force', '--volumes', this.#name]).catch((error: unknown) => {
      if (!(error instanceof ExpError && /no such container/i.test(error.message))) throw error
    })
    this.#onRemoved()
  }

  #stream(stream: 'stdout' | 'stderr'): Promise<string> {
    // `run` would remove the final line break, which shows that the last line is complete.
    return this.#docker.output(['logs', this.#name], { stream })
  }
}

/**
 * The control group of a container's first process, as /proc/PID/cgroup shows it; `undefined` if this machine does not
 * show the process. If the engine runs in a virtual machine, the number belongs to another process here.
 * @param pid as numbered on the machine of the engine
 */
export async function cgroupOf(
  pid: number,
  container: string,
  tools: MachineTools,
): Promise<string | undefined> {
  const cgroup = await tools.readText(`/proc/${pid}/cgroup`).catch(() => '')
  return cgroup.includes(container) ? cgroup : undefined
}

const memoryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Parses the column MEM USAGE of `docker stats`: `1.234GiB / 7.653GiB`, without the page cache that can be freed. */
export function parseMemoryUsage(text: string): number {
  const [, amount, unit] = /^([\d.]+)([KMGT]?i?B) \//.exec(text.trim()) ?? []
  const power = memoryUnits.findIndex((each) => each === unit)
  if (power < 0) throw new Error(`\`docker stats\` printed \`${text.trim()}\``)
  return Math.round(Number(amount) * 1024 ** power)
}
