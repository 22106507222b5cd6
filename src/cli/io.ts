/**
 * The parts of the process that commands use, passed in so that tests can replace them, and the colours of an output.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import colors from 'yoctocolors'
import type { Locale } from '../format/locales.generated.ts'
import { askOnTerminal, type Questions } from './ask.ts'
import { asControlCode, cleaned, safeOutput, type Output } from './safe-output.ts'
import { wrapped, wrappingOutput } from './wrap.ts'

export interface Io {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The language that `--lang` names. */
  readonly lang?: Locale | undefined
  readonly stdout: Output
  readonly stderr: Output
  /** Asks a question on the terminal. Resolves to `true` for yes. Absent if there is no terminal. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** Asks for a choice or a text. Absent if there is no terminal. */
  readonly ask?: Questions
  /**
   * Opens a file with the program that the user chose for its kind. Returns the reason if that fails. Absent without a
   * display.
   */
  readonly openFile?: OpenFile
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** Aborted when the terminal is closed. A run continues; only `exp embedded` stops. */
  readonly terminalClosed: AbortSignal
  readonly now: () => Date
  /** Returns a number from 0 to 1, excluding 1. */
  readonly random: () => number
}

/**
 * Wraps this process. The first Ctrl-C or SIGTERM aborts `signal`, so that the command can clean up. The second one
 * exits immediately with 130. If the reader of the output goes away, the command continues and its output is dropped.
 */
export function processIo(): Io {
  const stopping = new AbortController()
  const stop = () => {
    if (stopping.signal.aborted) process.exit(130)
    stopping.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop)
  const closed = new AbortController()
  process.on('SIGHUP', () => closed.abort())
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    ...(process.stdin.isTTY && process.stderr.isTTY
      ? {
          confirm: (question) => confirmOnTerminal(question, stopping.signal),
          ask: askOnTerminal(stopping.signal),
        }
      : {}),
    ...openFileOn(process.platform, process.env),
    signal: stopping.signal,
    terminalClosed: closed.signal,
    now: () => new Date(),
    random: Math.random,
  }
}

/** The same input and output, but with all output cleaned, and its lines broken between words. */
export function safeIo(io: Io): Io {
  const { stdout, stderr, confirm, ask } = io
  return {
    ...io,
    stdout: safeOutput(wrappingOutput(stdout)),
    stderr: safeOutput(wrappingOutput(stderr)),
    ...(confirm !== undefined && { confirm: (question) => confirm(cleaned(question)) }),
    ...(ask !== undefined && { ask: safeAsk(ask) }),
  }
}

function safeAsk(ask: Questions): Questions {
  return {
    choose: (question, options) =>
      ask.choose(
        cleaned(question),
        options.map(({ value, label }) => ({ value, label: cleaned(label) })),
      ),
    write: (question) => ask.write(cleaned(question)),
  }
}

/**
 * The width of an output that is not a terminal, and of a terminal that reports no width, as in some CI systems and
 * editors.
 */
const defaultColumns = 80

/** The errors of a pipe that is closed, as in `exp list | head`, and of a terminal that is closed. */
const readerIsGone: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO'])

function outputOf(stream: NodeJS.WriteStream): Output {
  let isClosed = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!readerIsGone.has(error.code)) throw error
    isClosed = true
  })
  return {
    write: (text) => {
      if (!isClosed) stream.write(text)
    },
    get isTerminal() {
      return stream.isTTY
    },
    get columns() {
      return stream.isTTY ? stream.columns || defaultColumns : defaultColumns
    },
  }
}

async function confirmOnTerminal(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const closed = once(terminal, 'close').then(() => '') // the terminal was closed
    const shown = `${wrapped(`${question} [y/N]`, outputOf(process.stderr))} `
    const answer = await Promise.race([terminal.question(shown, { signal }), closed])
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    return false
  } finally {
    terminal.close()
  }
}

type Paint = (text: string) => string
export type Palette = Readonly<Record<'red' | 'green' | 'yellow' | 'bold' | 'dim', Paint>>

/** The colours of the library. Their codes are marked as codes of this program, so that they are not removed. */
const marked: Palette = {
  red: markCodes(colors.red),
  green: markCodes(colors.green),
  yellow: markCodes(colors.yellow),
  bold: markCodes(colors.bold),
  dim: markCodes(colors.dim),
}

function markCodes(style: Paint): Paint {
  const [start = '', end = ''] = style('|').split('|')
  return (text) => asControlCode(start) + text + asControlCode(end)
}

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
  return showsColours(output, env) ? marked : noColours
}

/** True for a terminal, unless `NO_COLOR` is set. */
function showsColours(output: Output, env: Io['env']): boolean {
  return output.isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

/**
 * Opens a file with the program that the user's desktop chooses for it. Returns once that program has started:
 * undefined, or why it has not.
 */
type OpenFile = (file: string) => Promise<string | undefined>

type Env = Readonly<Record<string, string | undefined>>

/** Empty on a machine without a display. */
function openFileOn(platform: NodeJS.Platform, env: Env): { readonly openFile?: OpenFile } {
  const opener = openerOf(platform, env)
  return opener === undefined ? {} : { openFile: (file) => start(opener, file, env) }
}

/** The program that opens files; undefined without a display. */
export function openerOf(platform: NodeJS.Platform, env: Env): string | undefined {
  if (platform === 'darwin') return 'open'
  if (platform === 'win32') return 'explorer.exe' // `start` belongs to the shell, which would read `&` in a path
  const hasDisplay = [env['WAYLAND_DISPLAY'], env['DISPLAY']].some((name) => (name ?? '') !== '')
  return hasDisplay ? 'xdg-open' : undefined
}

/** Does not wait for the program to end: the opener of some desktops is the browser itself. */
function start(opener: string, file: string, env: Env): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(opener, [file], { detached: true, stdio: 'ignore', env: { ...env } })
    child.once('error', ({ message }) => resolve(message))
    child.once('spawn', () => {
      child.unref()
      resolve(undefined)
    })
  })
}
