/** What a report is made of, beside the analysis: templates, the version, and what came before it. */
import type { Analysis } from '../analysis/analysis.ts'
import type { Interval } from '../analysis/figure.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Locale } from '../format/locale.ts'
import type { TemplateSet } from '../templates/templates.ts'

export interface ReportInput {
  readonly experiment: Experiment
  readonly analysis: Analysis
  /** Without one, the report has no root causes and no advice. */
  readonly diagnosis?: Diagnosis
  readonly locale: Locale
  readonly templates: TemplateSet
  readonly version: ReportVersion
}

export interface ReportVersion {
  /** `v1.0`. */
  readonly version: string
  readonly state: 'open' | 'closed'
  /** ISO 8601 with offset, from stored results; absent where there are none. */
  readonly createdAt?: string
  /** What changed since the version before. */
  readonly changes: readonly VersionChange[]
  /** Earlier versions, newest first. */
  readonly history: readonly HistoryEntry[]
  /** Relative to the report: `v1.0.lock.json`. */
  readonly lockFile: string
  /** Runs taken out of use that this report would otherwise have used. */
  readonly dropped: readonly DroppedRun[]
  /** Runs that were cut off and whose results are not in this report, and the like. */
  readonly notes: readonly VersionNote[]
}

/** An earlier version, out of its lock. */
export interface HistoryEntry {
  readonly version: string
  /** Relative link to the frozen file in this locale; absent where there is none. */
  readonly file?: string
  /** ISO 8601 with offset; absent where it has no results. */
  readonly date?: string
  readonly changes: readonly VersionChange[]
  readonly headline: readonly HeadlineFigure[]
}

/** A change from the version before; the words are `versionChange.<code>` in `words.yaml`. */
export type VersionChange =
  | { readonly code: 'first' }
  | { readonly code: 'new-results'; readonly configs: readonly string[] }
  | { readonly code: 'dropped-results'; readonly configs: readonly string[] }
  | { readonly code: 'real-results' }
  | { readonly code: 'new-configs'; readonly configs: readonly string[] }
  | { readonly code: 'removed-configs'; readonly configs: readonly string[] }
  | { readonly code: 'changed-configs'; readonly configs: readonly string[] }
  | { readonly code: 'new-hypotheses'; readonly ids: readonly string[] }
  | { readonly code: 'removed-hypotheses'; readonly ids: readonly string[] }
  | { readonly code: 'changed-hypotheses'; readonly ids: readonly string[] }
  | { readonly code: 'rounds'; readonly from: number; readonly to: number }

/** A figure that a version is remembered by; stored in its lock. `configs` of `VersionChange` and `label` here are labels. */
export interface HeadlineFigure {
  readonly label: string
  /** Id of the metric, or `ratio`: times the baseline, of mean latency. */
  readonly metric: string
  /** Absent where nothing was measured. */
  readonly value?: number
  readonly interval?: Interval
}

export interface DroppedRun {
  readonly run: string
  readonly why: string
}

/** A run that was cut off, and whose results are not in this report. */
export interface VersionNote {
  readonly code: 'cut-off-run'
  readonly run: string
}
