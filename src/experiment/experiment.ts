/**
 * A checked experiment: what the YAML file means, with inheritance resolved and units converted. The other rooms
 * work with these types and never with the file.
 */
import type { Locale } from '../format/locales.generated.ts'
import type { FactId, FactValue } from '../results/facts.ts'
import type { Dataset } from './dataset.ts'
import type { FactorContrast, Grid, Tuning } from './grid.ts'
import type { CapacitySearch } from './levels/capacity-search.ts'
import type { LoadSeries } from './levels/load-series.ts'
import type { Load } from './load.ts'
import type { MixItem } from './mix-item.ts'
import type { Model, OptionValue, Scalar } from './model.ts'
import type { Objective, Threshold } from './threshold.ts'
import type { standInKind, Target } from './target-kinds.ts'
import type { TextsByLocale } from './texts.ts'

/** Differences between compared configs that the file does not declare and that `accept` can name. */
export const acceptable = [
  'serverVersion',
  'modelDigest',
  'modelParameters',
  'quantization',
  'contextLength',
  'options',
  'answerLimit',
  'dataset',
  'prompts',
] as const
export type Acceptable = (typeof acceptable)[number]

export interface Experiment {
  /** The file's name without folder and `.yaml`; also the name of its folder in `reports/`. */
  readonly id: string
  /** The file's path as shown to users, with forward slashes. */
  readonly file: string
  /**
   * All texts of the experiment in each language; `inLocale` applies them. Absent if the file gives each text only
   * once. The texts in the other fields are those of the first of `locales`.
   */
  readonly texts?: TextsByLocale
  readonly title: string
  readonly question?: string
  /** At least one. The report in the first language is README.md. */
  readonly locales: readonly [Locale, ...Locale[]]
  readonly tags: readonly string[]
  /** As declared by the experimenter, in the file's order: `device`, `memory`, `cpu`, … */
  readonly hardware: Readonly<Record<string, string>>
  /** The model that the file declares for all configs. A config may name another one; recorded configs need none. */
  readonly model?: Model
  readonly dataset?: Dataset
  readonly workload?: Workload
  /** Request options of the workload, before a config's own are merged over them. */
  readonly options?: Readonly<Record<string, OptionValue>>
  readonly keep: Keep
  readonly rounds: number
  readonly until?: Until
  /** What the service must achieve (`slo`), in the order of the catalogue. Absent without any. */
  readonly objectives?: readonly Objective[]
  /**
   * The planned number of looks at the results: 1 for the first results, plus 1 for each time that rounds are added.
   * Absent for 1.
   */
  readonly looks?: number
  readonly budgetMs?: number
  readonly whenUnavailable: 'fail' | 'skip' | typeof standInKind
  readonly configs: readonly Config[] // in the file's order; keys are unique
  readonly series?: readonly LoadSeries[] // the configs that levels of a load make; absent without levels
  readonly search?: CapacitySearch // among the levels of `series`; absent without `capacity`
  readonly grid?: Grid // absent without `vary`
  readonly tuning?: Tuning // absent without `tune`
  readonly baseline?: string // key of the config that is 1x in the ratio table
  readonly rankBy?: string // id of the metric of the ratio table, if the file names one; it is compared by ratio
  readonly hypotheses: readonly Hypothesis[]
  /** The experimenter's guesses, by their subject; none of them is measured. Absent without any. */
  readonly estimates?: Readonly<Record<string, string>>
  /** Ids of metrics that the report does not fold, in addition to the headline metrics and those of claims. */
  readonly show: readonly string[]
  /** The experimenter's own Markdown. */
  readonly analysis?: string
  readonly follows?: Follows
}

export interface Keep {
  readonly prompts: KeepLevel
  readonly answers: KeepLevel
}
export type KeepLevel = 'none' | 'digest' | 'text'

/**
 * Instead of a number of rounds: the run stops when the metric's 95 % interval is this narrow for every compared pair.
 */
export interface Until {
  readonly metric: string
  /** Half width in percent: 3 is ±3 %. */
  readonly halfWidth: number
  readonly maxRounds: number
}

/** Written by `exp next`: the experiment and version that this one follows, and the cause that it tests. */
export interface Follows {
  readonly experiment: string
  readonly version: string
  readonly cause: string
}

export type Config = MeasuredConfig | RecordedConfig

