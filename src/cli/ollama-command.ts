import { ExpError } from '../errors/exp-error.ts'
import { loadLocalSettings } from '../files/local-settings.ts'
import { systemTools } from '../host/machine-tools.ts'
import { findRoot } from '../notebook/project.ts'
import { addOllama, addedOllamas, isVersion } from '../targets/process/added-ollama.ts'
import { installedOllama } from '../targets/process/ollama-binary.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { readTerminalWords } from './terminal-words.ts'

/** Downloads a release of Ollama, so that an experiment can name its version. */
export async function addOllamaCommand(written: string, io: Io): Promise<ExitCode> {
  const version = written.replace(/^v/, '')
  if (!isVersion(version))
    throw new ExpError(
      'invalid-input',
      `\`${written}\` is not a version of Ollama`,
      'write it as in `exp ollama add 0.11.3`',
    )
  const words = readTerminalWords(io)
  io.stderr.write(`${words.text('ollama.adding', { version })}\n`)
  let shown = 0
  const program = await addOllama(version, {
    env: io.env,
    tools: systemTools(),
    signal: io.signal,
    onProgress: (loaded, total) => {
      const tenth = total === undefined ? 0 : Math.floor((10 * loaded) / total)
      if (tenth <= shown) return
      shown = tenth
      const megabytes = Math.round((total ?? 0) / 1e6)
      io.stderr.write(`${words.text('ollama.loaded', { percent: 10 * tenth, megabytes })}\n`)
    },
  })
  io.stdout.write(`${words.text('ollama.added', { version, program })}\n`)
  return exitCodes.done
}

/** Prints a line for each Ollama that `target: {process: {version: …}}` finds: its version and its program. */
export async function listOllamas(io: Io): Promise<ExitCode> {
  const words = readTerminalWords(io)
  const named = loadLocalSettings(findRoot(io.cwd)).ollama.binaries
  const added = addedOllamas(io.env)
  const installed = await installedOllama(systemTools())
  const lines = [
    ...(installed === undefined ? [] : [{ ...installed, from: 'ollama.installed' as const }]),
    ...Object.entries(named).map(([version, file]) => ({
      version,
      file,
      from: 'ollama.named' as const,
    })),
    ...Object.entries(added)
      .filter(([version]) => named[version] === undefined)
      .map(([version, file]) => ({ version, file, from: 'ollama.fromRelease' as const })),
  ]
  for (const { version, file, from } of lines)
    io.stdout.write(`${version}  ${words.text(from)}  ${file}\n`)
  if (lines.length === 0) io.stdout.write(`${words.text('ollama.none')}\n`)
  return exitCodes.done
}
