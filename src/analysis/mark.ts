/** Which way a change goes, as far as it can be told. */
import type { Direction } from '../metrics/metric.ts'
import type { Mark } from './analysis.ts'
import type { Interval } from './figure.ts'

export interface MarkInput {
  /** Percent, or the metric's own unit; absent where either figure is. */
  readonly value?: number | undefined
  readonly interval?: Interval | undefined
  readonly direction: Direction
  /** Changes no larger than this are noise. In the unit of `value`. */
  readonly floor: number
  /** Changes within ± this are the same for practical purposes. In the unit of `value`. */
  readonly band: number
}

/** The first that fits of better or worse, same, unknown. Without an interval nothing is the same: nothing was tested. */
export function markOf({ value, interval, direction, floor, band }: MarkInput): Mark {
  if (value === undefined) return 'unknown'
  const moved = interval === undefined || interval.low > 0 || interval.high < 0
  if (moved && Math.abs(value) > floor && direction !== 'neither')
    return value > 0 === (direction === 'higher') ? 'better' : 'worse'
  if (interval !== undefined && interval.low >= -band && interval.high <= band) return 'same'
  return 'unknown'
}
