import { stringify } from 'csv-stringify/sync'
import { join } from 'node:path'
import { z } from 'zod'
import {
  exportedTables,
  tableNames,
  type ExportedTable,
  type Row,
} from '../notebook/exported-tables.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { forPublication } from '../notebook/publication.ts'
import { ResultStore } from '../results/store.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

const schema = z.object({
  format: z.enum(['csv', 'json']),
  table: z.enum(tableNames).optional(),
})

/** Prints the figures, trials and requests that a report is made of, as CSV or JSON. */
export async function exportTables(name: string, rawOptions: object, io: Io): Promise<ExitCode> {
  const { format, table } = schema.parse(rawOptions)
  const root = findRoot(io.cwd)
  const experiment = openNotebook({ root }).experiment(name)
  const store = new ResultStore(join(root, 'reports', experiment.id), undefined, root)
  const tables = await exportedTables(forPublication(experiment), store)
  if (format === 'csv') await printCsv(tables[table ?? 'figures'], io)
  else if (table !== undefined) {
    await printRows(tables[table], io)
    io.stdout.write('\n')
  } else {
    io.stdout.write(`{"experiment": ${JSON.stringify(experiment.id)}`)
    for (const each of tableNames) {
      io.stdout.write(`,\n"${each}": `)
      await printRows(tables[each], io)
    }
    io.stdout.write('}\n')
  }
  return exitCodes.done
}

async function printCsv({ columns, batches }: ExportedTable, io: Io): Promise<void> {
  io.stdout.write(stringify([columns]))
  for await (const rows of batches) io.stdout.write(csvText(rows, columns))
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
async function printRows({ batches }: ExportedTable, io: Io): Promise<void> {
  let separator = '\n'
  io.stdout.write('[')
  for await (const rows of batches)
    for (const row of rows) {
      io.stdout.write(separator + JSON.stringify(row))
      separator = ',\n'
    }
  io.stdout.write('\n]')
}
