/** Compares the value that a variable was set to with the value that the server runs with, by meaning. */

/** Variables that `exp` sets when it starts a server, not the experiment. */
export const setByLauncher: ReadonlySet<string> = new Set(['OLLAMA_HOST', 'OLLAMA_MODELS'])

/**
 * True if the server runs with the value, false if with another one. `undefined` if that is not known, because the
 * variable is empty or the effective value hides a path. The effective value shows whether the variable is a
 * switch, a list, a number or a duration.
 */
export function isApplied(name: string, requested: string, effective: string): boolean | undefined {
  const [set, shown] = [requested, effective].map(normalised) as [string, string]
  if (set === '' || shown.includes('…')) return undefined
  if (set === shown) return true
  const isOn = shownAsOn.test(shown)
  if (isOn || shownAsOff.test(shown)) return isOn !== isOff.test(set)
  if (shown.startsWith('[')) return set.split(',').every((each) => listOf(shown).includes(each))
  const [setMs, shownMs] = [set, shown].map((each) => durationMs(name, each))
  return setMs !== undefined && setMs === shownMs
}

/** The text in lower case, without the spaces and quotes around it, which the server removes too. */
function normalised(text: string): string {
  return text
    .trim()
    .replace(/^["']+|["']+$/g, '')
    .toLowerCase()
}

/** `OLLAMA_DEBUG` is shown as a level of the log. */
const shownAsOn = /^(true|debug([+-]\d+)?)$/
const shownAsOff = /^(false|info)$/
/** The server takes any other text for true. */
const isOff = /^(0|f|false)$/

function listOf(text: string): readonly string[] {
  return text.replace(/^\[|\]$/g, '').split(' ')
}

const foreverMs = 100 * 365 * 24 * 3_600_000

/** A duration or a number; Infinity for a duration that means forever, which Go prints as 292 years. */
function durationMs(name: string, text: string): number | undefined {
  const duration = parseGoDuration(text)
  if (duration === undefined || !/KEEP_ALIVE|TIMEOUT/i.test(name)) return duration
  const isForever =
    duration < 0 || duration > foreverMs || (duration === 0 && /TIMEOUT/i.test(name))
  return isForever ? Infinity : duration
}

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
}

/** Parses a Go duration, or a bare number of seconds, into ms; `undefined` for anything else. */
export function parseGoDuration(text: string): number | undefined {
  const bare = text.trim()
  if (/^-?\d+(\.\d+)?$/.test(bare)) return Number(bare) * 1000
  if (!/^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(bare)) return undefined
  const parts = [...bare.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  const sum = parts.reduce(
    (ms, [, amount, unit = '']) => ms + Number(amount) * (unitMs[unit] ?? 0),
    0,
  )
  return bare.startsWith('-') ? -sum : sum
}
