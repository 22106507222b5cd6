/** The commands about servers on this machine: what it can run, the embedded engine, and versions of Ollama. */
import type { Command } from 'commander'
import type { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

/** @param add adds a command with its summary */
export function addServerCommands(
  add: (name: string, summary: string) => Command,
  io: Io,
  setExitCode: (code: ExitCode) => void,
): void {
  add('doctor', 'show what this machine can run, and how to fix what is missing')
    .option(
      '--calibrate',
      'calibrate the timing error of measurements on this machine, for later runs; takes half a minute',
    )
    .option('--json', 'print JSON')
    .action(async (options: object) => {
      const { doctor } = await import('./doctor-command.ts')
      setExitCode(await doctor(options, io))
    })
  add('embedded', "serve the embedded engine on Ollama's API at OLLAMA_HOST until stopped").action(
    async () => {
      const { embedded } = await import('./embedded-command.ts')
      setExitCode(await embedded(io))
    },
  )
  add('engine', 'the embedded engine, an optional part of exp: `exp engine add` installs it')
    .command('add')
    .description('download the embedded engine (80 MB) into the cache folder of this user')
    .action(async () => {
      const { addEngineCommand } = await import('./engine-command.ts')
      setExitCode(await addEngineCommand(io))
    })
  const ollama = add(
    'ollama',
    'versions of Ollama to measure: `exp ollama add 0.11.3` downloads one',
  )
  ollama
    .command('list')
    .description('list the installed Ollama, those that were added, and those of exp.local.yaml')
    .action(async () => {
      const { listOllamas } = await import('./ollama-command.ts')
      setExitCode(await listOllamas(io))
    })
  ollama
    .command('add')
    .description(
      "download a release, check its digest, and unpack it into this user's cache folder",
    )
    .argument('<version>', 'a version, such as 0.11.3')
    .action(async (version: string) => {
      const { addOllamaCommand } = await import('./ollama-command.ts')
      setExitCode(await addOllamaCommand(version, io))
    })
}
