import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { writeNewFile } from './new-file.ts'

/** Writes the experiment that would test a cause, with the hypothesis filled in and a line that says where it comes from. */
export async function next(id: string, cause: string, io: Io): Promise<ExitCode> {
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const { file, text } = await notebook.next(notebook.experiment(id), cause)
  await writeNewFile(notebook.root, file, text)
  io.stdout.write(`wrote ${file}\n`)
  io.stderr.write(`next: read it, then \`exp run ${file}\`\n`)
  return exitCodes.done
}
