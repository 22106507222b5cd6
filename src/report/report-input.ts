/** The input of a report: experiment, analysis, diagnosis, templates, and its versions from the notebook. */
import type { Analysis } from '../analysis/analysis.ts'
import type { Interval } from '../analysis/figure.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { FactId } from '../results/facts.ts'
import type { TemplateSet } from '../templates/templates.ts'

export interface ReportInput {
  /** Its texts may be in another language than `locale`; the report translates them. */
  readonly experiment: Experiment
  readonly analysis: Analysis
  /** If absent, the report has no root causes and no recommendations. */
  readonly diagnosis?: Diagnosis
  readonly locale: Locale
  readonly templates: TemplateSet
  readonly version: ReportVersion
}

export interface ReportVersion {
  /** `v1.0`. */
  readonly version: string
  readonly state: 'open' | 'closed'
  /** ISO 8601 with offset, from stored results; absent without results. */
  readonly createdAt?: string
  /** The changes from the version before. */
  readonly changes: readonly VersionChange[]
  /** Earlier versions, newest first. */
  readonly history: readonly HistoryEntry[]
  /** Relative to the report: `v1.0.lock.json`. */
  readonly lockFile: string
  /** True if the version has chart files. Versions of earlier programs have none. */
  readonly hasCharts: boolean
  /** Excluded runs that this report would have used otherwise. */
  readonly dropped: readonly DroppedRun[]
}

/** An earlier version, read from its lock. */
export interface HistoryEntry {
  readonly version: string
  /** Relative link to the frozen file in this locale; absent if this locale has none. */
  readonly file?: string
  /** ISO 8601 with offset; absent without results. */
  readonly date?: string
  readonly changes: readonly VersionChange[]
  /** True for a version made of stand-in results. */
  readonly standIn?: boolean
  /** True if an earlier method computed its figures and wrote its report. */
  readonly earlierMethod?: boolean
  /** Empty for a version made of stand-in results. */
  readonly headline: readonly HeadlineFigure[]
}

/** The facts about server and machine whose changes the history of versions names, in this order. */
export const conditionFacts = [
  'serverVersion',
  'modelDigest',
  'quantization',
  'containerImageDigest',
  'engineVersion',
  'engineHost',
  'hostOs',
  'cpuModel',
  'cpuCount',
  'memoryBytes',
  'gpu',
  'computeDevice',
] as const satisfies readonly FactId[]
export type ConditionFact = (typeof conditionFacts)[number]

/** A change from the version before; the words are `versionChange.<code>` in `words.yaml`. `configs` are labels. */
export type VersionChange =
  | { readonly code: 'first' }
  /**
   * A fact about server or machine whose values differ. `configs` is empty if it differs for all configs with new
   * results.
   */
  | {
      readonly code: 'condition'
      readonly fact: ConditionFact
      /** The model that the fact is about, if it is not the first model of a mix. */
      readonly model?: string
      readonly from: readonly string[]
      readonly to: readonly string[]
      readonly configs: readonly string[]
    }
  /** The configs with new results for which one of the two versions lacks the facts about server and machine. */
  | { readonly code: 'conditions-unknown'; readonly configs: readonly string[] }
  | { readonly code: 'new-results'; readonly configs: readonly string[] }
  | { readonly code: 'dropped-results'; readonly configs: readonly string[] }
  /** Results are missing without `exp drop`: in `exp diff` to an earlier version, or if files were removed. */
  | { readonly code: 'fewer-results'; readonly configs: readonly string[] }
  | { readonly code: 'real-results' }
  | { readonly code: 'new-configs'; readonly configs: readonly string[] }
  | { readonly code: 'removed-configs'; readonly configs: readonly string[] }
  | { readonly code: 'changed-configs'; readonly configs: readonly string[] }
  /** The objectives of the file (`slo`), each as its metric and its bound. */
  | {
      readonly code: 'objectives'
      readonly from: readonly string[]
      readonly to: readonly string[]
    }
  | { readonly code: 'new-hypotheses'; readonly ids: readonly string[] }
  | { readonly code: 'removed-hypotheses'; readonly ids: readonly string[] }
  | { readonly code: 'changed-hypotheses'; readonly ids: readonly string[] }
  | { readonly code: 'rounds' | 'looks' | 'method'; readonly from: number; readonly to: number }

/** A headline figure of a config; locks store it. */
export interface HeadlineFigure {
  /** The label of the config. */
  readonly label: string
  /** A metric id, or `ratio`: mean latency divided by the baseline's mean latency. */
  readonly metric: string
  /** Absent if nothing was measured. */
  readonly value?: number
  readonly interval?: Interval
}

export interface DroppedRun {
  readonly run: string
  readonly why: string
}
