/** Prepares the tables of a report: each scrolls inside itself, and its rows can be sorted. */
import type { Element, Root } from 'hast'
import { toString } from 'hast-util-to-string'
import { h } from 'hastscript'
import { SKIP, visit } from 'unist-util-visit'
import { columnKeys } from './sort-key.ts'

/** Tables with fewer rows are not sorted. */
const minSortedRows = 3

/**
 * @param label the name of a table without a heading, for readers that do not see it
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
    for (const cell of cellsOf(table)) alignCell(cell)
    const rows = bodyRows(table)
    if (isSortable && rows.length >= minSortedRows) addSortKeys(table, rows)
    const name = label(count)
    // What scrolls must be reachable by the keyboard, and have a name.
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

function cellsIn(row: Element): readonly Element[] {
  return elementsOf(row, 'td', 'th')
}

function cellsOf(table: Element): readonly Element[] {
  return [...rowsOf(table, 'thead'), ...bodyRows(table)].flatMap(cellsIn)
}

/** The attribute `align` is obsolete. */
function alignCell(cell: Element): void {
  const { align, ...rest } = cell.properties
  cell.properties = rest
  if (align === 'right') cell.properties['className'] = ['number']
  if (cell.tagName === 'th') cell.properties['scope'] ??= 'col'
}

/** Marks the table as one that the script makes sortable, and gives each cell the key that its text does not show. */
function addSortKeys(table: Element, rows: readonly Element[]): void {
  table.properties['dataSortable'] = ''
  const columns = rows.map(cellsIn)
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
