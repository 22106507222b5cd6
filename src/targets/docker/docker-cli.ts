/** Runs `docker` commands. Callers must check every word that comes from a user's file. */
import type { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import { CommandFailure } from '../../host/command.ts'
import type { CommandOptions } from '../../host/command.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { parseJson } from '../../json/json.ts'

const gpuHint =
  'on Linux, install the NVIDIA Container Toolkit and restart Docker; on macOS containers have no GPU, so run Ollama outside of Docker'

/** Creating, starting and stopping a container can be slow on a slow disk. */
const defaultTimeoutMs = 120_000

export class Docker {
  readonly #tools: MachineTools
  readonly #context: string | undefined

  /** @param context the Docker context whose engine is used; by default the current one of the command `docker` */
  constructor(tools: MachineTools, context?: string) {
    this.#tools = tools
    this.#context = context
  }

  /** The command for this engine as a user would type it. */
  get command(): string {
    return this.#context === undefined ? 'docker' : `docker --context ${this.#context}`
  }

  /** What the command printed, without the last line break. Throws `ExpError` with its error message. */
  async run(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return (await this.output(args, options)).trimEnd()
  }

  /** What the command printed, unchanged. Throws `ExpError` with its error message. */
  async output(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const context = this.#context === undefined ? [] : [`--context=${this.#context}`]
    try {
      return await this.#tools.run('docker', [...context, ...args], {
        timeoutMs: defaultTimeoutMs,
        ...options,
      })
    } catch (error) {
      throw error instanceof CommandFailure
        ? dockerError(args[0] ?? '', error, this.#context)
        : error
    }
  }

  /** Parses what the command printed as JSON: for commands with `--format {{json .}}`, and for `inspect`. */
  async json<Schema extends z.ZodType>(
    args: readonly string[],
    schema: Schema,
    options: CommandOptions = {},
  ): Promise<z.output<Schema>> {
    return schema.parse(parseJson(await this.run(args, options)))
  }
}

function dockerError(command: string, failure: CommandFailure, context?: string): ExpError {
  if (failure.kind === 'not-installed')
    return new ExpError(
      'environment',
      'Docker is not installed',
      'install it from https://docs.docker.com/get-docker/',
    )
  const message = failure.stderr.replace(/^(docker: )?Error( response from daemon)?: /i, '').trim()
  const [, unknown] = /context "([^"]+)": context not found/.exec(message) ?? []
  if (unknown !== undefined) return unknownContext(unknown)
  if (context !== undefined && isUnreachable(message)) return unreachableEngine(context, message)
  if (
    /cannot connect to the docker daemon|is the docker daemon running|docker desktop is/i.test(
      message,
    )
  )
    return engineNotRunning()
  if (/permission denied.*docker/i.test(message))
    return new ExpError(
      'environment',
      'this user has no permission to use the Docker engine',
      'add the user to the group `docker` and log in again',
    )
  const reason = failure.kind === 'timeout' ? failure.message : (message.split('\n')[0] ?? '')
  return new ExpError(
    'environment',
    `\`docker ${command}\` failed: ${reason || failure.message}`,
    message.includes('could not select device driver') ? gpuHint : undefined,
  )
}

function unknownContext(name: string): ExpError {
  return new ExpError(
    'environment',
    `there is no Docker context \`${name}\``,
    `list them with \`docker context ls\`, or create it: \`docker context create ${name} --docker host=ssh://USER@HOST\``,
  )
}

function isUnreachable(message: string): boolean {
  return /^error during connect|cannot connect to the docker daemon|failed to connect to the docker api|error getting response|context deadline exceeded/i.test(
    message,
  )
}

/** The message quotes nothing that docker printed, because that contains addresses, and the message is stored. */
function unreachableEngine(context: string, message: string): ExpError {
  const reason = /permission denied/i.test(message)
    ? 'this user has no permission to use it'
    : /command not found|no such file or directory|executable file not found/i.test(message)
      ? 'its machine has no `docker` command, or its engine is not running'
      : /certificate|tls/i.test(message)
        ? 'their TLS certificates do not match'
        : 'it does not answer'
  return new ExpError(
    'environment',
    `the engine of the Docker context \`${context}\` cannot be reached: ${reason}`,
    `check it with \`docker --context ${context} info\``,
  )
}

export function engineNotRunning(): ExpError {
  return new ExpError(
    'environment',
    'Docker is installed, but its engine is not running',
    'start Docker Desktop, or `sudo systemctl start docker`',
  )
}
