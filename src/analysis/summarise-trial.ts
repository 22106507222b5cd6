/** One stored trial, its requests boiled down to figures; what is left fits in memory a thousand times. */
import type { StoredTrial } from '../results/stored-trial.ts'
import { measuredRequests, type MeasuredRequests } from './measured-requests.ts'
import { trialFigures } from './trial-figures.ts'
import type { SampleScore, TrialSummary } from './trial-summary.ts'

export function summariseTrial(trial: StoredTrial): TrialSummary {
  const measured = measuredRequests(trial.requests)
  const { file, digest, header, evidence, window, end } = trial
  return {
    file,
    digest,
    header,
    evidence,
    ...(window === undefined ? {} : { window }),
    ...(end === undefined ? {} : { end }),
    outcome: end?.outcome ?? 'interrupted',
    figures: trialFigures(trial, measured),
    scores: new Map(trial.requests.checks().map((check) => [check, sampleScores(check, measured)])),
    failures: failuresOf(measured),
  }
}

function sampleScores(
  check: string,
  { table, ok }: MeasuredRequests,
): ReadonlyMap<string, SampleScore> {
  const column = table.scores(check)
  const samples = table.texts('sample')
  const sums = new Map<string, { total: number; n: number }>()
  for (const row of ok) {
    const sample = samples.texts[samples.codes[row] ?? NaN]
    const score = column[row] ?? NaN
    if (sample === undefined || Number.isNaN(score)) continue
    const { total, n } = sums.get(sample) ?? { total: 0, n: 0 }
    sums.set(sample, { total: total + score, n: n + 1 })
  }
  return new Map([...sums].map(([sample, { total, n }]) => [sample, { mean: total / n, n }]))
}

function failuresOf({ table, sent }: MeasuredRequests): TrialSummary['failures'] {
  const outcomes = table.texts('outcome')
  const errors = table.texts('error')
  const failures = new Map<string, { count: number; error?: string }>()
  for (const row of sent) {
    const outcome = outcomes.texts[outcomes.codes[row] ?? NaN]
    if (outcome === undefined || outcome === 'ok') continue
    const { count, error } = failures.get(outcome) ?? { count: 0 }
    const first = error ?? errors.texts[errors.codes[row] ?? NaN]
    failures.set(outcome, { count: count + 1, ...(first === undefined ? {} : { error: first }) })
  }
  return [...failures]
    .map(([outcome, rest]) => ({ outcome, ...rest }))
    .sort((one, other) => other.count - one.count)
}
