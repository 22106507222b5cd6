import { resolve } from 'node:path'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { noReportYet, findRoot } from '../notebook/project.ts'
import { openNotebook, type Notebook } from '../notebook/notebook.ts'
import type { Published } from '../notebook/publish-report.ts'
import type { EditedLine } from '../notebook/outside-edits.ts'
import { exitCodes, worstExitCode, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { printError } from './print-error.ts'
import {
  indented,
  noteLines,
  writtenLines,
  readTerminalWords,
  type TerminalWords,
} from './terminal-words.ts'
import { keepLines } from './safe-output.ts'

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
  const ids = all || names.length === 0 ? notebook.ids() : names.map((name) => notebook.id(name))
  if (ids.length === 0) throw noReportYet(root, 'invalid-input')
  if (stdout) {
    for (const id of ids)
      io.stdout.write(keepLines((await notebook.preview(notebook.experiment(id))).toString('utf8')))
    return exitCodes.done
  }
  return publishAll(notebook, ids, { discardEdits }, io)
}

/** Publishes the reports and then the index. A report that cannot be published does not stop the others. */
async function publishAll(
  notebook: Notebook,
  ids: readonly string[],
  options: { readonly discardEdits: boolean },
  io: Io,
): Promise<ExitCode> {
  const words = readTerminalWords(io)
  notebook.assertIndexUnedited(options)
  const codes: ExitCode[] = []
  const known = notebook.known()
  for (const id of ids)
    try {
      const experiment = notebook.experiment(id, known)
      printReport(await notebook.publishReport(experiment, options), words, io)
    } catch (error) {
      codes.push(printError(error, io))
    }
  if (codes.length < ids.length) {
    const { written, discardedLines } = await notebook.publishIndex(options)
    io.stdout.write(indented(writtenLines(written, words)))
    printDiscarded(discardedLines, words, io)
  }
  return worstExitCode(codes)
}

function printReport(
  { experiment, version, state, written, notes, discardedLines }: Published,
  words: TerminalWords,
  io: Io,
): void {
  const line = words.text(`report.${state}`, { experiment: experiment.id, version })
  io.stdout.write(
    `${written.length === 0 ? words.text('report.unchanged', { report: line }) : line}\n`,
  )
  io.stdout.write(indented(writtenLines(written, words)))
  printDiscarded(discardedLines, words, io)
  io.stderr.write(indented(noteLines(notes, words)))
}

function printDiscarded(lines: readonly EditedLine[], words: TerminalWords, io: Io): void {
  io.stderr.write(indented(lines.map((line) => words.text('file.dropped', { ...line }))))
}
