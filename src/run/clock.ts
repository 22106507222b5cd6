/** The clocks of a run: wall-clock time for timestamps, a monotonic clock for durations. */
export interface Clock {
  readonly wall: () => Date
  /** Milliseconds since an arbitrary moment; never decreases. */
  readonly monotonic: () => number
}

/** ISO 8601 with milliseconds and this machine's UTC offset: `2025-08-08T14:21:03.120+08:00`. */
export function timestamp(date: Date): string {
  const offsetMinutes = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1)
  const size = Math.abs(offsetMinutes)
  const twoDigits = (value: number) => String(value).padStart(2, '0')
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`
}
