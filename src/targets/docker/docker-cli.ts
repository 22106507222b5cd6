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

  constructor(tools: MachineTools) {
    this.#tools = tools
  }

  /** What the command printed, without the last line break. Throws `ExpError` with its error message. */
  async run(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return (await this.output(args, options)).trimEnd()
  }

  /** What the command printed, to the last byte. Throws `ExpError` with its error message. */
  async output(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    try {
      return await this.#tools.run('docker', args, { timeoutMs: defaultTimeoutMs, ...options })
    } catch (error) {
      throw error instanceof CommandFailure ? dockerError(args[0] ?? '', error) : error
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

function dockerError(command: string, failure: CommandFailure): ExpError {
  if (failure.kind === 'not-installed')
    return new ExpError(
      'environment',
      'Docker is not installed',
      'install it from https://docs.docker.com/get-docker/',
    )
  const message = failure.stderr.replace(/^(docker: )?Error( response from daemon)?: /i, '').trim()
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

export function engineNotRunning(): ExpError {
  return new ExpError(
    'environment',
    'Docker is installed, but its engine is not running',
    'start Docker Desktop, or `sudo systemctl start docker`',
  )
}
