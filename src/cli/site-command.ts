import { resolve } from 'node:path'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { isInside } from '../files/read-files.ts'
import { assertNoLink } from '../files/write-files.ts'
import { noReportYet, findRoot } from '../notebook/project.ts'
import { pageContext } from '../page/page-context.ts'
import { writePages } from '../page/site-folder.ts'
import { siteOf } from '../page/site.ts'
import { worstExitCode, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { printError } from './print-error.ts'
import { readTerminalWords } from './terminal-words.ts'

const schema = z.object({ out: z.string(), source: z.string().optional() })

/** Writes the notebook as static pages. A report that cannot be shown does not stop the others. */
export async function site(rawOptions: object, io: Io): Promise<ExitCode> {
  const { out, source } = schema.parse(rawOptions)
  if (source !== undefined) assertAddress(source)
  const root = findRoot(io.cwd)
  const folder = resolve(io.cwd, out)
  assertOwnFolder(root, folder)
  const context = pageContext(root, source)
  if (context.notebook.ids().length === 0) throw noReportYet(root, 'invalid-input')
  const { pages, failures } = siteOf(context)
  const { places, written } = await writePages(folder, pages)
  const counts = { pages: places.size, written: written.length }
  const line = readTerminalWords(io).text('site.wrote', { ...counts, folder: out })
  io.stdout.write(`${line}\n`)
  return worstExitCode(failures.map((error) => printError(error, io)))
}

/**
 * Refuses the project itself, its folders of experiments, reports and templates, and a path through a link of the
 * project.
 */
function assertOwnFolder(root: string, folder: string): void {
  const taken = ['experiments', 'reports', 'templates'].find((name) =>
    isInside(resolve(root, name), folder),
  )
  if (taken !== undefined || folder === root)
    throw new ExpError(
      'invalid-input',
      `the pages cannot be written into ${taken === undefined ? 'the project itself' : `\`${taken}\``}`,
      'Name a folder of their own with `--out`, such as `site`.',
    )
  if (isInside(root, folder)) assertNoLink(root, folder)
}

function assertAddress(source: string): void {
  if (/^https?:\/\//.test(source) && URL.canParse(source)) return
  throw new ExpError(
    'invalid-input',
    `\`--source ${source}\` is not an address on the web`,
    'Write one like `https://github.com/OWNER/NAME/blob/main`.',
  )
}
