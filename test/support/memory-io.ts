/** An `Io` in memory, so that a test can run commands and read their output. */
import type { Io } from '../../src/cli/io.ts'
import { stateOf } from './project.ts'

export interface MemoryIo extends Io {
  readonly out: () => string
  readonly err: () => string
  readonly abort: () => void
}

export function memoryIo(
  cwd: string,
  parts: Partial<Pick<Io, 'env' | 'confirm' | 'ask'>> & {
    terminal?: boolean
    columns?: number
  } = {},
): MemoryIo {
  const stopping = new AbortController()
  const written = { out: '', err: '' }
  const output = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text
    },
    isTerminal: parts.terminal ?? false,
    columns: parts.columns ?? 100,
  })
  return {
    cwd,
    env: parts.env ?? { XDG_STATE_HOME: stateOf(cwd), ...process.env },
    stdout: output('out'),
    stderr: output('err'),
    ...(parts.confirm === undefined ? {} : { confirm: parts.confirm }),
    ...(parts.ask === undefined ? {} : { ask: parts.ask }),
    signal: stopping.signal,
    terminalClosed: new AbortController().signal,
    now: () => new Date(),
    random: Math.random,
    out: () => written.out,
    err: () => written.err,
    abort: () => stopping.abort(),
  }
}
