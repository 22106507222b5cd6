import { z } from 'zod'
import { columns } from '../notebook/columns.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { commonLocale, overviewLine } from '../notebook/overview.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

const schema = z.object({ json: z.boolean().default(false) })

/** One line an experiment, from the newest locks. */
export function list(given: object, io: Io): ExitCode {
  const overviews = openNotebook({ root: findRoot(io.cwd) }).list()
  if (schema.parse(given).json) {
    io.stdout.write(`${JSON.stringify(overviews, null, 2)}\n`)
    return exitCodes.done
  }
  if (overviews.length === 0) io.stderr.write('no report yet: `exp run FILE` makes the first\n')
  const locale = commonLocale(overviews.map((overview) => overview.locale))
  const rows = overviews.map((overview) => {
    const { title, answer, verdicts, version, date, state } = overviewLine(overview, locale)
    return [overview.id, version, date, state, title, answer, verdicts]
  })
  for (const line of columns(rows)) io.stdout.write(`${line}\n`)
  return exitCodes.done
}
