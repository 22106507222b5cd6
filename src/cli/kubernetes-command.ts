import { resolve } from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { readFileIfExists } from '../files/read-files.ts'
import { writeFiles } from '../files/write-files.ts'
import { datasetPath } from '../notebook/next-file.ts'
import { assertFindableById, findRoot, parseExperimentFile } from '../notebook/project.ts'
import { kubernetesBase } from '../setup/kubernetes/kubernetes-base.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { readTerminalWords, writtenLines } from './terminal-words.ts'
import { printProblems } from './validate-command.ts'

/** Writes an experiment as a Kustomize base. Overwrites only what it wrote itself. */
export async function kubernetes(file: string, io: Io): Promise<ExitCode> {
  const words = readTerminalWords(io)
  const root = findRoot(io.cwd)
  const parsed = parseExperimentFile(root, resolve(io.cwd, file))
  const { experiment } = parsed
  if (!printProblems(parsed, io) || experiment === undefined) return exitCodes.invalid
  assertFindableById(root, experiment)
  const base = kubernetesBase(experiment, datasetPath(root, experiment.file))
  for (const [name] of base.files) assertGenerated(root, name)
  const written = await writeFiles(
    root,
    new Map([...base.files].map(([name, text]) => [name, Buffer.from(text)])),
  )
  for (const line of writtenLines(written, words)) io.stdout.write(`${line}\n`)
  io.stderr.write(
    `${words.text('kubernetes.next', { file: `${base.folder}/kustomization.yaml` })}\n`,
  )
  return exitCodes.done
}

/** @throws ExpError `invalid-input` if the file exists and `exp kubernetes` did not write it */
function assertGenerated(root: string, file: string): void {
  const text = readFileIfExists(root, file)?.toString('utf8')
  if (text === undefined || text.includes('# Written by `exp kubernetes ')) return
  throw new ExpError(
    'invalid-input',
    `\`${file}\` exists, and \`exp kubernetes\` did not write it`,
    'Rename it, or remove it.',
  )
}
