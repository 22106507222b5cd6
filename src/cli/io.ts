/** The parts of the process that commands use, passed in so that tests can replace them, and the colours of an output. */
import { createInterface } from 'node:readline/promises'
import colors from 'yoctocolors'

export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Columns of the terminal; 80 if unknown. */
  readonly columns: number
}

export interface Io {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Output
  readonly stderr: Output
  /** Asks a question on the terminal; resolves to `true` for yes. Absent without a terminal. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  readonly now: () => Date
  /** Returns a number from 0 to 1, excluding 1. */
  readonly random: () => number
}

/**
 * Wraps this process. The first Ctrl-C, SIGTERM or SIGHUP aborts `signal`, so that the command can clean up; the second one exits
 * immediately with 130.
 */
export function processIo(): Io {
  const stopping = new AbortController()
  const stop = () => {
    if (stopping.signal.aborted) process.exit(130)
    stopping.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop)
  process.stdout.on('error', exitOnClosedPipe)
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    ...(process.stdin.isTTY && process.stderr.isTTY
      ? { confirm: (question) => ask(question, stopping.signal) }
      : {}),
    signal: stopping.signal,
    now: () => new Date(),
    random: Math.random,
  }
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    get isTerminal() {
      return stream.isTTY
    },
    get columns() {
      return stream.isTTY ? stream.columns : 80
    },
  }
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim())
  } catch {
    return false
  } finally {
    terminal.close()
  }
}

/** Exits if the reader closed the pipe early, as in `exp list | head`: this is not an error. */
function exitOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
}

type Paint = (text: string) => string
export type Palette = Readonly<Record<'red' | 'green' | 'yellow' | 'bold' | 'dim', Paint>>

const unchanged: Paint = (text) => text
const noColours: Palette = {
  red: unchanged,
  green: unchanged,
  yellow: unchanged,
  bold: unchanged,
  dim: unchanged,
}

/** Returns functions that colour a text, or leave it unchanged if the output shows no colours. */
export function paint(output: Output, env: Io['env']): Palette {
  return showsColours(output, env) ? colors : noColours
}

/** True for a terminal, unless `NO_COLOR` is set. */
function showsColours(output: Output, env: Io['env']): boolean {
  return output.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}
