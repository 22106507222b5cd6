import { resolve } from 'node:path'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { notesText } from './notes-text.ts'

const schema = z.object({
  all: z.boolean().default(false),
  stdout: z.boolean().default(false),
  templates: z.string().optional(),
  discardEdits: z.boolean().default(false),
})

/** Renders again from stored results, and writes what differs. */
export async function report(asked: readonly string[], given: object, io: Io): Promise<ExitCode> {
  const { all, stdout, templates, discardEdits } = schema.parse(given)
  if (templates !== undefined && !stdout)
    throw new ExpError(
      'invalid-input',
      '`--templates` goes with `--stdout`',
      'Templates that stay belong in `templates/<locale>/` of the project.',
    )
  const notebook = openNotebook({
    root: findRoot(io.cwd),
    ...(templates === undefined ? {} : { templates: resolve(io.cwd, templates) }),
  })
  const ids = all || asked.length === 0 ? notebook.ids() : asked
  if (ids.length === 0)
    throw new ExpError('invalid-input', 'there is no report yet', '`exp run FILE` makes the first.')
  for (const id of ids) {
    const experiment = notebook.experiment(id)
    if (stdout) {
      io.stdout.write((await notebook.preview(experiment)).toString('utf8'))
      continue
    }
    const { version, state, written, notes, discarded } = await notebook.publish(experiment, {
      discardEdits,
    })
    io.stdout.write(
      `${experiment.id}: ${version}, ${state}${written.length === 0 ? ', nothing changed' : ''}\n`,
    )
    for (const { file, how } of written) io.stdout.write(`  ${how}: ${file}\n`)
    for (const { file, line, text } of discarded)
      io.stderr.write(`  dropped: ${file}:${line}: ${text}\n`)
    io.stderr.write(notesText(notes))
  }
  return exitCodes.done
}
