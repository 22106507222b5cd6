/**
 * The data that the library returns. These types use no type of another room, so that the program can change without
 * changing what other programs read.
 */

export interface NotebookOptions {
  /** The language of texts, such as `en`; by default the first language of each experiment. */
  readonly locale?: string
}

export interface Experiment {
  /** The name of its file without `.yaml`. */
  readonly id: string
  /** Relative to the project, with forward slashes. */
  readonly file: string
  readonly title: string
  readonly question?: string
  /** The languages of its reports, the first one being that of README.md. */
  readonly locales: readonly string[]
  readonly tags: readonly string[]
  /** The configs in the file's order. */
  readonly configs: readonly Config[]
  /** Key of the config that is 1x in the ratio table. */
  readonly baseline?: string
  readonly rounds: number
}

export interface Config {
  readonly key: string
  readonly label: string
  readonly group: string
  /** Key of the config that it is based on and compared with. */
  readonly from?: string
  /** `recorded`: its figures come from a document. */
  readonly kind: 'measured' | 'recorded'
  /** The kind of server that is measured; absent for recorded figures. */
  readonly target?: 'process' | 'docker' | 'url' | 'embedded'
  readonly model?: string
  readonly env: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string | number | boolean | readonly string[]>>
}

/** What the stored results of an experiment say. */
export interface Results {
  readonly experiment: Experiment
  /** True for a demo: the embedded engine was measured in place of the servers that the file names. */
  readonly standIn: boolean
  readonly configs: readonly ConfigResults[]
  /** Each change of a config from the one that it is based on. */
  readonly changes: readonly Change[]
  /** One for each hypothesis, in the file's order. */
  readonly verdicts: readonly Verdict[]
  /** How a race between settings (`tune`) went; absent without one. */
  readonly race?: Race
}

export interface Race {
  readonly metric: string
  /** The config whose settings are the default. */
  readonly base: string
  /**
   * How the race ended.
   * - `winner`: one config is still in the race
   * - `alike`: no config that is still in the race is clearly better than the leader
   * - `none`: no config is left
   * - `budget`: the time was up before the race was decided
   * - `open`: the race, or the confirmation after it, has not ended yet
   */
  readonly ended: 'winner' | 'alike' | 'none' | 'budget' | 'open'
  /** The number of rounds in the newest interim analysis of the race. */
  readonly rounds: number
  /** The best config that meets the objectives; absent if none does. */
  readonly leader?: string
  /** Keys of the configs that are still in the race, best first. */
  readonly left: readonly string[]
  /** The configs that were eliminated, first the one that was eliminated first. */
  readonly outs: readonly {
    readonly config: string
    /** The round after which it was eliminated. */
    readonly round: number
    /** `failed`: its measurement failed. `behind`: worse than the best. `objective`: misses an objective. */
    readonly reason: 'failed' | 'behind' | 'objective'
  }[]
  /**
   * The leader's gain over the base in the rounds of the race, in percent. Too high on average, because the same rounds
   * chose the leader.
   */
  readonly raceGain?: number
  /**
   * The leader's gain over the base in percent, in rounds after the race that measure only these two. Absent without
   * such rounds.
   */
  readonly confirmed?: {
    readonly rounds: number
    readonly gain?: number
    readonly interval?: Interval
  }
}

export interface ConfigResults {
  readonly key: string
  readonly state: 'measured' | 'incomplete' | 'failed' | 'pending' | 'recorded'
  /** The run that the figures come from; absent if nothing is measured. */
  readonly run?: string
  /** How many rounds have ended. */
  readonly rounds: number
  /** By metric: `latencyP95`, `qps`, `score.category`. */
  readonly figures: Readonly<Record<string, Figure>>
}

export interface Interval {
  readonly low: number
  readonly high: number
  /** 0.95, or higher if it is corrected for the number of claims. */
  readonly confidence: number
}

export type Unit =
  '1/s' | 'tokens/s' | 'ms' | 'ms/token' | 'tokens' | '%' | 'count' | 'GB' | 'J/token'

