/** A server process that exp started: it runs in a separate process group, and its log goes to a file. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExpError } from '../../errors/exp-error.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import {
  endMarkedProcesses,
  endProcessGroup,
  markVariable,
  identifyProcess,
} from '../../host/processes/process-group.ts'
import { newLogFile, tailFile, type Tail } from '../evidence/log-file.ts'
import { recordStarted } from '../orphans.ts'

/** How long a server may take to exit after SIGTERM. It ends its runners first. */
const graceMs = 5_000

export interface ServerCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The name that users see, and that the record of started servers holds. */
  readonly name: string
  /** The first text on its standard input. The input then stays open; when it ends, the process must exit. */
  readonly input?: string
}

/** How long a process may take to exit after its input has ended. */
const afterInputMs = 10_000
const pollMs = 50

export class ServerProcess {
  readonly pid: number
  /** Returns the new lines of the log. */
  readonly tail: Tail
  /** Its standard input, if the command has one. */
  readonly input: Writable | undefined
  readonly #logFile: string
  readonly #cleanUp: () => Promise<void>
  #ending: Promise<void> | undefined
  #exit: string | undefined

  private constructor(
    pid: number,
    input: Writable | undefined,
    logFile: string,
    cleanUp: () => Promise<void>,
  ) {
    this.pid = pid
    this.input = input
    this.#logFile = logFile
    this.tail = tailFile(logFile)
    this.#cleanUp = cleanUp
  }

  /** Throws `ExpError` if the program cannot be started. */
  static async start(
    { file, args, env, name, input }: ServerCommand,
    stateFolder: string,
    tools: MachineTools,
  ): Promise<ServerProcess> {
    const logFile = await newLogFile(stateFolder)
    const log = await open(logFile, 'a')
    const mark = randomUUID()
    // The server writes directly into the log file, so that nothing is lost if this process is killed. execa cannot
    // pass an open file as the output.
    const child = spawn(file, [...args], {
      env: { ...env, [markVariable]: mark },
      cwd: stateFolder,
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', log.fd, log.fd],
    })
    child.stdin?.on('error', () => undefined)
    if (input !== undefined) child.stdin?.write(input)
    const failure = new Promise<Error>((resolve) => child.once('error', resolve))
    const { pid } = child
    await log.close()
    if (pid === undefined)
      throw new ExpError(
        'environment',
        `\`${name}\` could not be started: ${(await failure).message}`,
      )
    const [leader, owner] = await Promise.all([
      identifyProcess(pid, tools),
      identifyProcess(process.pid, tools),
    ])
    const forget =
      leader && owner
        ? recordStarted(stateFolder, { leader, owner, mark, what: name })
        : () => Promise.resolve()
    const server = new ServerProcess(pid, child.stdin ?? undefined, logFile, async () => {
      await endMarkedProcesses(mark, tools)
      await forget()
    })
    if (child.exitCode !== null || child.signalCode !== null) server.#noteExit(child)
    else child.once('exit', () => server.#noteExit(child))
    return server
  }

  /** How the process exited: `exit code 1`, `signal SIGKILL`; `undefined` while it runs. */
  get exit(): string | undefined {
    return this.#exit
  }

  /** The whole log so far. */
  async log(): Promise<string> {
    return readFile(this.#logFile, 'utf8')
  }

  /**
   * Ends the process group with SIGTERM, then SIGKILL, and all processes that left the group. A process with an input
   * first has time to exit at the end of its input. The log file is kept. Can be called twice.
   */
  end(): Promise<void> {
    this.#ending ??= this.#endInput()
      .then(() => endProcessGroup(this.pid, graceMs))
      .then(this.#cleanUp)
    return this.#ending
  }

  async #endInput(): Promise<void> {
    if (this.input === undefined) return
    this.input.end()
    const limit = performance.now() + afterInputMs
    while (this.#exit === undefined && performance.now() < limit) await sleep(pollMs)
  }

  #noteExit(child: { readonly exitCode: number | null; readonly signalCode: string | null }): void {
    this.#exit =
      child.signalCode === null
        ? `exit code ${child.exitCode ?? '?'}`
        : `signal ${child.signalCode}`
  }
}
