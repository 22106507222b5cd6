/** Finds the Ollama program that a process target runs. */
import { ExpError } from '../../errors/exp-error.ts'
import { CommandFailure } from '../../host/command.ts'
import type { LocalSettings } from '../../files/local-settings.ts'
import type { MachineTools } from '../../host/machine-tools.ts'

export interface OllamaBinary {
  readonly file: string
  /** The version of the program itself. A running server may have another one. */
  readonly version: string
}

/** The program inside the macOS app, which is not always on the path. */
const programInApp = '/Applications/Ollama.app/Contents/Resources/ollama'

/**
 * The program of the given version: one that exp.local.yaml names or `exp ollama add` downloaded, or the installed one
 * if it has that version. If no version is given, the installed one. Throws `ExpError` if there is none.
 */
export async function findOllama(
  version: string | undefined,
  settings: LocalSettings,
  tools: MachineTools,
): Promise<OllamaBinary> {
  const named = version === undefined ? undefined : settings.ollama.binaries[version]
  if (version !== undefined && named !== undefined) return namedOllama(version, named, tools)
  const installed = await installedOllama(tools)
  if (installed === undefined)
    throw new ExpError(
      'environment',
      'Ollama is not installed',
      'install it from https://ollama.com/download',
    )
  if (version === undefined || installed.version === version) return installed
  throw new ExpError(
    'environment',
    `the target needs Ollama ${version}, but ${installed.version} is installed`,
    `\`exp ollama add ${version}\` downloads it; or name your own in exp.local.yaml: \`ollama: {binaries: {"${version}": PATH}}\``,
  )
}

/**
 * A program that exp.local.yaml names, or that was added. Throws `ExpError` if it does not exist, does not run, or has
 * another version.
 */
export async function namedOllama(
  version: string,
  file: string,
  tools: MachineTools,
): Promise<OllamaBinary> {
  const subject = `the program for Ollama ${version}`
  const fix = `correct \`ollama.binaries\` in exp.local.yaml, or run \`exp ollama add ${version}\``
  const actual = await ollamaVersion(file, tools).catch((error: unknown) => {
    if (!(error instanceof CommandFailure)) throw error
    const reason = error.kind === 'not-installed' ? 'does not exist' : 'does not run'
    throw new ExpError('environment', `${subject} ${reason}`, fix)
  })
  if (actual === version) return { file, version }
  throw new ExpError('environment', `${subject} reports version ${actual}`, fix)
}

/** The program that the command `ollama` would run, or the app's; `undefined` if neither exists. */
export async function installedOllama(tools: MachineTools): Promise<OllamaBinary | undefined> {
  for (const file of ['ollama', ...(tools.platform === 'darwin' ? [programInApp] : [])])
    try {
      return { file, version: await ollamaVersion(file, tools) }
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error
      if (error.kind !== 'not-installed')
        throw new ExpError(
          'environment',
          error.message,
          'run `ollama --version` to see what is wrong',
        )
    }
  return undefined
}

/**
 * Parses `ollama version is 0.11.3`. If a server of another version is running, that line gives the server's
 * version, and `client version is` gives the program's.
 */
export function parseOllamaVersion(text: string): string | undefined {
  return (/client version is (\S+)/.exec(text) ?? /ollama version is (\S+)/.exec(text))?.[1]
}

async function ollamaVersion(file: string, tools: MachineTools): Promise<string> {
  const printed = await tools.run(file, ['--version'], { timeoutMs: 15_000 })
  const version = parseOllamaVersion(printed)
  if (version === undefined)
    throw new ExpError(
      'environment',
      '`ollama --version` prints no version',
      'check that this program is Ollama',
    )
  return version
}
