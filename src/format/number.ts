/** Numbers as text, for reports and the terminal. The result does not depend on a locale. */

/** A number with this many decimals and commas between thousands: `1,032.95`. */
export function fixed(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals)
  const [integerPart = '', fraction] = digits.split('.')
  const sign = value < 0 && Number(digits) !== 0 ? '-' : ''
  return (
    sign +
    (integerPart.length > 3 ? integerPart.replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',') : integerPart) +
    (fraction === undefined ? '' : `.${fraction}`)
  )
}

/** The number of decimals, at most 6, that shows `significant` digits of a column's smallest value; 0 if all are 0. */
export function decimalsFor(values: readonly number[], significant = 3): number {
  const smallest = Math.min(...values.map(Math.abs).filter((value) => value > 0))
  if (!Number.isFinite(smallest)) return 0
  const magnitude = Number(smallest.toExponential(significant - 1).split('e')[1])
  return Math.min(6, Math.max(0, significant - 1 - magnitude))
}

/** The number of decimals of a number without trailing zeros: 397.75 has 2. */
export function writtenDecimals(value: number): number {
  const [, fraction = ''] = /\.(\d+)$/.exec(String(value)) ?? []
  return fraction.length
}

/** A number from a document or a record, with as many decimals as it was written with, at most two: `90,725.5`. */
export function asWritten(value: number): string {
  return fixed(value, Math.min(2, writtenDecimals(value)))
}

export function integer(value: number): string {
  return fixed(value, 0)
}

/** A number with its sign (in ASCII), or without a sign if it rounds to 0: `+8.3`, `-44.6`, `0.0`. */
export function signed(value: number, decimals = 1): string {
  const digits = fixed(value, decimals)
  return value > 0 && /[1-9]/.test(digits) ? `+${digits}` : digits
}

/**
 * A change in percent, with its sign: `+8.3%`. A change to ten times or more is a factor: `1,068x`.
 * @param upperEnd the upper end of the change's interval, if it is printed too: if value or end is tenfold, both are
 *   factors
 */
export function percentChange(value: number, upperEnd = value): string {
  return Math.max(value, upperEnd) >= 900 ? ratio(1 + value / 100) : `${signed(value)}%`
}

/** A percentage with one decimal. Rounding never turns it into 0% or 100%: `99.9%`, `<0.1%`. */
export function percentage(value: number): string {
  if (value === 100) return '100%'
  const digits = fixed(value, 1)
  if (digits === '100.0' && value < 100) return '99.9%'
  if (digits === '0.0' && value > 0) return '<0.1%'
  return `${digits}%`
}

/** A multiple with two significant digits, or from 100 on without decimals: `1.2x`, `136x`. */
export function ratio(value: number): string {
  if (value >= 99.5) return `${fixed(value, 0)}x`
  return `${fixed(value, decimalsFor([value], 2))}x`
}

/** Bytes in GiB with one decimal, even below 1 GiB: `23.5 GiB`, `0.8 GiB`. */
export function gibibytes(value: number): string {
  return `${fixed(value / 2 ** 30, 1)} GiB`
}

/** Memory in decimal units, as `ollama ps` prints it: `5.1 GB`, `522 MB`. */
export function decimalBytes(value: number): string {
  const [unit, size] = value >= 1e9 ? ['GB', 1e9] : ['MB', 1e6]
  const scaled = value / size
  return `${fixed(scaled, scaled >= 100 || Number.isInteger(scaled) ? 0 : 1)} ${unit}`
}

/** The size of a file: `86 kB`, `12.3 MB`. */
export function fileSize(bytes: number): string {
  return bytes < 10e6 ? `${integer(bytes / 1000)} kB` : decimalBytes(bytes)
}

/** Memory in binary units: `32 GiB`, `512 MiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10))
  const scaled = value / 1024 ** power
  const decimals = power < 3 || scaled >= 100 || Number.isInteger(scaled) ? 0 : 1
  return `${fixed(scaled, decimals)} ${units[power] ?? 'B'}`
}

/** A duration in suitable units: `250 ms`, `2.5 s`, `90 s`, `5 min`, `1 h 20 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${fixed(ms, 0)} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${fixed(ms / 1000, ms % 1000 === 0 || seconds >= 10 ? 0 : 1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60)
    return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}
