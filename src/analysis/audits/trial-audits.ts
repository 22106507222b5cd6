/** All audits of one measured trial. */
import { metrics } from '../../metrics/catalog.ts'
import { isAtLeast } from '../../metrics/metric.ts'
import type { StoredTrial } from '../../results/store.ts'
import type { MeasuredTrial } from '../measured-trial.ts'
import { loggedLoads } from '../request-profile.ts'
import type { TrialFigure } from '../trial-summary.ts'
import type { Audit } from './audit.ts'
import { effectiveSettings } from './effective-settings.ts'
import { achievedLoad, clientBound, counts, littlesLaw, turnaround } from './load-audits.ts'
import { slowMachine } from './slow-machine.ts'
import { cache, coldStart, timeBudget } from './time-audits.ts'

/** The audits that apply to the trial; empty unless it ended. */
export function trialAudits(
  trial: StoredTrial,
  measured: MeasuredTrial,
  figures: ReadonlyMap<string, TrialFigure>,
): readonly Audit[] {
  if (trial.end?.outcome !== 'ended') return []
  return [
    littlesLaw(measured),
    turnaround(measured),
    counts(trial, measured),
    timeBudget(measured),
    achievedLoad(trial, measured),
    clientBound(trial, figures),
    slowMachine(trial),
    coldStart(measured, loggedLoads(trial.evidence)),
    cache(measured),
    sampleSize(figures),
    effectiveSettings(trial),
  ].filter((audit) => audit !== undefined)
}

/** Checks that the trial has enough requests for each headline quantile. */
function sampleSize(figures: ReadonlyMap<string, TrialFigure>): Audit {
  const missing = metrics
    .filter((metric) => isAtLeast(metric, 'headline'))
    .map(({ id }) => id)
    .filter((id) => figures.get(id)?.absence?.code === 'too-few')
  return {
    id: 'sampleSize',
    outcome: missing.length === 0 ? 'pass' : 'warn',
    numbers: {
      requests: figures.get('latencyMean')?.n ?? 0,
      ...(missing.length === 0 ? {} : { missing: missing.join(', ') }),
    },
  }
}
