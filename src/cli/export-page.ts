import { basename, dirname, resolve } from 'node:path'
import { realpathSync } from 'node:fs'
import { ExpError } from '../errors/exp-error.ts'
import { codeOf, readFileIfExists } from '../files/read-files.ts'
import { writeFiles } from '../files/write-files.ts'
import { findRoot, idOf } from '../notebook/project.ts'
import { isOwnPage } from '../page/page.ts'
import { currentReport, reportFiles } from '../page/report-files.ts'
import { pageContext } from '../page/page-context.ts'
import { singlePage } from '../page/report-pages.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { readTerminalWords } from './terminal-words.ts'

/**
 * Writes a report as one HTML file with its pictures inside, or prints it.
 * @param out the file to write; undefined to print
 */
export async function exportPage(name: string, out: string | undefined, io: Io): Promise<ExitCode> {
  const root = findRoot(io.cwd)
  const files = reportFiles(root, idOf(name))
  const report = currentReport(files, io.lang, io.env)
  const html = await singlePage(report, files.locks, pageContext(root))
  if (out === undefined) {
    io.stdout.write(html)
    return exitCodes.done
  }
  await writePage(resolve(io.cwd, out), html)
  io.stdout.write(`${readTerminalWords(io).text('file.wrote', { file: out })}\n`)
  return exitCodes.done
}

/** Overwrites pages that this program wrote, and no other file. Writes nothing through a link. */
async function writePage(place: string, html: string): Promise<void> {
  const name = basename(place)
  const folder = realFolder(dirname(place))
  const earlier = readFileIfExists(folder, name)
  if (earlier !== undefined && !isOwnPage(earlier.toString('utf8')))
    throw new ExpError(
      'invalid-input',
      `\`${place}\` exists, and \`exp\` did not write it`,
      'Remove or rename it, or name another file with `--out`.',
    )
  await writeFiles(folder, new Map([[name, Buffer.from(html)]]))
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder)
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    throw new ExpError('invalid-input', `there is no folder \`${folder}\``, 'Create it first.')
  }
}
