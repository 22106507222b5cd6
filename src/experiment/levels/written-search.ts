/** Reads the search for a capacity that a file asks for. */
import { asRecord } from '../draft.ts'
import { writtenCapacity } from '../schema/written-capacity.ts'
import { parseRate } from '../values/amount.ts'
import { isRead } from '../values/reading.ts'
import type { CapacitySearch } from './capacity-search.ts'

/**
 * The search that a file asks for. It starts at the load of the workload. Undefined if the file asks for none, or if
 * its lowest and highest level are not numbers of users or rates in ascending order, which the schema and the rule
 * `capacitySearches` report.
 */
export function capacitySearch(
  file: Readonly<Record<string, unknown>>,
): CapacitySearch | undefined {
  const { of, upTo } = writtenCapacity.safeParse(file['capacity']).data ?? {}
  if (of === undefined) return undefined
  const first = levelOf(asRecord(asRecord(file['workload'])['load'])[of], of)
  const highest = levelOf(upTo, of)
  if (first === undefined || highest === undefined || first >= highest) return undefined
  return { of, from: first, upTo: highest }
}

/** The number of users, or requests per second; undefined for any other value. */
export function levelOf(level: unknown, of: CapacitySearch['of']): number | undefined {
  if (of === 'users') return typeof level === 'number' && level >= 1 ? level : undefined
  const rate = typeof level === 'string' ? parseRate(level) : undefined
  return rate !== undefined && isRead(rate) ? rate.value : undefined
}
