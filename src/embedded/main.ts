#!/usr/bin/env node
/**
 * The engine's process. Takes `serve` as Ollama does, or nothing; everything else comes from the environment.
 * SIGINT and SIGTERM end it in order; so does the end of standard input where `EXP_EMBEDDED_EXIT_WITH_STDIN`
 * is set, so that it never outlives the process that started it.
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
