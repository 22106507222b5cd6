/** Runs a program without a shell and returns what it printed. */
import { execFile } from 'node:child_process'

/**
 * Returns what `file` wrote to standard output, or to standard error if the options say so. Each argument
 * reaches the program unchanged. Throws `CommandFailure` if the program is not installed, fails or times
 * out, and the signal's reason if the signal aborts.
 */
export type RunCommand = (
  file: string,
  args: readonly string[],
  options?: CommandOptions,
) => Promise<string>

export interface CommandOptions {
  /** Default: 5 seconds. 0 means no limit. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
  /** The stream to return. Default: `stdout`. */
  readonly stream?: 'stdout' | 'stderr'
}

/** Why a program gave no output. The message is a sentence for the user. */
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
const maxOutputBytes = 32 * 1024 * 1024

/**
 * Uses node's `execFile`, not execa: after a timeout, execa waits until every grandchild that inherited the output
 * has exited, so a hanging child of the program would hang us too.
 */
export const runCommand: RunCommand = (file, args, options = {}) => {
  const timeout = options.timeoutMs ?? defaultTimeoutMs
  return new Promise((resolve, reject) => {
    execFile(
      file,
      [...args],
      {
        timeout,
        killSignal: 'SIGKILL',
        maxBuffer: maxOutputBytes,
        env: { ...process.env, LC_ALL: 'C' },
        ...(options.signal && { signal: options.signal }),
      },
      (error, stdout, stderr) => {
        if (!error) resolve(options.stream === 'stderr' ? stderr : stdout)
        else if (options.signal?.aborted) reject(abortReason(options.signal))
        else reject(commandFailure(file, error, stderr, timeout))
      },
    )
  })
}

function commandFailure(
  file: string,
  error: { readonly code?: unknown; readonly killed?: boolean; readonly message: string },
  stderr: string,
  timeoutMs: number,
): CommandFailure {
  if (error.code === 'ENOENT')
    return new CommandFailure('not-installed', `\`${file}\` is not installed`)
  if (error.killed)
    return new CommandFailure('timeout', `\`${file}\` did not answer within ${timeoutMs / 1000} s`)
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return new CommandFailure(
      'failed',
      `\`${file}\` printed more than ${maxOutputBytes / 2 ** 20} MiB`,
    )
  const firstLine = stderr.trim().split('\n', 1)[0] ?? ''
  const reason = firstLine === '' ? `exit code ${String(error.code)}` : firstLine
  return new CommandFailure('failed', `\`${file}\` failed: ${reason}`, stderr)
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('interrupted')
}
