/** Go's notation for durations (`5m0s`, `1h30m`, `300ms`), as nanoseconds. */

/** The longest duration that Go can represent; used for "forever". */
export const forever = 2n ** 63n - 1n

const unitNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** Parses a text such as `1h30m` or `-1s` to nanoseconds; undefined if it is not a duration. */
export function parseGoDuration(text: string): bigint | undefined {
  const sign = text.startsWith('-') ? -1n : 1n
  const unsigned = text.replace(/^[+-]/, '')
  if (unsigned === '0') return 0n
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(unsigned)) return undefined
  let total = 0n
  for (const [, amount = '', unit = ''] of unsigned.matchAll(/([\d.]+)([a-zµ]+)/g))
    total += BigInt(Math.round(Number(amount) * (unitNanoseconds[unit] ?? 0)))
  return sign * total
}

/** Formats nanoseconds as Go prints them: `5m0s`, `1.5s`, `0s`. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  if (nanoseconds < 0n) return `-${formatGoDuration(-nanoseconds)}`
  if (nanoseconds < 1_000n) return `${String(nanoseconds)}ns`
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 1_000n)}µs`
  if (nanoseconds < 1_000_000_000n) return `${decimal(nanoseconds, 1_000_000n)}ms`
  const minutes = nanoseconds / 60_000_000_000n
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`
  if (minutes === 0n) return seconds
  if (minutes < 60n) return `${String(minutes)}m${seconds}`
  return `${String(minutes / 60n)}h${String(minutes % 60n)}m${seconds}`
}

/** `amount / unit` as an exact decimal without trailing zeros. */
function decimal(amount: bigint, unit: bigint): string {
  const digits = unit.toString().length - 1
  const fraction = (amount % unit).toString().padStart(digits, '0').replace(/0+$/, '')
  return fraction === '' ? String(amount / unit) : `${String(amount / unit)}.${fraction}`
}

/**
 * Parses how long a model is kept: a duration or a number of seconds, as in `keep_alive` and
 * `OLLAMA_KEEP_ALIVE`. A negative value means forever. Returns undefined if the text is neither.
 */
export function parseKeepAlive(written: string | number): bigint | undefined {
  const nanoseconds =
    typeof written === 'number'
      ? BigInt(Math.trunc(written * 1e9))
      : /^[+-]?\d+$/.test(written)
        ? BigInt(written) * 1_000_000_000n
        : parseGoDuration(written)
  return nanoseconds !== undefined && nanoseconds < 0n ? forever : nanoseconds
}
