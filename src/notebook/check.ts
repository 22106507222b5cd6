/** One experiment's report beside the disk. */
import type { Judged } from '../analysis/gate.ts'
import { ExpError } from '../errors/exp-error.ts'
import { compareFolder } from './compare.ts'
import type { Finding } from './finding.ts'
import type { Lock } from './lock.ts'
import { readExperiment } from './project.ts'
import type { Renderer } from './renderer.ts'

export interface CheckedReport {
  readonly experiment: string
  /** What the results say now, and the gates with it. */
  readonly analysis: Judged
  readonly lock: Lock
  /** The gravest first; empty where the disk holds what publishing would write. */
  readonly findings: readonly Finding[]
}

/** Writes nothing. What cannot be rendered is a finding. */
export async function checkReport(
  root: string,
  renderer: Renderer,
  id: string,
): Promise<CheckedReport | Finding> {
  try {
    const rendered = await renderer.renderForComparison(readExperiment(root, id))
    const { hypotheses, standIn } = rendered.results.analysis
    return {
      experiment: id,
      analysis: { hypotheses, standIn },
      lock: rendered.draft.lock,
      findings: compareFolder(rendered),
    }
  } catch (error) {
    if (!(error instanceof ExpError)) throw error
    return {
      code: 'unreadable',
      experiment: id,
      file: `reports/${id}`,
      message: error.message,
      fix: error.hint ?? 'mend it, and run `exp check` again',
    }
  }
}
