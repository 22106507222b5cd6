/** The commands that change what a notebook holds: its experiments, runs and results. */
import type { Command } from 'commander'
import type { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import type { PackOptions, UnpackOptions } from './pack-command.ts'
import type { PruneOptions } from './prune-command.ts'
import { configKeys, wholeNumber } from './option-values.ts'

/** @param add adds a command with its summary */
export function addNotebookCommands(
  add: (name: string, summary: string) => Command,
  io: Io,
  setExitCode: (code: ExitCode) => void,
): void {
  add(
    'rerun <id>',
    'measure the old and the new definition, or two versions of Ollama; exit 1 if the loss is too great',
  )
    .option(
      '--against <version>',
      'the definition of this version of the report, or of a branch or commit of git (default: newest version)',
    )
    .option(
      '--version <versions>',
      'two versions of Ollama instead, the old one first: 0.11.3,installed',
    )
    .option('--loss <amount>', 'the greatest loss that passes', '3%')
    .option(
      '--metric <metric>',
      'the metric that must not get worse (default: the one that ranks the configs)',
    )
    .option('--only <configs>', 'measure these configs only: `a,b`', configKeys)
    .option('--rounds <number>', 'number of rounds, instead of those in the file', wholeNumber)
    .option('-y, --yes', 'answer every question with yes')
    .option('--json', 'print the result as JSON on stdout')
    .action(async (id: string, options: object) => {
      const { rerun } = await import('./rerun-command.ts')
      setExitCode(await rerun(id, options, io))
    })
  add('next <id> <cause>', 'write an experiment that tests a cause found by a report').action(
    async (id: string, cause: string) => {
      const { next } = await import('./next-command.ts')
      setExitCode(await next(id, cause, io))
    },
  )
  add('drop <id> <run>', 'exclude a run; the report gives the reason')
    .requiredOption('--why <text>', 'the reason, stored with the results')
    .action(async (id: string, run: string, options: { why: string }) => {
      const { drop } = await import('./drop-command.ts')
      setExitCode(await drop(id, run, options.why, io))
    })
  add('prune <id>', 'shrink the results of older versions to the figures of their trials')
    .option(
      '--keep <versions>',
      'how many of the newest versions keep all their results',
      wholeNumber,
      2,
    )
    .option('-y, --yes', 'answer every question with yes')
    .action(async (id: string, options: PruneOptions) => {
      const { prune } = await import('./prune-command.ts')
      setExitCode(await prune(id, options, io))
    })
}

/**
 * The commands that take an experiment to another machine or project.
 * @param add adds a command with its summary
 */
export function addTransferCommands(
  add: (name: string, summary: string) => Command,
  io: Io,
  setExitCode: (code: ExitCode) => void,
): void {
  add(
    'kubernetes <file>',
    'write an experiment as a Kustomize base: an Ollama for each config, and a job that measures them',
  ).action(async (file: string) => {
    const { kubernetes } = await import('./kubernetes-command.ts')
    setExitCode(await kubernetes(file, io))
  })
  add('pack <id>', 'write one file with an experiment, its reports and results, for somebody else')
    .option('--out <file>', 'the file to write (default: ID.exp.tgz)')
    .action(async (id: string, options: PackOptions) => {
      const { pack } = await import('./pack-command.ts')
      setExitCode(await pack(id, options, io))
    })
  add('unpack <file>', 'check what `exp pack` wrote, and put it into a project')
    .option('--into <folder>', 'the folder of the project (default: this one)')
    .option('-y, --yes', 'answer every question with yes')
    .action(async (file: string, options: UnpackOptions) => {
      const { unpack } = await import('./pack-command.ts')
      setExitCode(await unpack(file, options, io))
    })
}
