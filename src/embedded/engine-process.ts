/** Runs the embedded engine as a child process on a free port of 127.0.0.1, and always stops it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ExpError } from '../errors/exp-error.ts'

export interface EngineStart {
  /** Variables that the config sets. Variables of Ollama in our own environment are removed first. */
  readonly env: Readonly<Record<string, string>>
  /** Names under which the model is served. */
  readonly models: readonly string[]
  /** Aborts the start. */
  readonly signal: AbortSignal
  /** Receives each line of the log as it is written. */
  readonly onLog?: (line: string) => void
}

export interface EngineProcess {
  /** `http://127.0.0.1:40123` */
  readonly url: string
  readonly pid: number
  /** Sends SIGTERM, and SIGKILL after five seconds. May be called twice. */
  stop(): Promise<void>
  /** The log so far, without the lines of single requests. */
  log(): readonly string[]
}

/** Enough for a busy machine. An engine that cannot start exits earlier. */
const startTimeoutMs = 120_000
const stopTimeoutMs = 5_000
const timeoutText = `no answer within ${String(startTimeoutMs / 1000)} s`
const isRequestLine = (line: string): boolean =>
  line.startsWith('[GIN]') || line.startsWith('slot ')

/**
 * Starts the engine; resolves once it answers.
 * @throws ExpError `environment` with the last lines of the log if the engine does not start
 * @throws the reason of the signal if it is aborted
 */
export async function startEngine(start: EngineStart): Promise<EngineProcess> {
  start.signal.throwIfAborted()
  const child = spawnEngine(start)
  const lines: string[] = []
  const stop = stopper(child)
  const limit = AbortSignal.any([start.signal, AbortSignal.timeout(startTimeoutMs)])
  const answered = readLog(child, lines, start.onLog).then(async (url) => {
    await awaitAnswer(url, limit)
    return url
  })
  answered.catch(() => undefined) // avoids an unhandled rejection if `failure` wins the race
  try {
    const url = await Promise.race([answered, failure(child, limit)])
    return { url, pid: child.pid ?? 0, stop, log: () => lines }
  } catch (error) {
    await stop()
    start.signal.throwIfAborted()
    throw new ExpError(
      'environment',
      `the embedded engine did not start: ${error instanceof Error ? error.message : String(error)}`,
      lines.slice(-5).join('\n') || 'It wrote no log.',
    )
  }
}

/**
 * Starts the process in its own session, so that Ctrl-C in the terminal of `exp` does not stop it before its
 * requests are cancelled.
 */
function spawnEngine({ env, models }: EngineStart): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts')
  const main = fileURLToPath(new URL(isSource ? './main.ts' : './main.js', import.meta.url))
  const loader = isSource ? ['--import', 'tsx'] : []
  const inheritedEnv = Object.entries(process.env).filter(
    ([name]) => !/^(?:OLLAMA_|LLAMA_ARG_|EXP_EMBEDDED_)/.test(name),
  )
  return spawn(process.execPath, [...loader, main, 'serve'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: {
      ...Object.fromEntries(inheritedEnv),
      ...env,
      OLLAMA_HOST: '127.0.0.1:0',
      EXP_EMBEDDED_MODELS: models.join(','),
      EXP_EMBEDDED_EXIT_WITH_STDIN: '1',
    },
  })
}

/** Collects log lines until the process exits. Resolves to the address in the `Listening on` line. */
function readLog(
  child: ChildProcess,
  lines: string[],
  onLog: EngineStart['onLog'],
): Promise<string> {
  return new Promise((resolve) => {
    if (child.stderr === null) throw new Error('a piped stream is missing')
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!isRequestLine(line)) lines.push(line)
      onLog?.(line)
      const address = /msg="Listening on (\S+) /.exec(line)?.[1]
      if (address !== undefined) resolve(`http://${address}`)
    })
  })
}

/**
 * Rejects if the process exits, cannot be started, or takes too long. If the process exits, rejects after the log was
 * read to its end.
 */
function failure(child: ChildProcess, limit: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(new Error(timeoutText)))
    child.once('error', reject)
    child.once('close', (code, end) => reject(new Error(`it ended with ${String(code ?? end)}`)))
  })
}

/**
 * Waits for the first answer, which comes once llama.cpp is loaded. If loading fails, the server may still answer with
 * an error before it exits. In this case, and if the connection breaks, the promise never resolves: `failure` reports
 * the reason.
 */
async function awaitAnswer(url: string, limit: AbortSignal): Promise<void> {
  const response = await fetch(`${url}/api/version`, { signal: limit }).catch(() => undefined)
  await response?.text()
  if (response?.ok !== true) return new Promise(() => undefined)
}

function stopper(child: ChildProcess): () => Promise<void> {
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return async () => {
    const isRunning =
      child.exitCode === null && child.signalCode === null && child.pid !== undefined
    if (!isRunning) return
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    await ended
    clearTimeout(force)
  }
}
