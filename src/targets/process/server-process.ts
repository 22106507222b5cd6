/** A server that we started: a process group of its own whose log goes to a file. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { ExpError } from '../../errors/exp-error.ts'
import { endMarkedProcesses, markVariable } from '../../host/processes/marked-processes.ts'
import { endProcessGroup } from '../../host/processes/process-group.ts'
import { identifyProcess } from '../../host/processes/process-identity.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { newLogFile } from '../evidence/log-folder.ts'
import { recordStarted } from '../orphans/started-record.ts'
import { tailFile } from '../evidence/log-file.ts'
import type { Tail } from '../evidence/log-file.ts'

/** How long a server may take to end by itself: it has to end its runners. */
const graceMs = 5_000

export interface ServerCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** For people and for the record of what was started. */
  readonly what: string
}

export class ServerProcess {
  readonly pid: number
  /** New lines of the log at each call. */
  readonly tail: Tail
  readonly #logFile: string
  readonly #endRest: () => Promise<void>
  #ending: Promise<void> | undefined
  #exit: string | undefined

  private constructor(pid: number, logFile: string, endRest: () => Promise<void>) {
    this.pid = pid
    this.#logFile = logFile
    this.tail = tailFile(logFile)
    this.#endRest = endRest
  }

  /** Throws `ExpError` where the program cannot be started at all. */
  static async start(
    { file, args, env, what }: ServerCommand,
    stateFolder: string,
    tools: MachineTools,
  ): Promise<ServerProcess> {
    const logFile = await newLogFile(stateFolder)
    const log = await open(logFile, 'a')
    const mark = randomUUID()
    const child = spawn(file, [...args], {
      env: { ...env, [markVariable]: mark },
      cwd: stateFolder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    const failure = new Promise<Error>((resolve) => child.once('error', resolve))
    const { pid } = child
    await log.close()
    if (pid === undefined)
      throw new ExpError(
        'environment',
        `\`${what}\` could not be started: ${(await failure).message}`,
      )
    const [leader, owner] = await Promise.all([
      identifyProcess(pid, tools),
      identifyProcess(process.pid, tools),
    ])
    const forget =
      leader && owner
        ? recordStarted(stateFolder, { leader, owner, mark, what })
        : () => Promise.resolve()
    const server = new ServerProcess(pid, logFile, async () => {
      await endMarkedProcesses(mark, tools)
      await forget()
    })
    if (child.exitCode !== null || child.signalCode !== null) server.#note(child)
    else child.once('exit', () => server.#note(child))
    return server
  }

  /** How the process ended: `exit code 1`, `signal SIGKILL`; `undefined` while it runs. */
  get exit(): string | undefined {
    return this.#exit
  }

  /** The whole log so far. */
  async log(): Promise<string> {
    return readFile(this.#logFile, 'utf8')
  }

  /** Ends the group, and what left it: SIGTERM, then SIGKILL. The log stays. Safe to call twice. */
  end(): Promise<void> {
    this.#ending ??= endProcessGroup(this.pid, graceMs).then(this.#endRest)
    return this.#ending
  }

  #note(child: { readonly exitCode: number | null; readonly signalCode: string | null }): void {
    this.#exit =
      child.signalCode === null
        ? `exit code ${child.exitCode ?? '?'}`
        : `signal ${child.signalCode}`
  }
}
