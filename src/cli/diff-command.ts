import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { openCommit } from '../files/git-files.ts'
import type { ReportChange } from '../notebook/changes-since.ts'
import { newOrRemovedText, type DifferenceFormat } from '../notebook/difference-text.ts'
import { differenceJson, outlineOf } from '../notebook/difference.ts'
import { openNotebook, type Notebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, worstExitCode, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { terminalLocale } from './language.ts'
import { printError } from './print-error.ts'
import { keepLines, printJson } from './safe-output.ts'

const schema = z.object({
  format: z.enum(['text', 'md']),
  json: z.boolean().default(false),
  against: z.string().optional(),
})

/**
 * Prints the differences between two versions of a report, by default the last two; with `--against`, the differences
 * since a commit of git. Prints nothing if nothing changed.
 * @param name an id or a file name; may be absent only with `--against`, for all reports
 */
export async function diff(
  name: string | undefined,
  from: string | undefined,
  to: string | undefined,
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const { format, json, against } = schema.parse(rawOptions)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  // JSON and Markdown stay in the language of the report unless `--lang` names another.
  const locale = json ? undefined : format === 'md' ? io.lang : terminalLocale(io)
  if (against !== undefined) {
    if (from !== undefined)
      throw new ExpError(
        'invalid-input',
        '`--against` compares with a commit of git, so it cannot be combined with a version',
        'Remove the version, or remove `--against`.',
      )
    const commit = await openCommit(notebook.root, against)
    const { changes, failures } = await notebook.changesSince(
      commit,
      name === undefined ? undefined : [name],
      locale,
    )
    if (json) printJson(io.stdout, changes.map(changeJson))
    else print(changesText(changes, format, notebook), format, io)
    return worstExitCode(failures.map((error) => printError(error, io)))
  }
  if (name === undefined)
    throw new ExpError(
      'invalid-input',
      'name the experiment whose versions to compare',
      '`exp list` shows all experiments; `exp diff --against REF` compares every report with a branch or commit of git',
    )
  const difference = await notebook.difference(name, from, to, locale)
  if (json) printJson(io.stdout, differenceJson(difference))
  else print(notebook.describe(difference, format), format, io)
  return exitCodes.done
}

function print(text: string, format: DifferenceFormat, io: Io): void {
  io.stdout.write(format === 'md' ? keepLines(text) : text)
}

/** The changes, separated by blank lines; empty if there are none. */
export function changesText(
  changes: readonly ReportChange[],
  format: DifferenceFormat,
  notebook: Notebook,
): string {
  return changes.map((change) => changeText(change, format, notebook)).join('\n')
}

/** One change as lines that end with `\n`. */
export function changeText(
  change: ReportChange,
  format: DifferenceFormat,
  notebook: Notebook,
): string {
  return change.how === 'changed'
    ? notebook.describe(change.difference, format)
    : newOrRemovedText(change, format, notebook.words(change.lock.locale))
}

function changeJson(change: ReportChange): object {
  if (change.how === 'changed') return { how: change.how, ...differenceJson(change.difference) }
  const { how, against, lock } = change
  return { how, experiment: lock.experiment, against, version: outlineOf(lock) }
}
