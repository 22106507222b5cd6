#!/usr/bin/env -S node --min-semi-space-size=64 --max-semi-space-size=64
/**
 * The entry point: wraps the process in an `Io`, runs the command line, and sets the exit code. Other files throw or
 * return an exit code. Only `io.ts` also ends the process, on a second Ctrl-C. `--version` is answered before anything
 * else is loaded.
 *
 * The first line gives Node 64 MB of room for young objects instead of at most 16 MB: a measurement then seldom stops
 * for milliseconds to collect garbage. `node dist/cli/main.js` works as well.
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
