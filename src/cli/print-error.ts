/**
 * The only place that turns errors into text: an `ExpError` becomes a message with a hint, any other error is an
 * internal error and is printed with its stack.
 */
import path from 'node:path'
import { CommanderError } from 'commander'
import { ExpError } from '../errors/exp-error.ts'
import { onOneLine } from '../errors/quote.ts'
import { withoutCredentials } from '../secrets/secrets.ts'
import { exitCodeOf, exitCodes, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'

const fileErrors: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EISDIR', 'it is a directory'],
  ['ENOTDIR', 'a path component is not a directory'],
  ['ENOENT', 'it does not exist, or is a broken link'],
  ['ELOOP', 'it is a circular link'],
  ['ENOSPC', 'the disk is full'],
  ['EMFILE', 'too many files are open; raise the limit with `ulimit -n 4096`'],
  ['EROFS', 'the disk is read-only'],
])

/**
 * The message for a file error of the operating system; undefined for any other error. Not every file error names a
 * path.
 */
function fileErrorMessage(error: unknown, io: Io): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const reason = fileErrors.get(error.code)
  if (reason === undefined) return undefined
  const file = 'path' in error && typeof error.path === 'string' ? error.path : undefined
  const subject = file === undefined ? 'a file' : `\`${path.relative(io.cwd, file) || '.'}\``
  return `${subject} cannot be used: ${reason}`
}

/**
 * True if a module was not found. Node reports the same error if it cannot look for the module, because too many files
 * are open.
 */
function isModuleError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}

/** Prints an error on stderr, and returns the exit code that follows from it. */
export function printError(error: unknown, io: Io): ExitCode {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCodes.done : exitCodes.invalid
  const { red, dim } = paint(io.stderr, io.env)
  if (error instanceof ExpError) {
    const lines = error.lines.map((line) => onOneLine(withoutCredentials(line))).join('\n')
    const hint =
      error.hint === undefined ? '' : `${dim('hint:')}  ${withoutCredentials(error.hint)}\n`
    io.stderr.write(`${red('error:')} ${lines}\n${hint}`)
    return exitCodeOf(error.code)
  }
  const fileError = fileErrorMessage(error, io)
  if (fileError !== undefined) {
    io.stderr.write(
      `${red('error:')} ${fileError}\n${dim('hint:')}  fix the path or its permissions, then run the command again\n`,
    )
    return exitCodes.environment
  }
  if (isModuleError(error)) {
    io.stderr.write(
      `${red('error:')} a module of exp cannot be loaded: ${onOneLine(error.message)}\n${dim('hint:')}  if the limit on open files is low, raise it with \`ulimit -n 4096\`; otherwise install exp again\n`,
    )
    return exitCodes.environment
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.stderr.write(
    `${red('internal error:')} this is a bug in exp. Please report it with these lines:\n${trace}\n`,
  )
  return exitCodes.bug
}
