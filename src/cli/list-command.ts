import { z } from 'zod'
import { oneLine, columns } from '../format/plain-text.ts'
import { openNotebook, type Notebook } from '../notebook/notebook.ts'
import { overviewLine, overviewTree, type Overview } from '../notebook/overview.ts'
import { findRoot } from '../notebook/project.ts'
import { worstExitCode, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'
import { terminalLocale } from './language.ts'
import { printError } from './print-error.ts'
import { printJson } from './safe-output.ts'
import { readTerminalWords } from './terminal-words.ts'
import { fitsInto } from './wrap.ts'

const schema = z.object({ json: z.boolean().default(false) })

/**
 * Prints each experiment with its title and answer; a follow-up comes below the experiment that it follows. If an
 * experiment cannot be listed, prints the reason and continues.
 */
export function list(rawOptions: object, io: Io): ExitCode {
  const { json } = schema.parse(rawOptions)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const { overviews, failures } = notebook.list(json ? undefined : terminalLocale(io))
  if (json) printJson(io.stdout, overviews)
  else printList(notebook, overviews, failures.length, io)
  return worstExitCode(failures.map((error) => printError(error, io)))
}

/** @param failures the number of experiments that cannot be listed */
function printList(
  notebook: Notebook,
  overviews: readonly Overview[],
  failures: number,
  io: Io,
): void {
  if (overviews.length + failures === 0)
    io.stderr.write(`${readTerminalWords(io).text('list.empty')}\n`)
  const words = notebook.words(terminalLocale(io))
  const entries = overviewTree(overviews).map(({ overview, depth }) => {
    return { id: overview.id, depth, line: overviewLine(overview, words) }
  })
  const rows = entries.map(({ id, depth, line: { version, date, state, verdicts } }) => {
    const name = depth === 0 ? id : `${'  '.repeat(depth - 1)}└ ${id}`
    return [name, version, date, state, verdicts]
  })
  const wide = columns(rows)
  const isWide = fitsInto(wide, io.stdout)
  const heads = isWide ? wide : columns(rows.map((cells) => cells.slice(0, -1)))
  const { bold } = paint(io.stdout, io.env)
  for (const [index, { depth, line }] of entries.entries()) {
    const { title, answer, follows, verdicts } = line
    const details = [
      isWide ? '' : verdicts,
      title,
      answer,
      follows === '' ? '' : `← ${follows}`,
    ].filter((text) => text !== '')
    const indent = '  '.repeat(depth + 1)
    const lines = [bold(heads[index] ?? ''), ...details.map((text) => indent + oneLine(text))]
    io.stdout.write(`${lines.join('\n')}\n`)
  }
}
