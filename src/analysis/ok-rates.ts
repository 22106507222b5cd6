/**
 * Tests whether two configs answer the same share of requests. If not, a comparison of latencies would cover only the
 * successful requests.
 */
import type { ConfigAnalysis } from './analysis.ts'
import { endedOf } from './config-figures.ts'
import type { Doubt, Figure } from './figure.ts'
import {
  shareDifference,
  tolerancePoints,
  type ShareDifference,
  type TrialShare,
} from './share-difference.ts'

/** Tests whether two configs answer the same share of requests. `undefined` if a side gives no counts of requests. */
export function okRateDifference(
  from: ConfigAnalysis | undefined,
  to: ConfigAnalysis | undefined,
): ShareDifference | undefined {
  return from === undefined || to === undefined
    ? undefined
    : shareDifference(okShares(from), okShares(to))
}

/**
 * The share of ok requests of each trial, or of each run of a document; a document without runs counts as one trial.
 */
function okShares({ config, figures, trials }: ConfigAnalysis): readonly TrialShare[] {
  if (config.kind === 'recorded') {
    const figure = figures.get('okRate')
    const runs = figure?.counts === undefined ? [] : (figure.runs ?? [figure])
    return runs.flatMap(({ counts }, round) =>
      counts === undefined ? [] : [{ ...counts, run: config.key, round }],
    )
  }
  return endedOf(trials).flatMap(({ header: { run, round }, figures: trialFigures }) => {
    const counts = trialFigures.get('okRate')?.counts
    return counts === undefined ? [] : [{ ...counts, run, round }]
  })
}

/** The doubt that the two sides' latencies may cover different requests, because one side has more failures. */
export function okRateDoubt(
  base: ConfigAnalysis | undefined,
  to: ConfigAnalysis,
): Doubt | undefined {
  const difference = okRateDifference(base, to)
  if (difference?.kind === 'unclear') {
    const { from, to, reach } = difference
    return { code: 'okRates', details: { fromPercent: from, toPercent: to, reachPoints: reach } }
  }
  const [fromPercent, toPercent] = [base, to].map((side) => side?.figures.get('okRate')?.value)
  if (difference !== undefined || fromPercent === undefined || toPercent === undefined) return
  if (Math.abs(toPercent - fromPercent) <= tolerancePoints) return
  return { code: 'okRatesUncounted', details: { fromPercent, toPercent } }
}

/** Adds the doubt to a latency, if there is one. */
export function withOkRateDoubt(figure: Figure, doubt: Doubt | undefined): Figure {
  const { family } = figure.metric
  if (figure.value === undefined || doubt === undefined) return figure
  if (family !== 'latency' && family !== 'firstToken') return figure
  return { ...figure, doubts: [...figure.doubts, doubt] }
}
