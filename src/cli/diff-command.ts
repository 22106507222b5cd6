import { z } from 'zod'
import { differenceJson } from '../notebook/difference.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

const schema = z.object({ format: z.enum(['text', 'md']), json: z.boolean().default(false) })

/** Prints the differences between two versions, by default the last two. */
export async function diff(
  name: string,
  from: string | undefined,
  to: string | undefined,
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const { format, json } = schema.parse(rawOptions)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const difference = await notebook.difference(name, from, to)
  io.stdout.write(
    json
      ? `${JSON.stringify(differenceJson(difference), null, 2)}\n`
      : notebook.describe(difference, format),
  )
  return exitCodes.done
}
