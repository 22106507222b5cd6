/** The clock of a run: the wall for stamps, a monotonic one for durations. */
export interface Clock {
  readonly wall: () => Date
  /** Milliseconds from an arbitrary point; never goes back. */
  readonly monotonic: () => number
}

/** ISO 8601 to the millisecond with the machine's own UTC offset: `2025-08-08T14:21:03.120+08:00`. */
export function timestamp(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1)
  const size = Math.abs(minutes)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
