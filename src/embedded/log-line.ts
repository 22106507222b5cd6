/** Formats log lines as Ollama does, so that one parser reads both. */

export type Log = (line: string) => void
export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'

/** A line of Go's `slog`: `time=… level=INFO source=embedded msg="…" key=value`. */
export function slogLine(
  level: LogLevel,
  message: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  const written = Object.entries({ msg: message, ...attributes }).map(
    ([key, value]) => `${key}=${quoted(value)}`,
  )
  return `time=${localTime(new Date())} level=${level} source=embedded ${written.join(' ')}`
}

/** Quotes a value as Go does: if it is empty or contains a space, a quote or an equals sign. */
const quoted = (value: string | number): string =>
  value === '' || /[\s"=\p{Cc}]/u.test(value.toString()) ? JSON.stringify(value) : value.toString()

/** Time in RFC 3339 with milliseconds and the machine's UTC offset. */
function localTime(date: Date): string {
  const offsetMinutes = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1)
  if (offsetMinutes === 0) return `${local}Z`
  const sign = offsetMinutes < 0 ? '-' : '+'
  const twoDigits = (value: number): string => String(Math.trunc(value)).padStart(2, '0')
  const size = Math.abs(offsetMinutes)
  return `${local}${sign}${twoDigits(size / 60)}:${twoDigits(size % 60)}`
}

export interface ServedRequest {
  readonly status: number
  readonly milliseconds: number
  readonly address: string
  readonly method: string
  readonly path: string
}

/** The access-log line that Ollama's web framework, gin, writes for each request. */
export function ginLine({ status, milliseconds, address, method, path }: ServedRequest): string {
  const now = localTime(new Date())
  const date = `${now.slice(0, 10).replaceAll('-', '/')} - ${now.slice(11, 19)}`
  const latency = latencyText(milliseconds).padStart(13)
  return `[GIN] ${date} | ${String(status)} | ${latency} | ${address.padStart(15)} | ${method.padEnd(8)} ${JSON.stringify(path)}`
}

function latencyText(milliseconds: number): string {
  if (milliseconds < 1) return `${(milliseconds * 1e3).toFixed(3)}µs`
  if (milliseconds < 1e3) return `${milliseconds.toFixed(6)}ms`
  if (milliseconds < 60e3) return `${(milliseconds / 1e3).toFixed(9)}s`
  return `${String(Math.trunc(milliseconds / 60e3))}m${((milliseconds % 60e3) / 1e3).toFixed(9)}s`
}
