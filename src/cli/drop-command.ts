import { ExpError } from '../errors/exp-error.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { timestamp } from '../run/clock.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

/** Takes a run out of use; its files stay, and the report says why it is not used. */
export async function drop(id: string, run: string, why: string, io: Io): Promise<ExitCode> {
  if (why.trim() === '')
    throw new ExpError(
      'invalid-input',
      'no reason is given',
      'the report says why a run is out of use: `--why "on battery"`',
    )
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const experiment = notebook.experiment(id)
  const { version, written } = await notebook.drop(experiment, run, why, timestamp(io.now()))
  io.stdout.write(`${experiment.id}: run ${run} is out of use; the report is ${version}\n`)
  for (const { file, how } of written) io.stdout.write(`  ${how}: ${file}\n`)
  return exitCodes.done
}
