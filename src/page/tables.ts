/** Prepares the tables of a report: wide tables scroll by themselves, and readers can sort the rows. */
import type { Element, Root } from 'hast'
import { toString } from 'hast-util-to-string'
import { h } from 'hastscript'
import stringWidth from 'string-width'
import { SKIP, visit } from 'unist-util-visit'

/** Readers cannot sort tables with fewer rows. */
const minSortableRows = 3

/**
 * @param label returns the name of the table with this number, for screen readers
 * @param isSortable false if the order of the rows means something
 */
export function prepareTables(
  root: Root,
  label: (number: number) => string,
  isSortable = true,
): void {
  let count = 0
  visit(root, 'element', (table, index, parent) => {
    if (table.tagName !== 'table' || parent === undefined || index === undefined) return undefined
    count += 1
    for (const cell of tableCells(table)) alignCell(cell)
    for (const cell of bodyRows(table).flatMap(rowCells)) markLong(cell)
    const rows = bodyRows(table)
    if (isSortable && rows.length >= minSortableRows) addSortKeys(table, rows)
    const name = label(count)
    // A scrolling element needs keyboard focus and a name.
    parent.children[index] = h(
      'div',
      { className: 'table', role: 'group', tabIndex: 0, ariaLabel: name },
      table,
    )
    return SKIP
  })
}

function elementsOf(parent: Element, ...names: readonly string[]): readonly Element[] {
  return parent.children.filter(
    (child): child is Element => child.type === 'element' && names.includes(child.tagName),
  )
}

function rowsOf(table: Element, part: 'thead' | 'tbody'): readonly Element[] {
  return elementsOf(table, part).flatMap((one) => elementsOf(one, 'tr'))
}

function bodyRows(table: Element): readonly Element[] {
  return rowsOf(table, 'tbody')
}

function rowCells(row: Element): readonly Element[] {
  return elementsOf(row, 'td', 'th')
}

function tableCells(table: Element): readonly Element[] {
  return [...rowsOf(table, 'thead'), ...bodyRows(table)].flatMap(rowCells)
}

/** The attribute `align` is obsolete. */
function alignCell(cell: Element): void {
  const { align, ...rest } = cell.properties
  cell.properties = rest
  if (align === 'right') cell.properties['className'] = ['number']
  if (cell.tagName === 'th') cell.properties['scope'] ??= 'col'
}

/**
 * The width of a short cell in characters; wide ones count as two. A cell with longer text gets a minimum width, so that
 * a narrow screen does not put each word on its own line.
 */
const maxShortWidth = 16

function markLong(cell: Element): void {
  if (stringWidth(toString(cell)) <= maxShortWidth) return
  const { className } = cell.properties
  cell.properties['className'] = [...(Array.isArray(className) ? className : []), 'long']
}

/** Marks the table as sortable for the script, and gives each cell with a number its sort key. */
function addSortKeys(table: Element, rows: readonly Element[]): void {
  table.properties['dataSortable'] = ''
  const columns = rows.map(rowCells)
  const width = Math.max(...columns.map((cells) => cells.length))
  for (let column = 0; column < width; column += 1) {
    const cells = columns.flatMap((row) => row[column] ?? [])
    const keys = columnKeys(cells.map((cell) => toString(cell).trim()))
    const units = [...new Set(keys?.map((key) => key?.unit))].filter((unit) => unit !== undefined)
    for (const [index, cell] of cells.entries()) {
      const key = keys?.[index]
      if (key === undefined) continue
      cell.properties['dataValue'] = key.value
      if (units.length > 1) cell.properties['dataUnit'] = units.indexOf(key.unit)
    }
  }
}

/** The key by which a row is sorted: the number at the start of its cell, with its unit. */
interface SortKey {
  /** What numbers must share to be compared: `%`, `ms`, `date`; empty for a plain number. */
  readonly unit: string
  readonly value: number
}

/** `1.14x (1.07x, 1.22x)`, `+17.7% ⬆️`, `-3,503.0 ms`, `≤ -30%`, `±5 points`, `n=132`: only the first number counts. */
const number = /^[≤≥<>±]?\s*([-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*([^\s\d(,;:]*)/u
const date = /^(\d{4})-(\d{2})-(\d{2})(?:$|\D)/

/** Undefined for a cell that does not begin with a number. */
export function sortKey(text: string): SortKey | undefined {
  const [, year, month, day] = date.exec(text) ?? []
  if (year !== undefined)
    return { unit: 'date', value: Number(`${year}${month ?? ''}${day ?? ''}`) }
  const [, digits, after = ''] = number.exec(text) ?? []
  if (digits === undefined) return undefined
  const value = Number(digits.replaceAll(',', '').replace('−', '-'))
  const unit = after.replace(/[^\p{L}\p{N}%/]+.*$/u, '')
  return { unit, value }
}

/**
 * The keys of one column. A change of more than tenfold is written as a factor, `13x`, in a column of percentages: it
 * becomes a percentage. Undefined for a column without numbers.
 */
export function columnKeys(cells: readonly string[]): readonly (SortKey | undefined)[] | undefined {
  const keys = cells.map(sortKey)
  if (keys.every((key) => key === undefined)) return undefined
  const isOfChanges = keys.some((key) => key?.unit === '%')
  return keys.map((key) =>
    key?.unit === 'x' && isOfChanges ? { unit: '%', value: (key.value - 1) * 100 } : key,
  )
}
