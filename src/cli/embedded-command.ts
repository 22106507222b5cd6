import { serveEmbedded } from '../embedded/serve-embedded.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

/**
 * Serves the embedded engine until the first Ctrl-C or SIGTERM, or until the terminal is closed. Logs to stderr, like
 * Ollama.
 */
export async function embedded(io: Io): Promise<ExitCode> {
  await serveEmbedded({
    env: io.env,
    log: (line) => io.stderr.write(`${line}\n`),
    signal: AbortSignal.any([io.signal, io.terminalClosed]),
  })
  return exitCodes.done
}
