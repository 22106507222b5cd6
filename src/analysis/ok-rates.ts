/** Whether two configs answer the same share of requests. If not, only the surviving requests are compared. */
import type { ConfigAnalysis } from './analysis.ts'
import { endedOf } from './config-figures.ts'
import type { Figure } from './figure.ts'
import { shareDifference, type ShareDifference, type TrialShare } from './share-difference.ts'

/** `undefined` if a side gives no counts of requests. */
export function okRateDifference(
  from: ConfigAnalysis | undefined,
  to: ConfigAnalysis | undefined,
): ShareDifference | undefined {
  return from === undefined || to === undefined
    ? undefined
    : shareDifference(okShares(from), okShares(to))
}

/** The counts of a document are taken as one trial. */
function okShares({ config, figures, trials }: ConfigAnalysis): readonly TrialShare[] {
  const recorded = figures.get('okRate')?.counts
  if (config.kind === 'recorded')
    return recorded === undefined ? [] : [{ ...recorded, run: config.key, round: 0 }]
  return endedOf(trials).flatMap(({ header: { run, round }, figures: ofTrial }) => {
    const counts = ofTrial.get('okRate')?.counts
    return counts === undefined ? [] : [{ ...counts, run, round }]
  })
}

/** Adds a doubt to a latency if more failures on one side may have changed which requests it covers. */
export function withOkRateDoubt(figure: Figure, difference: ShareDifference | undefined): Figure {
  const { family } = figure.metric
  if (figure.value === undefined || difference?.kind !== 'unclear') return figure
  if (family !== 'latency' && family !== 'firstToken') return figure
  const { from, to, reach } = difference
  return {
    ...figure,
    doubts: [
      ...figure.doubts,
      {
        code: 'okRates',
        details: { fromPercent: from, toPercent: to, reachPoints: reach },
      },
    ],
  }
}
