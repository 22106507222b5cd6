/** Analyses the results that a version of a report was made from. */
import type { Analysis } from '../analysis/analysis.ts'
import { localised } from '../analysis/analysis-texts.ts'
import { ExpError } from '../errors/exp-error.ts'
import type { Locale } from '../format/locales.generated.ts'
import { readExperiment } from './project.ts'
import { forPublication } from './publication.ts'
import type { Renderer } from './renderer.ts'
import { resultsOf, significant, type Lock } from './lock.ts'
import { readResults } from './stored-results.ts'

/**
 * A function that returns the analysis with its texts in a language. Undefined if the experiment's file is invalid or
 * missing, if stored results are missing or changed, or if an earlier method computed the version's figures.
 */
export async function lockedAnalysis(
  root: string,
  renderer: Pick<Renderer, 'storeOf'>,
  lock: Lock,
): Promise<((locale: Locale) => Analysis) | undefined> {
  const digests = resultsOf(lock)
  if (digests.size === 0) return undefined
  try {
    const current = forPublication(readExperiment(root, lock.experiment))
    const store = renderer.storeOf(lock.experiment)
    const { analysis, experiment } = await readResults(current, store, new Set(digests.keys()))
    const trials = analysis.configs.flatMap((config) => config.trials)
    const isUnchanged = trials.every(({ file, digest }) => digests.get(file) === digest)
    return isUnchanged && hasFiguresOf(lock, analysis)
      ? (locale) => localised(experiment, analysis, locale).analysis
      : undefined
  } catch (error) {
    if (error instanceof ExpError) return undefined
    throw error
  }
}

/** True if the analysis has the figures that the lock holds. */
function hasFiguresOf({ configs }: Lock, analysis: Analysis): boolean {
  return Object.entries(configs).every(([key, { figures }]) => {
    const computed = analysis.configs.find(({ config }) => config.key === key)?.figures
    return Object.entries(figures).every(([metric, value]) => {
      const now = computed?.get(metric)?.value
      return now !== undefined && significant(now) === value
    })
  })
}
