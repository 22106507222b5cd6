/**
 * A checked experiment: what the YAML file means, with inheritance resolved and units made plain.
 * Everything to the right of the file rests on these types; all of them are read-only.
 */
import type { Locale } from '../format/locale.ts'
import type { standInKind, Target } from './target-kinds.ts'

/** Differences between compared configs that the file does not declare and that `accept` can name. */
export const acceptable = [
  'serverVersion',
  'modelDigest',
  'quantization',
  'contextLength',
  'options',
  'answerLimit',
  'dataset',
  'prompts',
] as const
export type Acceptable = (typeof acceptable)[number]

export type Scalar = string | number | boolean
export type OptionValue = Scalar | readonly string[]

export interface Experiment {
  /** The file's name without directory and `.yaml`; also the name of its folder in `reports/`. */
  readonly id: string
  /** The file's path as shown to people, with forward slashes. */
  readonly file: string
  readonly title: string
  readonly question?: string
  /** At least one; the first is README.md. */
  readonly locales: readonly [Locale, ...Locale[]]
  readonly tags: readonly string[]
  /** Declared by the experimenter, in the file's order: `device`, `memory`, `cpu`, … */
  readonly hardware: Readonly<Record<string, string>>
  /** As the file declares them for all configs; a config may name a model of its own, recorded ones need none. */
  readonly model?: Model
  readonly dataset?: Dataset
  readonly workload?: Workload
  /** Request options of the workload, before a config's own are merged over them. */
  readonly options?: Readonly<Record<string, OptionValue>>
  readonly keep: Keep
  readonly rounds: number
  readonly until?: Until
  readonly budgetMs?: number
  readonly whenUnavailable: 'fail' | 'skip' | typeof standInKind
  /** In the file's order; keys are unique. */
  readonly configs: readonly Config[]
  /** Key of the config that is 1x in the ratio table. */
  readonly baseline?: string
  readonly hypotheses: readonly Hypothesis[]
  /** The experimenter's own Markdown. */
  readonly analysis?: string
  readonly follows?: Follows
}

export interface Keep {
  readonly prompts: KeepLevel
  readonly answers: KeepLevel
}
export type KeepLevel = 'none' | 'digest' | 'text'

/** Rounds by precision: stop when the metric's 95 % interval is this narrow for every compared pair. */
export interface Until {
  readonly metric: string
  /** Half width in percent: 3 is ±3 %. */
  readonly halfWidth: number
  readonly maxRounds: number
}

/** The experiment and version that this one was written from by `exp next`, and the cause it tests. */
export interface Follows {
  readonly experiment: string
  readonly version: string
  readonly cause: string
}

export type Config = MeasuredConfig | RecordedConfig

interface ConfigBase {
  readonly key: string
  readonly label: string
  /** Configs of one group share a section; without one the section is the config's own label. */
  readonly group: string
  /** Key of the config it inherits from, and is compared with. */
  readonly from?: string
  /** Of what was asked to be measured: `sha256:…`. No label, key, title or hypothesis is part of it. */
  readonly measurementDigest: string
  readonly env: Readonly<Record<string, string>>
  /** Undeclared differences that do not make a comparison invalid. */
  readonly accept: readonly string[]
}

export interface MeasuredConfig extends ConfigBase {
  readonly kind: 'measured'
  readonly target: Target
  /** Name of the machine that must measure it. */
  readonly host?: string
  readonly model: Model
  /** The workload's request options with the config's own merged over them, key by key. */
  readonly options: Readonly<Record<string, OptionValue>>
  readonly workload: Workload
  readonly dataset: Dataset
  /** Pause before each of its trials. */
  readonly settleMs: number
}

/** Figures out of a document: no samples, so no intervals. */
export interface RecordedConfig extends ConfigBase {
  readonly kind: 'recorded'
  readonly source: string
  /** As written: `2025-08-06`. */
  readonly date: string
  readonly figures: readonly RecordedFigure[]
  readonly options: Readonly<Record<string, OptionValue>>
}

export interface RecordedFigure {
  readonly metric: string
  /** In the metric's own unit. */
  readonly value: number
  /** For a share written with its counts, `100% (2/2)`. */
  readonly counts?: { readonly part: number; readonly whole: number }
  /** The document gives it as an approximation: `~45.4 s`. */
  readonly approximate?: boolean
}

export interface Model {
  readonly name: string
  /** As declared: `522MB`. */
  readonly size?: string
}

export interface Dataset {
  readonly name: string
  readonly samples: readonly Sample[]
  readonly checks: readonly Check[]
  /** Of samples and checks: `sha256:…`. */
  readonly digest: string
}

export interface Sample {
  readonly id: string
  /** Fields that the prompt's template may name, `id` and `expected` among them. */
  readonly fields: Readonly<Record<string, Scalar>>
  readonly expected: Readonly<Record<string, Scalar>>
}

export interface Check {
  readonly name: string
  /** Field of the JSON answer and of `expected`; without one, the whole answer. */
  readonly field?: string
  readonly measure: 'exact' | 'contains' | 'regex' | 'json' | 'closeness'
  /** For `closeness`. */
  readonly range?: readonly [low: number, high: number]
  /** For `regex`. */
  readonly pattern?: string
}

export interface Workload {
  readonly api: 'chat' | 'generate'
  readonly system?: string
  /** Handlebars over one sample's fields, unescaped. */
  readonly prompt: string
  readonly think?: boolean | 'low' | 'medium' | 'high'
  /** `json`, or a JSON schema. */
  readonly format?: 'json' | Readonly<Record<string, unknown>>
  readonly keepAlive?: string | number
  readonly load: Load
  readonly warmupRequests: number
  readonly cache: 'cold' | 'warm' | 'as-is'
  readonly timeoutMs: number
}

export type Load =
  | {
      readonly kind: 'closed-duration'
      readonly users: number
      readonly durationMs: number
      /** The window stretches until so many requests ended… */
      readonly atLeast: number
      /** …but no longer than this. */
      readonly atMostMs: number
    }
  | { readonly kind: 'closed-requests'; readonly users: number; readonly requests: number }
  | {
      readonly kind: 'open'
      readonly ratePerSecond: number
      readonly arrival: 'poisson' | 'constant'
      readonly durationMs: number
    }

export type Comparator = '<=' | '<' | '>=' | '>'

/** A threshold as written (`<= -30%`, `>= 80%`, `<= 500ms`) and its number in the unit that its claim compares in. */
export interface Threshold {
  readonly comparator: Comparator
  readonly value: number
  readonly text: string
}

export interface Hypothesis {
  readonly id: string
  readonly statement: string
  readonly claim: Claim
  /** `--gate` fails unless it is supported. */
  readonly gate: boolean
}

export type Claim = {
  readonly metric: string
  readonly config: string
} & (
  | { readonly kind: 'change'; readonly versus: string; readonly threshold: Threshold } // percent: -30
  | { readonly kind: 'ratio'; readonly versus: string; readonly threshold: Threshold } // percent: 80
  | { readonly kind: 'same'; readonly versus: string; readonly band: number; readonly text: string } // percent or points
  | { readonly kind: 'value'; readonly threshold: Threshold } // the metric's unit
)
