import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cacheFolder } from '../files/cache-folder.ts'
import { noReportYet, findRoot, idOf } from '../notebook/project.ts'
import { chooseLocale, currentReport, reportFiles } from '../page/report-files.ts'
import { pageContext, type PageContext } from '../page/page-context.ts'
import { reportPages } from '../page/report-pages.ts'
import { siteOf } from '../page/site.ts'
import { writePages } from '../page/site-folder.ts'
import { exitCodes, worstExitCode, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { printError } from './print-error.ts'
import type { Output } from './safe-output.ts'
import { readTerminalWords } from './terminal-words.ts'

/**
 * Shows a report in the browser, or the whole notebook. The pages are in the user's cache folder.
 * @param name an id or a file name; absent for the notebook
 */
export async function openCommand(name: string | undefined, io: Io): Promise<ExitCode> {
  const root = findRoot(io.cwd)
  if (name === undefined) return openNotebookPages(root, io)
  await openReport(root, idOf(name), io.stdout, io)
  return exitCodes.done
}

async function openNotebookPages(root: string, io: Io): Promise<ExitCode> {
  const context = localContext(root)
  if (context.notebook.ids().length === 0) throw noReportYet(root, 'invalid-input')
  const { pages, indexes, failures } = siteOf(context)
  const locale = chooseLocale('the notebook', [...indexes.keys()], io.lang, io.env)
  const folder = folderOf(root, undefined, io)
  await writePages(folder, pages)
  await show(join(folder, indexes.get(locale) ?? ''), io.stdout, io)
  return worstExitCode(failures.map((error) => printError(error, io)))
}

/**
 * Shows the report of an experiment in the browser.
 * @param output where to print the path of the page
 */
export async function openReport(root: string, id: string, output: Output, io: Io): Promise<void> {
  const report = reportFiles(root, id)
  const { page } = currentReport(report, io.lang, io.env)
  const folder = folderOf(root, id, io)
  await writePages(folder, reportPages(report, localContext(root)))
  await show(join(folder, page), output, io)
}

/** The context of pages whose links lead to the files of the project on this disk. */
function localContext(root: string): PageContext {
  return pageContext(root, pathToFileURL(root).href)
}

function folderOf(root: string, id: string | undefined, io: Io): string {
  return join(cacheFolder(io.env), 'pages', folderName(root, id))
}

/** A name for the pages of a project, or of one of its experiments, so that opening them again replaces them. */
function folderName(root: string, id: string | undefined): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([root, id]))
    .digest('hex')
  return `${basename(root)}-${digest.slice(0, 12)}`
}

/** Prints the path of a page, and opens it if there is a display. */
async function show(file: string, output: Output, io: Io): Promise<void> {
  output.write(`${file}\n`)
  const failure = await io.openFile?.(file)
  if (failure === undefined) return
  const words = readTerminalWords(io)
  io.stderr.write(`${words.text('open.failed', { failure })}\n`)
}
