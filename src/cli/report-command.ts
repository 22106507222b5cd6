import { resolve } from 'node:path'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { noReportYet } from '../notebook/first-report.ts'
import { openNotebook, type Published } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import {
  indented,
  noteLines,
  writtenLines,
  readTerminalWords,
  type TerminalWords,
} from './terminal-words.ts'

const schema = z.object({
  all: z.boolean().default(false),
  stdout: z.boolean().default(false),
  templates: z.string().optional(),
  discardEdits: z.boolean().default(false),
})

/**
 * Renders reports from stored results, and writes the files that differ.
 * @param names ids or file names; empty for all experiments
 */
export async function report(
  names: readonly string[],
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const { all, stdout, templates, discardEdits } = schema.parse(rawOptions)
  if (templates !== undefined && !stdout)
    throw new ExpError(
      'invalid-input',
      '`--templates` requires `--stdout`',
      'To use templates permanently, put them into `templates/<locale>/` of the project.',
    )
  const root = findRoot(io.cwd)
  const notebook = openNotebook({
    root,
    ...(templates === undefined ? {} : { templates: resolve(io.cwd, templates) }),
  })
  const ids = all || names.length === 0 ? notebook.ids() : names
  if (ids.length === 0) throw noReportYet(root, 'invalid-input')
  const words = readTerminalWords()
  for (const id of ids) {
    const experiment = notebook.experiment(id)
    if (stdout) io.stdout.write((await notebook.preview(experiment)).toString('utf8'))
    else printReport(await notebook.publish(experiment, { discardEdits }), words, io)
  }
  return exitCodes.done
}

function printReport(
  { experiment, version, state, written, notes, discarded }: Published,
  words: TerminalWords,
  io: Io,
): void {
  const line = words.text(`report.${state}`, { experiment: experiment.id, version })
  io.stdout.write(
    `${written.length === 0 ? words.text('report.unchanged', { report: line }) : line}\n`,
  )
  io.stdout.write(indented(writtenLines(written, words)))
  io.stderr.write(indented(discarded.map((text) => words.text('file.dropped', { ...text }))))
  io.stderr.write(indented(noteLines(notes, words)))
}
