/** What a report says about the load generator's own timing error. */
import type { Change } from '../analysis/analysis.ts'
import { latencyErrorP99 } from '../analysis/timing-error.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import { dateAndMinute } from '../format/date.ts'
import { fixed, integer } from '../format/number.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { isAtLeast } from '../metrics/metric.ts'
import type { Context } from './context.ts'

/**
 * A sentence on the size of the error; none if no trial has an estimate. If only some trials have one, it counts those
 * without.
 */
export function timingErrorSentence({ analysis, words }: Context): readonly Markdown[] {
  const ended = analysis.configs.flatMap(({ trials }) =>
    trials.filter(({ outcome }) => outcome === 'ended'),
  )
  const known = ended.flatMap((trial) => timingOf(trial) ?? [])
  if (known.length === 0) return []
  const means = analysis.configs.flatMap(({ figures }) => {
    const error = figures.get('latencyMean')?.timingError
    return error === undefined ? [] : [error.value]
  })
  const calibrations = new Set(known.map(({ calibration }) => calibration?.takenAt))
  const [takenAt] = calibrations
  const missing = ended.length - known.length
  return [
    words.markdown('certainty.timingError', {
      mean: means.length === 0 ? '' : fixed(Math.max(...means), 2),
      p99: fixed(Math.max(...known.map(latencyErrorP99)), 2),
      calibrated: calibrations.size === 1 && takenAt !== undefined ? dateAndMinute(takenAt) : '',
      uncalibrated: calibrations.has(undefined) ? 'yes' : '',
      noRunQueue: known.some(({ runQueueMissing }) => runQueueMissing !== undefined) ? 'yes' : '',
      levels: (analysis.capacities ?? []).length === 0 ? '' : 'yes',
      missing: missing === 0 ? '' : integer(missing),
      of: integer(ended.length),
    }),
  ]
}

function timingOf({ end }: TrialSummary) {
  return end?.client?.timing
}

/** Sentences on comparisons with headline changes that have no mark, because the timing error may have caused them. */
export function hiddenChanges(context: Context): readonly Markdown[] {
  const { analysis, labels, words, metricWords } = context
  return analysis.comparisons.flatMap(({ base, config, changes }) => {
    const hidden = [...changes.values()].filter(isHiddenHeadline)
    if (hidden.length === 0) return []
    return [
      words.markdown('timingError.hidesChange', {
        config: labels.full(config),
        base: labels.full(base),
        metrics: hidden
          .map(({ metric }) => metricWords.inSentence(metric))
          .join(words.text('join.list')),
      }),
    ]
  })
}

function isHiddenHeadline({ metric, hiddenByTimingError }: Change): boolean {
  return hiddenByTimingError === true && isAtLeast(metric, 'headline')
}
