import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { addEngine } from '../embedded/add-engine.ts'
import { installedBinding } from '../embedded/engine-package.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { readTerminalWords } from './terminal-words.ts'

/** Installs the embedded engine, unless it is a dependency of the project that exp belongs to. */
export async function addEngineCommand(io: Io): Promise<ExitCode> {
  const words = readTerminalWords(io)
  if (installedBinding(import.meta.url) !== undefined) {
    io.stdout.write(`${words.text('engine.present')}\n`)
    return exitCodes.done
  }
  io.stderr.write(`${words.text('engine.adding')}\n`)
  const folder = await addEngine(io.env, (cwd, file, args) => run(cwd, file, args, io.signal))
  const megabytes = Math.round((await sizeOf(folder)) / 1e6)
  io.stdout.write(`${words.text('engine.added', { folder, megabytes })}\n`)
  return exitCodes.done
}

/** Runs a program. Rejects with what it wrote to standard error. */
function run(
  cwd: string,
  file: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(file, [...args], { cwd, signal }, (error, _stdout, stderr) => {
      if (error === null) resolve()
      else reject(stderr.trim() === '' ? error : new Error(stderr.trim()))
    })
  })
}

/** The size of the files in a folder, in bytes. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
