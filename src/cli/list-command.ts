import { z } from 'zod'
import { oneLine, columns } from '../format/plain-text.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { commonLocale, overviewLine, overviewTree } from '../notebook/overview.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'
import { printJson } from './safe-output.ts'
import { readTerminalWords } from './terminal-words.ts'

const schema = z.object({ json: z.boolean().default(false) })

/** Prints each experiment with its title and answer, below the experiment that it follows from. */
export function list(rawOptions: object, io: Io): ExitCode {
  const { json } = schema.parse(rawOptions)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const overviews = notebook.list()
  if (json) {
    printJson(io.stdout, overviews)
    return exitCodes.done
  }
  if (overviews.length === 0) io.stderr.write(`${readTerminalWords().text('list.empty')}\n`)
  const words = notebook.words(commonLocale(overviews.map(({ locale }) => locale)))
  const entries = overviewTree(overviews).map(({ overview, depth }) => {
    return { id: overview.id, depth, line: overviewLine(overview, words) }
  })
  const heads = columns(
    entries.map(({ id, depth, line: { version, date, state, verdicts } }) => {
      const name = depth === 0 ? id : `${'  '.repeat(depth - 1)}└ ${id}`
      return [name, version, date, state, verdicts]
    }),
  )
  const { bold } = paint(io.stdout, io.env)
  for (const [index, { depth, line }] of entries.entries()) {
    const { title, answer, follows } = line
    const details = [title, answer, follows === '' ? '' : `← ${follows}`].filter(
      (text) => text !== '',
    )
    const indent = '  '.repeat(depth + 1)
    const lines = [bold(heads[index] ?? ''), ...details.map((text) => indent + oneLine(text))]
    io.stdout.write(`${lines.join('\n')}\n`)
  }
  return exitCodes.done
}
