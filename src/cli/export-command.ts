import { realpathSync } from 'node:fs'
import { join, basename, dirname, resolve } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import { codeOf, readFileIfExists } from '../files/read-files.ts'
import { writeFiles } from '../files/write-files.ts'
import {
  exportedTables,
  tableNames,
  type ExportedTable,
  type Row,
  type TableName,
} from '../notebook/exported-tables.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot, idOf } from '../notebook/project.ts'
import { forPublication } from '../notebook/publication.ts'
import { pageContext } from '../page/page-context.ts'
import { isGeneratedPage } from '../page/page.ts'
import { currentReport, reportFiles } from '../page/report-files.ts'
import { singlePage } from '../page/report-pages.ts'
import { ResultStore } from '../results/store.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { readTerminalWords } from './terminal-words.ts'
import { keepLines } from './safe-output.ts'

type Print = (text: string) => void

const schema = z.object({
  format: z.enum(['csv', 'json', 'html']),
  table: z.enum(tableNames).optional(),
  out: z.string().optional(),
})

/** Exports what a report is made of, as CSV or JSON, or the report itself as HTML. */
export async function exportReport(name: string, rawOptions: object, io: Io): Promise<ExitCode> {
  const { format, table, out } = schema.parse(rawOptions)
  if (format === 'html') {
    refuseOption('--table', table, 'it belongs to `--format csv` and `--format json`')
    return exportPage(name, out, io)
  }
  refuseOption('--out', out, 'it belongs to `--format html`; the tables are printed on stdout')
  await exportTables(name, format, table, io)
  return exitCodes.done
}

function refuseOption(option: string, value: string | undefined, why: string): void {
  if (value === undefined) return
  throw new ExpError('invalid-input', `\`${option}\` has no effect here: ${why}`, 'Remove it.')
}

async function exportTables(
  name: string,
  format: 'csv' | 'json',
  table: TableName | undefined,
  io: Io,
): Promise<void> {
  const root = findRoot(io.cwd)
  const experiment = openNotebook({ root }).experiment(name)
  const store = new ResultStore(join(root, 'reports', experiment.id), undefined, root)
  const print: Print = (text) => {
    io.stdout.write(keepLines(text))
  }
  const tables = await exportedTables(forPublication(experiment), store)
  if (format === 'csv') await printCsv(tables[table ?? 'figures'], print)
  else if (table !== undefined) {
    await printRows(tables[table], print)
    print('\n')
  } else {
    print(`{"experiment": ${JSON.stringify(experiment.id)}`)
    for (const each of tableNames) {
      print(`,\n"${each}": `)
      await printRows(tables[each], print)
    }
    print('}\n')
  }
}

async function printCsv({ columns, batches }: ExportedTable, print: Print): Promise<void> {
  print(stringify([columns]))
  for await (const rows of batches) print(csvText(rows, columns))
}

/** The rows as lines of CSV, without a header. Texts that a spreadsheet would run as a formula get a leading `'`. */
export function csvText(rows: readonly Row[], columns: readonly string[]): string {
  const records = rows.map((row) => columns.map((column) => row[column]))
  return stringify(records, {
    escape_formulas: true,
    cast: {
      // A negative number is no formula.
      number: (value) => ({ value: String(value), escape_formulas: false }),
      boolean: String,
    },
  })
}

/** Prints a JSON array with a row on each line. */
async function printRows({ batches }: ExportedTable, print: Print): Promise<void> {
  let separator = '\n'
  print('[')
  for await (const rows of batches)
    for (const row of rows) {
      print(separator + JSON.stringify(row))
      separator = ',\n'
    }
  print('\n]')
}

/**
 * Writes a report as one HTML file with its pictures inside, or prints it.
 * @param out the file to write; undefined to print
 */
async function exportPage(name: string, out: string | undefined, io: Io): Promise<ExitCode> {
  const root = findRoot(io.cwd)
  const id = idOf(name)
  if (out === undefined && io.stdout.isTerminal)
    throw new ExpError(
      'invalid-input',
      'a page is not printed on a terminal',
      `\`--out ${forShell(`${id}.html`)}\` writes it to a file.`,
    )
  const files = reportFiles(root, id)
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

/** Writes a page. Overwrites only a page that this program wrote, and writes nothing through a link. */
async function writePage(path: string, html: string): Promise<void> {
  const name = basename(path)
  const folder = realFolder(dirname(path))
  const earlier = readFileIfExists(folder, name)
  if (earlier !== undefined && !isGeneratedPage(earlier.toString('utf8')))
    throw new ExpError(
      'invalid-input',
      `\`${path}\` exists, and \`exp\` did not write it`,
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
