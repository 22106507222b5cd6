#!/usr/bin/env node
/**
 * Entry point of the engine's process. Its only argument is `serve`, which is optional; settings come from the
 * environment. SIGINT and SIGTERM shut it down. With `EXP_EMBEDDED_EXIT_WITH_STDIN` set, so does the end of
 * standard input, so that the engine never outlives the process that started it.
 */
import { ExpError } from '../errors/exp-error.ts'
import { serveEmbedded } from './serve-embedded.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
if (process.env['EXP_EMBEDDED_EXIT_WITH_STDIN'] === '1') {
  process.stdin.on('end', () => stop.abort()).on('error', () => stop.abort())
  process.stdin.resume()
}

const command = process.argv[2] ?? 'serve'
try {
  if (command !== 'serve')
    throw new ExpError('invalid-input', `unknown command \`${command}\``, 'Use `serve`.')
  await serveEmbedded({ env: process.env, log: writeLine, signal: stop.signal })
  process.exit(0)
} catch (error) {
  writeLine(
    error instanceof ExpError
      ? `Error: ${error.message}\n${error.hint ?? ''}`
      : `Error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  )
  process.exit(1)
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`)
}
