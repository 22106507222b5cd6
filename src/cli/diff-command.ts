import { z } from 'zod'
import { differenceJson } from '../notebook/difference.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

const schema = z.object({ format: z.enum(['text', 'md']), json: z.boolean().default(false) })

/** What changed between two versions, told as a person would; the last two where none are named. */
export function diff(
  id: string,
  from: string | undefined,
  to: string | undefined,
  given: object,
  io: Io,
): ExitCode {
  const { format, json } = schema.parse(given)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const difference = notebook.difference(id, from, to)
  io.stdout.write(
    json
      ? `${JSON.stringify(differenceJson(difference), null, 2)}\n`
      : notebook.describe(difference, format),
  )
  return exitCodes.done
}