interface ConfigBase {
  readonly key: string
  readonly label: string
  /** Configs of one group share a section of the report. */
  readonly group: string
  /** Key of the config that it inherits from and is compared with. */
  readonly from?: string
  /** `sha256:…` of everything that affects the measurement. Labels, keys, titles and hypotheses are not part of it. */
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
  /** With a mix, the model of its first item. */
  readonly model: Model
  /** The workload's request options, with the config's own merged over them key by key. */
  readonly options: Readonly<Record<string, OptionValue>>
  readonly workload: Workload
  readonly dataset: Dataset
  /**
   * The name of the dataset as written in the config or in one that it inherits from. Absent if the config uses the
   * dataset of the file.
   */
  readonly datasetFile?: string
  /** The datasets that items of its mix name themselves, by the name as written. Absent without any. */
  readonly itemDatasets?: ReadonlyMap<string, Dataset>
  /** Pause before each of its trials. */
  readonly settleMs: number
}

/** Figures from a document, which contains no individual requests. */
export interface RecordedConfig extends ConfigBase {
  readonly kind: 'recorded'
  readonly source: string
  /** As written: `2025-08-06`. */
  readonly date: string
  readonly figures: readonly RecordedFigure[]
  readonly options: Readonly<Record<string, OptionValue>>
  /**
   * The names of the options that it inherits from a config with another document or without one. Absent if there are
   * none.
   */
  readonly inheritedOptions?: readonly string[]
  /** What the document states about the server. */
  readonly facts?: {
    /** As written, by the keys of the file: `{layers: 42/43}`. */
    readonly written: Readonly<Record<string, Scalar | undefined>>
    readonly values: Facts
  }
  readonly log?: LogExcerpt
}

export type Facts = Readonly<Partial<Record<FactId, FactValue>>>

/** An excerpt of the log of the server that a document measured. */
export interface LogExcerpt {
  /** Relative to the experiment file, with forward slashes. */
  readonly path: string
  /** `sha256:…` of its text. */
  readonly digest: string
  /** What it shows about the server; not empty. */
  readonly facts: Facts
}

/** One number of a document. */
export interface RecordedValue {
  /** In the metric's own unit. */
  readonly value: number
  /** For a share written with its counts, `100% (2/2)`. */
  readonly counts?: { readonly part: number; readonly whole: number }
  /** True if the document gives an approximation: `~45.4 s`. */
  readonly approximate?: boolean
}

export interface RecordedFigure extends RecordedValue {
  readonly metric: string
  /** The figures of at least two runs, in the document's order; `value` is their mean. */
  readonly runs?: readonly RecordedValue[]
  /** What the document prints after `±`. */
  readonly spread?: RecordedSpread
}

export interface RecordedSpread {
  /** In the metric's own unit. */
  readonly value: number
  /** Standard deviation, standard error or half a 95 % interval; absent if the document does not say. */
  readonly kind?: 'sd' | 'se' | 'ci95'
  /** The number of runs; absent if the document does not say. */
  readonly runs?: number
}

export interface Workload {
  readonly api: 'chat' | 'generate' | 'embed'
  /** Inputs per request to `embed`: those of a sample and of the samples after it. Absent for other APIs. */
  readonly batch?: number
  readonly system?: string
  /** Handlebars template over one sample's fields, unescaped. */
  readonly prompt: string
  readonly think?: boolean | 'low' | 'medium' | 'high'
  /** `json`, or a JSON schema that the answer must match. */
  readonly format?: 'json' | Readonly<Record<string, unknown>>
  readonly keepAlive?: string | number
  /** At least two kinds of requests, with unique names, sent in proportion to their weights. Absent for one kind. */
  readonly mix?: readonly MixItem[]
  readonly load: Load
  readonly warmupRequests: number
  readonly cache: 'cold' | 'warm' | 'as-is'
  readonly timeoutMs: number
}

export interface Hypothesis {
  readonly id: string
  readonly statement: string
  readonly claim: Claim
  /** `--gate` fails unless this hypothesis is supported. */
  readonly gate: boolean
}

export type Claim = {
  readonly metric: string
  /** For a claim about a factor: a cell with the second level; `versus` is the same cell with the first level. */
  readonly config: string
  readonly factor?: FactorContrast
} & (
  | { readonly kind: 'change'; readonly versus: string; readonly threshold: Threshold } // percent: -30
  | { readonly kind: 'ratio'; readonly versus: string; readonly threshold: Threshold } // percent: 80
  | { readonly kind: 'same'; readonly versus: string; readonly band: number; readonly text: string } // percent or points
  | { readonly kind: 'value'; readonly threshold: Threshold } // the metric's unit
)
