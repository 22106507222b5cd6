/** What somebody chooses for a new experiment; everything else has a default. */
import type { WrittenConfig } from '../experiment/schema/written-experiment.ts'
import type { Locale } from '../format/locales.generated.ts'

export interface Choices {
  readonly locale: Locale
  /** At least one. Several models are compared with each other. */
  readonly models: readonly string[]
  /** At least one. Several servers are compared with each other. */
  readonly servers: readonly ComparedValue[]
  /**
   * Models to compare, each on its own server. If present, `models` and `servers` hold only the first model and its
   * server.
   */
  readonly placedModels?: readonly ComparedValue[]
  /** Settings that are compared. */
  readonly variations: readonly Variation[]
  /** Variables that all configs have. */
  readonly env: Readonly<Record<string, string>>
  readonly prompts: Prompts
  /** At least one. Several are levels: each config is measured with each of these numbers of users. */
  readonly users: readonly number[]
  /**
   * The highest number of users of a search for how many each config can serve. Without a search, only `users` are
   * measured.
   */
  readonly capacity?: number
  /** Requests of several models, by weight. Without it, all requests are for `models`. */
  readonly mix?: readonly NewMixItem[]
  /** What the service must achieve, by metric, as in an experiment file: `<= 2s`. */
  readonly objectives: Readonly<Record<string, string>>
  /** The time over which the users start: `auto`, `2s`. Without it, they start together. */
  readonly ramp?: string
  /**
   * The time between the end of a user's request and the user's next one: `2s`. Without it, the next one is sent at
   * once.
   */
  readonly pause?: string
  /** How long each measured window is open: `30s`. */
  readonly duration: string
  /** The window stays open until this many requests have ended, for at most `atMost`. */
  readonly atLeast: number
  readonly atMost: string
  readonly rounds: number
  /** If set, the variations race, and the race decides the number of rounds. */
  readonly race?: NewRace
}

/** A model of a mix, as in an experiment file. */
export interface NewMixItem {
  readonly model: string
  readonly weight: number
}

/** True if each config is measured at several levels of users: those of a list, or those that a capacity search tries. */
export function hasLevelsOrSearch({ users, capacity }: Choices): boolean {
  return users.length > 1 || capacity !== undefined
}

/** A race between all combinations of the variations, as in an experiment file. */
export interface NewRace {
  /** Id of a metric. */
  readonly maximize: string
  readonly budget: string
  readonly ignoreBelow?: string
}

/** A value that configs are compared by: a model, a server, or a value of a setting. */
export interface ComparedValue {
  /** Part of the config's key. */
  readonly key: string
  /** Part of the config's label. */
  readonly label: string
  /** Adds the value to a config. */
  readonly apply: (config: WrittenConfig) => WrittenConfig
}

/** The values of one setting. */
export interface Variation {
  /** As written: `OLLAMA_NUM_PARALLEL`, `num_ctx`, `users`, `version`. */
  readonly setting: string
  readonly kind: 'variable' | 'option' | 'version' | 'load'
  readonly values: readonly ComparedValue[]
  /** The same values as in an experiment file. */
  readonly written: readonly (string | number | boolean)[]
}

export type Prompts =
  /** Two comments to classify, with a check that scores the answers, as a starting point. */
  | { readonly kind: 'example' }
  /** Short tasks, without a check. */
  | { readonly kind: 'tasks' }
  /** A file beside the experiment, relative to it, and the field of its samples that is the prompt. */
  | { readonly kind: 'file'; readonly file: string; readonly field: string }

/** A text as part of a config's key: `qwen3-4b-q4-k-m` for `qwen3:4b-q4_K_M`. */
export function keyOf(text: string): string {
  const key = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return key === '' ? 'x' : key
}
