/** By what the rows of a table are sorted: the number at the start of a cell, with its unit. */

export interface SortKey {
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
 * The keys of one column. A change of more than tenfold is written as a factor, `13x`, in a column of percentages: it becomes a
 * percentage. Undefined for a column without numbers.
 */
export function columnKeys(cells: readonly string[]): readonly (SortKey | undefined)[] | undefined {
  const keys = cells.map(sortKey)
  if (keys.every((key) => key === undefined)) return undefined
  const isOfChanges = keys.some((key) => key?.unit === '%')
  return keys.map((key) =>
    key?.unit === 'x' && isOfChanges ? { unit: '%', value: (key.value - 1) * 100 } : key,
  )
}
