/** Forwards a port of 127.0.0.1 to a port of another machine over `ssh`. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { sshArguments, sshError, type SshDestination } from './ssh.ts'

/** How many free ports to try, because another program may take one before `ssh` does. */
const maxPortTries = 5
const connectWithinMs = 30_000
const closeWithinMs = 2_000
const connected = 'exp-connected'

/**
 * The command on the other machine. `ssh` runs it only after it has opened the local port. The command and `ssh` end
 * when the input ends, and that happens whenever this process ends, even if it is killed.
 */
const waitForEndOfInput = `echo ${connected} && cat`

export class SshTunnel {
  /** The port of 127.0.0.1. */
  readonly port: number
  readonly #child: ChildProcessWithoutNullStreams
  readonly #name: string
  #isClosing = false

  private constructor(port: number, child: ChildProcessWithoutNullStreams, name: string) {
    this.port = port
    this.#child = child
    this.#name = name
  }

  /** Throws `ExpError` if the machine cannot be reached. */
  static async open(
    destination: SshDestination,
    remotePort: number,
    signal: AbortSignal,
  ): Promise<SshTunnel> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort()
      const forward = ['-L', `127.0.0.1:${port}:127.0.0.1:${remotePort}`]
      // A group of its own: an interrupt from the keyboard must not end it before the server is stopped.
      const child = spawn('ssh', sshArguments(destination, waitForEndOfInput, forward), {
        detached: true,
        stdio: 'pipe',
      })
      child.stdin.on('error', () => undefined)
      const failure = await failureToConnect(child, signal)
      if (failure === undefined) return new SshTunnel(port, child, destination.name)
      await end(child)
      signal.throwIfAborted()
      const isTaken = /address already in use|cannot listen to port/i.test(failure)
      if (!isTaken || attempt === maxPortTries) throw sshError(destination, failure)
    }
  }

  /** A sentence if the connection is lost. */
  get lost(): string | undefined {
    if (this.#isClosing || !hasExited(this.#child)) return undefined
    return `the connection to ${this.#name} was lost`
  }

  /** Can be called twice. */
  async close(): Promise<void> {
    this.#isClosing = true
    await end(this.#child)
  }
}

/** Waits for the connection. Returns what `ssh` printed if it failed. */
async function failureToConnect(
  child: ChildProcessWithoutNullStreams,
  signal: AbortSignal,
): Promise<string | undefined> {
  let [printed, errors] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-1000)))
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)))
  const stopped = new AbortController()
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', () => resolve(errors))
  })
  const opened = new Promise<undefined>((resolve) => {
    child.stdout.on('data', () => {
      if (printed.includes(connected)) resolve(undefined)
    })
  })
  const limit = AbortSignal.any([signal, stopped.signal])
  const tooLate = sleep(connectWithinMs, 'timed out', { signal: limit }).catch(() => 'interrupted')
  try {
    return await Promise.race([opened, ended, tooLate])
  } finally {
    stopped.abort()
  }
}

function hasExited(child: ChildProcessWithoutNullStreams): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function end(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (hasExited(child)) return
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.stdin.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), closeWithinMs)
  await exit
  clearTimeout(timer)
}
