import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits } from '../errors/limits.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { timestamp } from '../run/clock.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { indented, writtenLines, readTerminalWords } from './terminal-words.ts'

/** Excludes a run from its report. Its files stay, and the report gives the reason. */
export async function drop(name: string, run: string, why: string, io: Io): Promise<ExitCode> {
  if (why.trim() === '')
    throw new ExpError(
      'invalid-input',
      'the reason is empty',
      'the report gives the reason why a run is excluded: `--why "on battery"`',
    )
  const { line } = limits
  if (why.length > line.max)
    throw new ExpError(
      'invalid-input',
      `the reason has ${beyond(line, why.length)}`,
      `${line.remedy}: the report shows it on one line`,
    )
  const words = readTerminalWords(io)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const experiment = notebook.experiment(name)
  const { version, written } = await notebook.drop(experiment, run, why, timestamp(io.now()))
  io.stdout.write(`${words.text('drop.done', { experiment: experiment.id, run, version })}\n`)
  io.stdout.write(indented(writtenLines(written, words)))
  return exitCodes.done
}
