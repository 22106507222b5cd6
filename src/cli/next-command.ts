import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { writeNewFile } from '../files/write-files.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { readTerminalWords } from './terminal-words.ts'

/** Writes the experiment that tests a cause, with its hypothesis and a reference to the report that names the cause. */
export async function next(name: string, cause: string, io: Io): Promise<ExitCode> {
  const words = readTerminalWords(io)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const { file, text } = await notebook.next(notebook.experiment(name), cause)
  await writeNewFile(notebook.root, file, text)
  io.stdout.write(`${words.text('file.wrote', { file })}\n`)
  io.stderr.write(`${words.text('file.nextRead', { file })}\n`)
  return exitCodes.done
}
