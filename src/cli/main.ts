#!/usr/bin/env node
/**
 * The entry point: wraps the process in an `Io`, runs the command line, and sets the exit code. Other files throw or
 * return an exit code. Only `io.ts` also ends the process, on a second Ctrl-C. `--version` is answered before anything
 * else is loaded.
 */
import { programVersion } from './program-version.ts'

if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2] ?? '')) {
  process.stdout.write(`${programVersion()}\n`)
} else {
  const [{ runCommandLine }, { processIo }] = await Promise.all([
    import('./command-line.ts'),
    import('./io.ts'),
  ])
  process.exitCode = await runCommandLine(process.argv.slice(2), processIo())
}
