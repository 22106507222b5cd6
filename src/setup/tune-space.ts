/**
 * Chooses the settings that `exp tune` races if the user names none: those that can have an effect on this machine and
 * version. Output: the settings with their values, most important first, and the left-out settings with the reason.
 * Pure.
 */

/** What decides which settings can have an effect: server, machine and workload. */
export interface TuneConditions {
  /** False for a server that is already running: only request options can race there. */
  readonly startsServer: boolean
  /** True for the embedded engine. */
  readonly isEmbedded: boolean
  readonly users: number
  /** Cores of the server's machine. Absent for a server on another machine. */
  readonly cores?: number
  /** The version of Ollama; absent if it is not known before the run. */
  readonly version?: string
  /** True if the server is known to compute on a GPU. */
  readonly hasGpu: boolean
  /** In bytes of UTF-8. */
  readonly longestPrompt: number
  /** The most tokens that an answer may have. */
  readonly answerTokens: number
}

export interface RacingSetting {
  readonly setting: string
  /** At least two. */
  readonly values: readonly number[]
}

export type LeftOut = { readonly setting: string } & (
  | {
      readonly why:
        | 'startSetting'
        | 'oneUser'
        | 'unknownCores'
        | 'fewCores'
        | 'gpu'
        | 'changesAnswers'
        | 'noIdle'
    }
  | { readonly why: 'longPrompts'; readonly tokens: number }
  | { readonly why: 'unknownVersion' | 'oldVersion'; readonly since: string }
  | { readonly why: 'shortPrompts'; readonly tokens: number; readonly batch: number }
  /** With these values, there would be more combinations than the budget allows. */
  | { readonly why: 'budget'; readonly combinations: number; readonly values: readonly number[] }
)

export interface TuneSpace {
  readonly settings: readonly RacingSetting[]
  readonly leftOut: readonly LeftOut[]
}

/** @param maxCombinations how many combinations the budget allows; at least two race in any case */
export function defaultSpace(place: TuneConditions, maxCombinations: number): TuneSpace {
  const chosen = [slots, threads, flashAttention, batch, context].map((setting) => setting(place))
  const settings = chosen.filter((each) => 'values' in each)
  const leftOut = chosen.filter((each) => 'why' in each)
  const cacheType: LeftOut = {
    setting: 'OLLAMA_KV_CACHE_TYPE',
    why: place.startsServer ? 'changesAnswers' : 'startSetting',
  }
  // The users of a race send requests without a pause, so no model is unloaded while idle.
  const keepAlive: LeftOut = { setting: 'keep_alive', why: 'noIdle' }
  const within = withinBudget(settings, Math.max(2, maxCombinations))
  return {
    settings: within.settings,
    leftOut: [...leftOut, cacheType, keepAlive, ...within.leftOut],
  }
}

/** At most one slot per user, because further slots stay idle. */
function slots({ startsServer, users }: TuneConditions): RacingSetting | LeftOut {
  const setting = 'OLLAMA_NUM_PARALLEL'
  if (!startsServer) return { setting, why: 'startSetting' }
  if (users < 2) return { setting, why: 'oneUser' }
  return { setting, values: [...powersOfTwo(1, users), users] }
}

/**
 * One core is left for the load generator, if the server runs beside it. Of two cores, the server may have both: the
 * load generator needs little, and one thread races against two.
 */
function threads({ cores, hasGpu }: TuneConditions): RacingSetting | LeftOut {
  const setting = 'num_thread'
  if (cores === undefined) return { setting, why: 'unknownCores' }
  if (hasGpu) return { setting, why: 'gpu' }
  const most = Math.max(2, cores - 1)
  const values = [...powersOfTwo(Math.ceil(cores / 4), most), most]
  return cores < 2 ? { setting, why: 'fewCores' } : { setting, values }
}

/**
 * Earlier versions may not use flash attention without a GPU: they ask whether each GPU supports it (`ml/device.go`).
 */
const flashOnCpuSince = '0.13.0'

function flashAttention({
  startsServer,
  isEmbedded,
  hasGpu,
  version,
}: TuneConditions): RacingSetting | LeftOut {
  const setting = 'OLLAMA_FLASH_ATTENTION'
  const racing = { setting, values: [0, 1] }
  if (!startsServer) return { setting, why: 'startSetting' }
  if (hasGpu || isEmbedded) return racing
  const since = flashOnCpuSince
  if (version === undefined) return { setting, why: 'unknownVersion', since }
  return isOlder(version, since) ? { setting, why: 'oldVersion', since } : racing
}

const smallestBatch = 128
const defaultBatch = 512

/**
 * For an upper bound of the tokens of a prompt: the fewest bytes of text in a token, for English and Chinese, and the
 * tokens that a chat template and a prefix add.
 */
const bytesPerToken = 3
const addedTokens = 40

/** A batch holds tokens of all prompts that are read at the same time. A size that they cannot fill has no effect. */
function batch({ users, longestPrompt }: TuneConditions): RacingSetting | LeftOut {
  const setting = 'num_batch'
  const tokens = users * promptTokens(longestPrompt)
  if (tokens <= smallestBatch) return { setting, why: 'shortPrompts', tokens, batch: smallestBatch }
  return {
    setting,
    values: tokens <= defaultBatch ? [smallestBatch, defaultBatch] : [defaultBatch, 1024],
  }
}

/** An upper bound for the number of tokens of a prompt. */
function promptTokens(longestPrompt: number): number {
  return Math.ceil(longestPrompt / bytesPerToken) + addedTokens
}

const smallestContext = 512
const defaultContext = 4096

/** A context that just holds the longest prompt and its answer needs less memory than the default. */
function context({ longestPrompt, answerTokens }: TuneConditions): RacingSetting | LeftOut {
  const setting = 'num_ctx'
  const tokens = promptTokens(longestPrompt) + answerTokens
  const [fitting] = powersOfTwo(Math.max(smallestContext, tokens), defaultContext)
  return fitting === undefined
    ? { setting, why: 'longPrompts', tokens }
    : { setting, values: [fitting, defaultContext] }
}

/** The powers of two in [from, below). */
function powersOfTwo(from: number, below: number): readonly number[] {
  return Array.from({ length: 16 }, (_, exponent) => 2 ** exponent).filter(
    (power) => power >= from && power < below,
  )
}

function isOlder(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => text.split(/[.-]/).slice(0, 3).map(Number))
  const index = one?.findIndex((part, at) => part !== two?.[at]) ?? -1
  return index !== -1 && (one?.[index] ?? 0) < (two?.[index] ?? 0)
}

/**
 * Leaves out settings from the end until at most `most` combinations remain. If only one setting remains, it keeps its
 * first value and its last `most - 1` values.
 */
function withinBudget(settings: readonly RacingSetting[], most: number): TuneSpace {
  const last = settings.at(-1)
  const combinations = settings.reduce((product, { values }) => product * values.length, 1)
  if (last === undefined || combinations <= most) return { settings, leftOut: [] }
  const why = 'budget'
  if (settings.length === 1) {
    const { setting, values } = last
    const kept = values.filter((_, index) => index === 0 || index > values.length - most)
    const dropped = values.filter((value) => !kept.includes(value))
    return {
      settings: [{ setting, values: kept }],
      leftOut: [{ setting, why, combinations: most, values: dropped }],
    }
  }
  const rest = withinBudget(settings.slice(0, -1), most)
  const { setting, values } = last
  return {
    settings: rest.settings,
    leftOut: [...rest.leftOut, { setting, why, combinations: most, values }],
  }
}
