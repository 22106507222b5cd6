/** Runs a program without a shell and returns what it printed. */
import { execFile } from 'node:child_process'

/**
 * Standard output of `file`, or its standard error. Each argument reaches the program as it is.
 * Throws `CommandFailure` when the program is missing, fails, or takes longer than it may.
 */
export type RunCommand = (
  file: string,
  args: readonly string[],
  options?: CommandOptions,
) => Promise<string>

export interface CommandOptions {
  /** Five seconds unless given; 0 is for ever. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
  /** What to return: `stdout` unless given. */
  readonly stream?: 'stdout' | 'stderr'
}

/** `kind` tells a program that is not installed from one that failed; the message is for people. */
export class CommandFailure extends Error {
  readonly kind: 'not-installed' | 'failed' | 'timeout'
  /** What the program wrote to standard error. */
  readonly stderr: string
  constructor(kind: CommandFailure['kind'], message: string, stderr = '') {
    super(message)
    this.name = 'CommandFailure'
    this.kind = kind
    this.stderr = stderr
  }
}

const defaultTimeoutMs = 5_000
const longestOutput = 32 * 1024 * 1024

export const runCommand: RunCommand = (file, args, options = {}) => {
  const timeout = options.timeoutMs ?? defaultTimeoutMs
  return new Promise((resolve, reject) => {
    execFile(
      file,
      [...args],
      {
        timeout,
        killSignal: 'SIGKILL',
        maxBuffer: longestOutput,
        env: { ...process.env, LC_ALL: 'C' },
        ...(options.signal && { signal: options.signal }),
      },
      (error, stdout, stderr) => {
        if (!error) resolve(options.stream === 'stderr' ? stderr : stdout)
        else if (options.signal?.aborted) reject(abortReason(options.signal))
        else reject(failure(file, error, stderr, timeout))
      },
    )
  })
}

function failure(
  file: string,
  error: { readonly code?: unknown; readonly killed?: boolean; readonly message: string },
  stderr: string,
  timeoutMs: number,
): CommandFailure {
  if (error.code === 'ENOENT')
    return new CommandFailure('not-installed', `\`${file}\` is not installed`)
  if (error.killed)
    return new CommandFailure('timeout', `\`${file}\` did not answer within ${timeoutMs / 1000} s`)
  const said = firstLine(stderr)
  const why = said === '' ? `exit code ${String(error.code)}` : said
  return new CommandFailure('failed', `\`${file}\` failed: ${why}`, stderr)
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? ''
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('interrupted')
}
