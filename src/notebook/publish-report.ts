/** Writes the report of one experiment: the files that differ from what is on disk. */
import type { Analysis } from '../analysis/analysis.ts'
import { localised } from '../analysis/analysis-texts.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { removeFiles, removeLeftovers, writeFiles, type WrittenFile } from '../files/write-files.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { SelectionNote } from '../results/selection.ts'
import { refuseChangedResults } from './findings.ts'
import {
  discardedLines,
  refuseOutsideEdits,
  refuseUnrestorable,
  type EditedLine,
} from './outside-edits.ts'
import type { Renderer } from './renderer.ts'
import { reportIn, writtenFolders } from './report-folder.ts'

export interface PublishOptions {
  /** True to overwrite text that people changed outside keep blocks. */
  readonly discardEdits?: boolean
  /** The language of the returned texts; by default the experiment's first one. */
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
  /**
   * The report's file, in this language if there is one. Relative to the project's root, with forward slashes:
   * `reports/docker-opt/README.md`.
   */
  readonly report: string
  /** The files written, in order; empty if nothing changed. */
  readonly written: readonly WrittenFile[]
  /** The runs that the report does not use or uses only partly, with the reason. */
  readonly notes: readonly SelectionNote[]
  /** The lines dropped because of `discardEdits`. */
  readonly discardedLines: readonly EditedLine[]
}

/** Throws the same errors as `Notebook.publish`. Does not write the index. */
export async function publishReport(
  renderer: Renderer,
  experiment: Experiment,
  { discardEdits = false, locale = experiment.locales[0] }: PublishOptions,
): Promise<Published> {
  const { root } = renderer
  const rendered = await renderer.renderForComparison(experiment, { upgrade: true })
  const { draft, folder, results } = rendered
  refuseChangedResults(rendered)
  if (!discardEdits) refuseOutsideEdits(experiment.id, folder, draft.edits)
  if (draft.frozenVersion !== undefined)
    refuseUnrestorable(draft.frozenVersion, folder, draft.edits)
  const [, ...subfolders] = writtenFolders(root, experiment.id)
  for (const each of subfolders) await removeLeftovers(root, each)
  const files = [...draft.files].map(([name, bytes]): [string, Buffer] => [
    `${folder.name}/${name}`,
    bytes,
  ])
  const written = await writeFiles(root, new Map(files))
  await removeFiles(root, folder.name, draft.removed)
  return {
    ...localised(rendered.shown, results.analysis, locale),
    version: draft.version,
    state: draft.state,
    ...(draft.frozenVersion !== undefined && { frozenVersion: draft.frozenVersion }),
    answer: draft.answer(locale),
    verdicts: draft.verdicts(locale),
    report: `${folder.name}/${reportIn(locale, rendered.shown.locales)}`,
    written,
    notes: results.selection.notes,
    discardedLines: discardedLines(folder, draft.edits),
  }
}
