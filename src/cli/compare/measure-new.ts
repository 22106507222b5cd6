/**
 * Measures an experiment that a command has just made: in the notebook if it is to be kept, or else in a temporary
 * folder.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forShell } from '../../errors/quote.ts'
import { assertNewFile, writeFiles, writeNewFile } from '../../files/write-files.ts'
import type { Published } from '../../notebook/publish-report.ts'
import { parseExperimentFile } from '../../notebook/project.ts'
import { projectFiles } from '../../setup/project-files.ts'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import { experimentName } from '../init/choices-of-options.ts'
import type { NewFile } from '../init/new-file.ts'
import type { PromptsFile } from '../init/prompts-file.ts'
import type { Io } from '../io.ts'
import { runExperiment } from '../run/run-command.ts'
import { defaultRunOptions } from '../run/run-options.ts'
import { printPublished } from '../run/run-outcome.ts'
import { readTerminalWords } from '../terminal-words.ts'

export interface KeepOptions {
  /** The name under which the notebook keeps the experiment and its results; without it, nothing is kept. */
  readonly save?: string | undefined
  readonly yes: boolean
  readonly json: boolean
}

/** What is measured, and how its outcome is printed. */
export interface NewRun {
  readonly newFile: NewFile
  readonly prompts: PromptsFile | undefined
  /** True if the run is useless unless at least two configs answer. */
  readonly needsTwoConfigs: boolean
  readonly print: (published: Published) => void
}

/**
 * The name of the experiment: that of `--save`, or else the name of the command.
 * @throws ExpError `invalid-input` if it is not a name, or the experiment exists
 */
export function nameToSave(save: string | undefined, command: string, project: string): string {
  if (save === undefined) return command
  const name = experimentName(save)
  assertNewFile(project, `experiments/${name}.yaml`)
  return name
}

/** @param project the notebook, whose exp.local.yaml applies in any case */
export async function measureNew(
  run: NewRun,
  options: KeepOptions,
  project: string,
  io: Io,
): Promise<ExitCode> {
  if (options.save !== undefined) {
    await writeFiles(project, projectFiles(project))
    return measureIn(project, run, options, project, io)
  }
  const folder = await mkdtemp(join(tmpdir(), 'exp-new-'))
  let code: ExitCode | undefined
  try {
    code = await measureIn(folder, run, options, project, io)
    return code
  } finally {
    const isKept = code === exitCodes.interrupted && existsSync(join(folder, 'reports'))
    if (isKept)
      io.stderr.write(
        `${readTerminalWords(io).text('compare.interrupted', { folder: forShell(folder), file: run.newFile.file })}\n`,
      )
    else await rm(folder, { recursive: true, force: true })
  }
}

/** Writes the experiment into a project, and runs it. */
async function measureIn(
  root: string,
  { newFile: { file, text, notes }, prompts, needsTwoConfigs, print }: NewRun,
  { save, yes, json }: KeepOptions,
  settingsFolder: string,
  io: Io,
): Promise<ExitCode> {
  if (prompts !== undefined) await writeFiles(root, new Map([[prompts.copy, prompts.bytes]]))
  await writeNewFile(root, file, text)
  const { experiment } = parseExperimentFile(root, file)
  if (experiment === undefined) return exitCodes.invalid
  const words = readTerminalWords(io)
  if (save !== undefined) io.stderr.write(`${words.text('file.wrote', { file })}\n`)
  for (const note of notes) io.stderr.write(`${words.text('plan.note', { note })}\n`)
  return runExperiment(
    experiment,
    { ...defaultRunOptions, yes },
    {
      root,
      settingsFolder,
      needsTwoConfigs,
      isFromOptions: true,
      show: (published, outcome) => {
        print(published)
        if (save === undefined && !json && !outcome.interrupted)
          io.stderr.write(`${words.text('compare.notKept')}\n`)
        if (save !== undefined && !json)
          printPublished(published, outcome, { json: false }, words, io)
      },
    },
    io,
  )
}