export interface Figure {
  readonly unit: Unit
  /** Absent if it is not known; `absent` then says why. Never 0 instead. */
  readonly value?: number
  /** Why there is no value, as a code: `too-few`, `pending`, `no-evidence`. */
  readonly absent?: string
  /** The number of requests, samples or readings that it is computed from. */
  readonly n: number
  readonly interval?: Interval
  /** Codes of the reasons why it may be wrong. */
  readonly doubts: readonly string[]
}

export interface Change {
  readonly metric: string
  readonly config: string
  /** Key of the config that it is compared with. */
  readonly base: string
  /** The unit of `value` and `interval`: percent of the base, or a difference in points or in the metric's unit. */
  readonly unit: 'percent' | 'points' | Unit
  readonly value?: number
  readonly interval?: Interval
  /** `same`: the same for practical purposes. `unknown`: not shown either way. */
  readonly mark: 'better' | 'worse' | 'same' | 'unknown'
  /** Why the two sides are not compared, as a code. */
  readonly obstacle?: string
}

export interface Verdict {
  readonly id: string
  readonly statement: string
  readonly metric: string
  readonly config: string
  /** Key of the config that it is compared with; absent for a claim about one config's own figure. */
  readonly base?: string
  /**
   * For a claim about a factor of a grid: the factor, and its two levels that the claim compares in all combinations of
   * the other factors. `config` and `base` then name the first two cells that differ only in these levels.
   */
  readonly factor?: { readonly name: string; readonly from: string; readonly to: string }
  /** As written: `<= -30%`. */
  readonly target: string
  /** True if `exp run --gate` and `exp check --gate` fail unless it is supported. */
  readonly gate: boolean
  /**
   * - `indicated-…`: the verdict only leans for or against, which reports show as 🔎
   * - `pending`: a side is not measured yet
   * - `none`: no verdict is given, for instance because the two sides cannot be compared
   */
  readonly verdict:
    | 'supported'
    | 'refuted'
    | 'inconclusive'
    | 'indicated-for'
    | 'indicated-against'
    | 'pending'
    | 'none'
  /** In the unit of the target. */
  readonly measured?: number
  readonly interval?: Interval
  /** Pairs of rounds, rounds of one config, or samples. */
  readonly n: number
}

/** One measurement of one config: a server's start, its requests, its end. */
export interface Trial {
  /** The name of its file in `reports/<id>/results/`. */
  readonly file: string
  readonly run: string
  readonly config: string
  readonly round: number
  /** ISO 8601 with the UTC offset of the machine that measured. */
  readonly startedAt: string
  /** `interrupted`: its end was not recorded. */
  readonly outcome: 'ended' | 'failed' | 'skipped' | 'interrupted'
  /** Why it failed or was skipped. */
  readonly reason?: string
  readonly standIn: boolean
  /** `exp prune` removed its requests. */
  readonly pruned?: true
  /** All requests, warm-up included, in the order in which they ended. Empty if the trial is pruned. */
  readonly requests: readonly Request[]
}

/** Times are milliseconds since the start of the trial. A field without a value is absent. */
export interface Request {
  readonly index: number
  readonly sample: string
  readonly user: number
  readonly phase: 'warmup' | 'measured'
  readonly scheduledMs?: number | undefined
  readonly sentMs: number
  readonly firstByteMs?: number | undefined
  readonly firstContentMs?: number | undefined
  readonly endMs: number
  /** `ok`, or how it failed: `timeout`, `refused`, `http-error`. */
  readonly outcome: string
  readonly error?: string | undefined
  readonly httpStatus?: number | undefined
  readonly promptTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly loadMs?: number | undefined
  readonly promptEvalMs?: number | undefined
  readonly evalMs?: number | undefined
  readonly doneReason?: string | undefined
  /** By check, from 0 to 1. */
  readonly scores?: Readonly<Record<string, number>> | undefined
}
