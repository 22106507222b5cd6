#!/usr/bin/env node
/**
 * The entry point: turns the process into an `Io`, runs the command line, sets the exit code. Nothing else
 * in the program exits or knows `process`. `--version` is answered before anything else is loaded.
 */
import { readFileSync } from 'node:fs'

if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2] ?? '')) {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  process.stdout.write(`${/"version": "([^"]+)"/.exec(manifest)?.[1] ?? 'unknown'}\n`)
} else {
  const [{ runCommandLine }, { processIo }] = await Promise.all([
    import('./command-line.ts'),
    import('./process-io.ts'),
  ])
  process.exitCode = await runCommandLine(process.argv.slice(2), processIo())
}
