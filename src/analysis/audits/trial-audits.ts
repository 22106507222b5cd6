/** Every audit of one measured trial that applies to it. */
import type { StoredTrial } from '../../results/stored-trial.ts'
import type { MeasuredTrial } from '../measured-trial.ts'
import type { TrialFigure } from '../trial-summary.ts'
import type { Audit } from './audit.ts'
import { effectiveSettings } from './effective-settings.ts'
import { achievedLoad, clientBound, counts, littlesLaw } from './load-audits.ts'
import { cache, coldStart, drift, timeBudget } from './time-audits.ts'

export function trialAudits(
  trial: StoredTrial,
  measured: MeasuredTrial,
  figures: ReadonlyMap<string, TrialFigure>,
): readonly Audit[] {
  if (trial.end?.outcome !== 'ended') return []
  return [
    littlesLaw(trial, measured),
    counts(trial, measured),
    timeBudget(measured),
    achievedLoad(trial, measured),
    clientBound(trial, figures.get('latencyP50')?.value),
    drift(trial, measured),
    coldStart(measured),
    cache(measured),
    sampleSize(figures),
    effectiveSettings(trial),
  ].filter((audit) => audit !== undefined)
}

/** Enough requests for each quantile of latency. */
function sampleSize(figures: ReadonlyMap<string, TrialFigure>): Audit {
  const missing = ['latencyP95', 'latencyP99'].filter(
    (id) => figures.get(id)?.absence?.code === 'too-few',
  )
  return {
    id: 'sampleSize',
    outcome: missing.length === 0 ? 'pass' : 'warn',
    numbers: {
      requests: figures.get('latencyMean')?.n ?? 0,
      ...(missing.length === 0 ? {} : { missing: missing.join(', ') }),
    },
  }
}
