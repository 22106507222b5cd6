/** The overviews of all experiments of a project, for `exp list`. */
import type { ExpError } from '../errors/exp-error.ts'
import type { Locale } from '../format/locales.generated.ts'
import { translatedLock } from './lock-texts.ts'
import { overviewOf, plannedOverviews, type Overview } from './overview.ts'
import { experimentIds } from './project.ts'
import { forEachExperiment, type NewestLocks } from './report-folder.ts'

export interface Listed {
  readonly overviews: readonly Overview[]
  /** Why others cannot be listed: a lock or an experiment file that is not read. */
  readonly failures: readonly ExpError[]
}

/**
 * The experiments that have a report, from their newest locks, then those without a report. Invalid experiment files
 * are left out; `exp validate` shows their problems.
 * @param locale of their texts; by default each experiment's first one
 */
export function listExperiments(root: string, newest: NewestLocks, locale?: Locale): Listed {
  const { locks, failures } = newest.readEach()
  const known = new Set([...locks.map(({ experiment }) => experiment), ...failures.keys()])
  const others = experimentIds(root).filter((id) => !known.has(id))
  const planned = forEachExperiment(others, (id) => plannedOverviews(root, id, locale))
  return {
    overviews: [
      ...locks.map((lock) => overviewOf(translatedLock(root, lock, locale))),
      ...planned.results.flat(),
    ],
    failures: [...failures.values(), ...planned.failures.values()],
  }
}
