/**
 * Compares the value of a setting with the value in effect, by meaning. The value in effect is shown by facts about the
 * engine or, less reliably, by the server's list of the variables that it has read.
 */
import type { FactId, FactValue } from '../results/facts.ts'

/** Variables that `exp` sets when it starts a server, not the experiment. */
export const setByLauncher: ReadonlySet<string> = new Set(['OLLAMA_HOST', 'OLLAMA_MODELS'])

/** The fact that shows what the engine does with a variable. */
export const factByVariable = {
  OLLAMA_NUM_PARALLEL: 'slots',
  OLLAMA_CONTEXT_LENGTH: 'contextLength',
  OLLAMA_FLASH_ATTENTION: 'flashAttention',
  OLLAMA_KV_CACHE_TYPE: 'kvCacheType',
} as const satisfies Readonly<Record<string, FactId>>

/** The fact that shows what the engine does with a request option. */
export const factByOption = {
  num_ctx: 'contextLength',
  num_thread: 'threads',
  num_batch: 'batchSize',
} as const satisfies Readonly<Record<string, FactId>>

export function hasEngineFact(name: string): name is keyof typeof factByVariable {
  return Object.hasOwn(factByVariable, name)
}

export interface EffectiveSetting {
  /** True if the value in effect is the requested one. */
  readonly applied: boolean
  /** `engine`: a fact about the engine shows it; `list`: the server lists it. */
  readonly shownBy: 'engine' | 'list'
  readonly value: FactValue
}

/**
 * The value of a variable that is in effect. If a fact shows what the engine does, this is the value. Otherwise it is
 * the listed value; but for a variable of `factByVariable` only if the listed value differs from the requested one,
 * which proves that the variable did not reach the server. `undefined` if the value is not known.
 * @param options request options: `num_ctx` overrides `OLLAMA_CONTEXT_LENGTH`
 * @param listed the variable's value in the server's list of variables
 */
export function effectiveSetting(
  name: string,
  value: string,
  options: Readonly<Record<string, unknown>>,
  { listed, factOf }: { listed: string | undefined; factOf: (id: FactId) => FactValue | undefined },
): EffectiveSetting | undefined {
  const isOverridden = name === 'OLLAMA_CONTEXT_LENGTH' && options['num_ctx'] !== undefined
  const engine = hasEngineFact(name) && !isOverridden ? factOf(factByVariable[name]) : undefined
  const applied = engine === undefined ? undefined : isInEffect(value, engine)
  if (engine !== undefined && applied !== undefined)
    return { applied, shownBy: 'engine', value: engine }
  const isRead = listed === undefined ? undefined : isApplied(name, value, listed)
  if (listed === undefined || isRead === undefined || (isRead && hasEngineFact(name)))
    return undefined
  return { applied: isRead, shownBy: 'list', value: listed }
}

/**
 * True if the engine does what the variable requests. `undefined` if the variable leaves the choice to the server, or
 * if the engine decides later.
 */
function isInEffect(requested: string, engine: FactValue): boolean | undefined {
  const set = normalise(requested)
  if (typeof engine === 'number') return Number(set) > 0 ? Number(set) === engine : undefined
  if (set === '' || engine === 'auto') return undefined
  if (engine === 'on' || engine === 'off') return (engine === 'on') !== isOff.test(set)
  return set === engine
}

/**
 * True if the server lists the requested value. `undefined` if that is not known, because the variable is empty or the
 * listed value hides a path. The form of the listed value shows whether the variable is a switch, a list, a number or a
 * duration.
 */
export function isApplied(name: string, requested: string, effective: string): boolean | undefined {
  const [set, shown] = [requested, effective].map(normalise) as [string, string]
  if (set === '' || shown.includes('…')) return undefined
  if (set === shown) return true
  const isOn = shownAsOn.test(shown)
  if (isOn || shownAsOff.test(shown)) return isOn !== isOff.test(set)
  if (shown.startsWith('[')) return set.split(',').every((each) => listOf(shown).includes(each))
  const [setMs, shownMs] = [set, shown].map((each) => durationMs(name, each))
  return setMs !== undefined && setMs === shownMs
}

/** The text in lower case, without spaces and quotes around it: the server removes these, too. */
function normalise(text: string): string {
  return text
    .trim()
    .replace(/^["']+|["']+$/g, '')
    .toLowerCase()
}

/** The server shows `OLLAMA_DEBUG` as a log level. */
const shownAsOn = /^(true|debug([+-]\d+)?)$/
const shownAsOff = /^(false|info)$/
/** The texts that mean false. The server takes any other text for true. */
const isOff = /^(0|f|false)$/

function listOf(text: string): readonly string[] {
  return text.replace(/^\[|\]$/g, '').split(' ')
}

/** How long an idle model stays loaded, in ms. `Infinity` for a negative value, which Go prints as 292 years. */
export function parseKeepAlive(text: string): number | undefined {
  return durationMs('OLLAMA_KEEP_ALIVE', text)
}

/** True for a duration that never ends, however it is written. */
export function isForever(name: string, text: string): boolean {
  return isTimeLimit.test(name) && durationMs(name, normalise(text)) === Infinity
}

const isTimeLimit = /KEEP_ALIVE|TIMEOUT/i
const foreverMs = 100 * 365 * 24 * 3_600_000

/** A duration in ms, or a number. `Infinity` for a duration that means forever. */
function durationMs(name: string, text: string): number | undefined {
  const duration = parseGoDuration(text)
  if (duration === undefined || !isTimeLimit.test(name)) return duration
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
