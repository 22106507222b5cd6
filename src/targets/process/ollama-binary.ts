/** Which Ollama program a process target runs. */
import { ExpError } from '../../errors/exp-error.ts'
import { CommandFailure } from '../../host/command.ts'
import type { LocalSettings } from '../../host/local-settings.ts'
import type { MachineTools } from '../../host/machine-tools.ts'

export interface OllamaBinary {
  readonly file: string
  /** Of the program itself, whatever server is running. */
  readonly version: string
}

/** The app brings a program that is not always on the path. */
const inApp = '/Applications/Ollama.app/Contents/Resources/ollama'

/**
 * The program of the version that is asked for: from exp.local.yaml, or the installed one if it is of that
 * version; the installed one where none is asked for. Throws `ExpError` where there is none.
 */
export async function findOllama(
  wanted: string | undefined,
  settings: LocalSettings,
  tools: MachineTools,
): Promise<OllamaBinary> {
  const named = wanted === undefined ? undefined : settings.ollama.binaries[wanted]
  if (wanted !== undefined && named !== undefined) return namedOllama(wanted, named, tools)
  const installed = await installedOllama(tools)
  if (installed === undefined)
    throw new ExpError(
      'environment',
      'Ollama is not installed',
      'install it from https://ollama.com/download',
    )
  if (wanted === undefined || installed.version === wanted) return installed
  throw new ExpError(
    'environment',
    `Ollama ${wanted} is asked for, and ${installed.version} is installed`,
    `unpack Ollama ${wanted} somewhere and name it in exp.local.yaml: \`ollama: {binaries: {"${wanted}": PATH}}\``,
  )
}

/** What exp.local.yaml names. Throws `ExpError` where it is not there, or not of that version. */
export async function namedOllama(
  version: string,
  file: string,
  tools: MachineTools,
): Promise<OllamaBinary> {
  const correct = 'correct `ollama.binaries` in exp.local.yaml'
  const told = await ollamaVersion(file, tools).catch((error: unknown) => {
    if (!(error instanceof CommandFailure)) throw error
    const why = error.kind === 'not-installed' ? 'is not there' : 'does not run'
    throw new ExpError(
      'environment',
      `what exp.local.yaml names as Ollama ${version} ${why}`,
      correct,
    )
  })
  if (told === version) return { file, version }
  throw new ExpError(
    'environment',
    `what exp.local.yaml names as Ollama ${version} is ${told}`,
    correct,
  )
}

/** The one that typing `ollama` would run, or the app's; `undefined` where there is neither. */
export async function installedOllama(tools: MachineTools): Promise<OllamaBinary | undefined> {
  for (const file of ['ollama', ...(tools.platform === 'darwin' ? [inApp] : [])])
    try {
      return { file, version: await ollamaVersion(file, tools) }
    } catch (error) {
      if (!(error instanceof CommandFailure) || error.kind !== 'not-installed') throw problem(error)
    }
  return undefined
}

/** Its words: `ollama version is 0.11.3`; beside a running server of another version, `client version is` its own. */
export function parseOllamaVersion(text: string): string | undefined {
  return (/client version is (\S+)/.exec(text) ?? /ollama version is (\S+)/.exec(text))?.[1]
}

async function ollamaVersion(file: string, tools: MachineTools): Promise<string> {
  const printed = await tools.run(file, ['--version'], { timeoutMs: 15_000 })
  const version = parseOllamaVersion(printed)
  if (version === undefined)
    throw new ExpError('environment', `\`ollama --version\` says no version`, 'is it Ollama?')
  return version
}

function problem(error: unknown): unknown {
  return error instanceof CommandFailure
    ? new ExpError('environment', error.message, 'run `ollama --version` and see')
    : error
}
