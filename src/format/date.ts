/** Dates as text, in the UTC offset that is stored with them, so that the text is the same on every machine. */

interface DateParts {
  readonly day: string
  readonly time: string
  /** `UTC+8`, `UTC`, `UTC-3:30`. */
  readonly zone: string
}

const iso = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|([+-])(\d{2}):?(\d{2}))$/

/** `undefined` if the text is not an ISO date with an offset. */
function parse(date: string): DateParts | undefined {
  const [, day, time, sign, hours, minutes] = iso.exec(date) ?? []
  if (day === undefined || time === undefined) return undefined
  const offset = Number(hours ?? 0)
  const minutePart = minutes === undefined || minutes === '00' ? '' : `:${minutes}`
  return {
    day,
    time,
    zone: offset === 0 && minutePart === '' ? 'UTC' : `UTC${sign ?? '+'}${offset}${minutePart}`,
  }
}

/** `2025-08-08 14:40 (UTC+8)`, from an ISO date with an offset. Any other text is returned unchanged. */
export function dateAndMinute(date: string): string {
  const parts = parse(date)
  return parts ? `${parts.day} ${parts.time} (${parts.zone})` : date
}

/** `2025-08-08`, from an ISO date with an offset. Any other text is returned unchanged. */
export function dayOf(date: string): string {
  return parse(date)?.day ?? date
}

/** `2025-08-08 14:21-14:40 (UTC+8)`. If the days differ, both dates are shown. */
export function period(from: string, to: string): string {
  const [start, end] = [parse(from), parse(to)]
  if (start?.zone === undefined || start.zone !== end?.zone)
    return `${dateAndMinute(from)} - ${dateAndMinute(to)}`
  if (start.day !== end.day)
    return `${start.day} ${start.time} - ${end.day} ${end.time} (${end.zone})`
  if (start.time === end.time) return dateAndMinute(from)
  return `${start.day} ${start.time}-${end.time} (${end.zone})`
}
