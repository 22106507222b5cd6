/** What publishing a report returns, and its options. */
import type { Analysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { WrittenFile } from '../files/write-files.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { SelectionNote } from '../results/selection.ts'
import type { EditedLine } from './outside-edits.ts'

export interface PublishOptions {
  /** True to overwrite text that people changed outside keep blocks. */
  readonly discardEdits?: boolean
  /** The language of what is returned to be printed; by default the experiment's first one. */
  readonly locale?: Locale
}

/** What was published; its texts are in the language that `PublishOptions` names. */
export interface Published {
  readonly experiment: Experiment
  readonly analysis: Analysis
  readonly version: string
  readonly state: 'open' | 'closed'
  /** The previous version, if it was frozen now. */
  readonly frozenVersion?: string
  /** The answer as sentences. */
  readonly answer: readonly string[]
  /** One line per hypothesis with its verdict. */
  readonly verdicts: readonly string[]
  /** Relative to the project's root, with forward slashes: `reports/docker-opt/README.md`; in this language, if there is one. */
  readonly report: string
  /** The files written, in order; empty if nothing changed. */
  readonly written: readonly WrittenFile[]
  /** The runs that the report does not use or uses only partly, with the reason. */
  readonly notes: readonly SelectionNote[]
  /** The lines dropped because of `discardEdits`. */
  readonly discardedLines: readonly EditedLine[]
}
