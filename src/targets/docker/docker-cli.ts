/** The `docker` command line: every word that comes from a file of the user's is checked before it is passed. */
import type { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import { CommandFailure } from '../../host/command.ts'
import type { CommandOptions } from '../../host/command.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { parseJson } from '../../json/parse-json.ts'

const gpuHint =
  'on Linux install the NVIDIA Container Toolkit and restart Docker; Docker on macOS has no GPU: run Ollama itself there'

/** Creating, starting and stopping containers takes as long as its disk does. */
const patienceMs = 120_000

export class Docker {
  readonly #tools: MachineTools

  constructor(tools: MachineTools) {
    this.#tools = tools
  }

  /** What the command printed, without the last line break. Throws `ExpError` with what it said. */
  async run(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    try {
      return (
        await this.#tools.run('docker', args, { timeoutMs: patienceMs, ...options })
      ).trimEnd()
    } catch (error) {
      throw error instanceof CommandFailure ? dockerProblem(args[0] ?? '', error) : error
    }
  }

  /** What the command printed, parsed; for commands with `--format {{json .}}` or `inspect`. */
  async json<Schema extends z.ZodType>(
    args: readonly string[],
    schema: Schema,
    options: CommandOptions = {},
  ): Promise<z.output<Schema>> {
    return schema.parse(parseJson(await this.run(args, options)))
  }
}

function dockerProblem(command: string, failure: CommandFailure): ExpError {
  if (failure.kind === 'not-installed')
    return new ExpError(
      'environment',
      'Docker is not installed',
      'install it from https://docs.docker.com/get-docker/',
    )
  const said = failure.stderr.replace(/^(docker: )?Error( response from daemon)?: /i, '').trim()
  if (
    /cannot connect to the docker daemon|is the docker daemon running|docker desktop is/i.test(said)
  )
    return new ExpError(
      'environment',
      'Docker is installed, and its engine does not run',
      'start Docker Desktop, or `sudo systemctl start docker`',
    )
  if (/permission denied.*docker/i.test(said))
    return new ExpError(
      'environment',
      'this user may not talk to the Docker engine',
      'add the user to the group `docker`, and log in again',
    )
  const why = failure.kind === 'timeout' ? failure.message : (said.split('\n')[0] ?? '')
  return new ExpError(
    'environment',
    `\`docker ${command}\` failed: ${why || failure.message}`,
    said.includes('could not select device driver') ? gpuHint : undefined,
  )
}
