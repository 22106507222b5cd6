import { serveEmbedded } from '../embedded/serve-embedded.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

/** Serves until the first Ctrl-C or SIGTERM; the log goes to stderr, as Ollama's does. */
export async function embedded(io: Io): Promise<ExitCode> {
  await serveEmbedded({
    env: io.env,
    log: (line) => io.stderr.write(`${line}\n`),
    signal: io.signal,
  })
  return exitCodes.done
}
