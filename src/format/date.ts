/** Dates as they were stored, with the offset that was stored with them; no clock, no time zone of this machine. */

interface Parts {
  readonly day: string
  readonly minute: string
  /** `UTC+8`, `UTC`, `UTC-3:30`. */
  readonly zone: string
}

const iso = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|([+-])(\d{2}):?(\d{2}))$/

function parts(at: string): Parts | undefined {
  const [, day, minute, sign, hours, minutes] = iso.exec(at) ?? []
  if (day === undefined || minute === undefined) return undefined
  const offset = Number(hours ?? 0)
  const rest = minutes === undefined || minutes === '00' ? '' : `:${minutes}`
  return {
    day,
    minute,
    zone: offset === 0 && rest === '' ? 'UTC' : `UTC${sign ?? '+'}${offset}${rest}`,
  }
}

/** `2025-08-08 14:40 (UTC+8)`; what is no ISO date with an offset, as it is. */
export function moment(at: string): string {
  const read = parts(at)
  return read ? `${read.day} ${read.minute} (${read.zone})` : at
}

/** `2025-08-08`. */
export function day(at: string): string {
  return parts(at)?.day ?? at
}

/** `2025-08-08 14:21-14:40 (UTC+8)`, or both dates where they differ. */
export function period(from: string, to: string): string {
  const [start, end] = [parts(from), parts(to)]
  if (start?.zone === undefined || start.zone !== end?.zone)
    return `${moment(from)} - ${moment(to)}`
  if (start.day !== end.day)
    return `${start.day} ${start.minute} - ${end.day} ${end.minute} (${end.zone})`
  if (start.minute === end.minute) return moment(from)
  return `${start.day} ${start.minute}-${end.minute} (${end.zone})`
}
