import { serveEmbedded } from '../embedded/serve-embedded.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

/** Serves the embedded engine until the first Ctrl-C or SIGTERM. Logs to stderr, like Ollama. */
export async function embedded(io: Io): Promise<ExitCode> {
  await serveEmbedded({
    env: io.env,
    log: (line) => io.stderr.write(`${line}\n`),
    signal: io.signal,
  })
  return exitCodes.done
}
