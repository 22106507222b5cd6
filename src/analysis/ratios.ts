/** The ratio table: the latency of each config divided by that of the baseline. */
import type { ConfigAnalysis, Ratio, Status } from './analysis.ts'
import { ratioInterval, ratioValue, replicates, sidesOf } from './change.ts'
import { tableConfidence } from './config-figures.ts'
import type { Figure } from './figure.ts'

/** The largest ratios to the baseline that count as good and as poor; larger ones are bad. The report states them. */
export const statusThresholds = { good: 2, poor: 5 } as const

/** Below this success rate, in percent, a config's latencies are unreliable, because they cover only successful requests. */
export const minHealthyRate = 99

/**
 * The ratios in the order of the table: by rising ratio, with configs without a figure after these, and unreliable ones
 * last; ties are in the file's order. Empty without a baseline.
 * @param confidence for the ratios that the conclusion states
 */
export function ratiosTo(
  baseline: ConfigAnalysis | undefined,
  configs: readonly ConfigAnalysis[],
  confidence: number,
): readonly Ratio[] {
  const base = baseline && latencyFigure(baseline)
  if (base === undefined) return []
  const ratios = configs.flatMap((each) => {
    const figure = latencyFigure(each)
    return figure === undefined || figure.absence?.code === 'not-recorded'
      ? []
      : [ratioOf(each, figure, [baseline, base], confidence)]
  })
  const reliable = ratios.filter(({ status }) => status !== 'unreliable')
  const lowest = Math.min(...reliable.map(({ value }) => value ?? Infinity))
  return withBest(ratios, reliable, lowest).toSorted(
    (one, other) =>
      Number(one.status === 'unreliable') - Number(other.status === 'unreliable') ||
      (one.value ?? Infinity) - (other.value ?? Infinity) ||
      0,
  )
}

/**
 * Marks the lowest reliable ratio as the best. If it is not clearly different from the baseline, it is tied with the
 * baseline and with all other ratios of which the same is true.
 */
function withBest(
  ratios: readonly Ratio[],
  reliable: readonly Ratio[],
  lowest: number,
): readonly Ratio[] {
  const isBaseline = ({ value, interval }: Ratio) => value === 1 && interval === undefined
  const isLikeBaseline = ({ interval }: Ratio) =>
    interval !== undefined && interval.low <= 1 && interval.high >= 1
  const isBest = ({ value }: Ratio) => value === lowest
  const hasTie =
    reliable.some(isLikeBaseline) &&
    reliable.some((ratio) => isBest(ratio) && (isBaseline(ratio) || isLikeBaseline(ratio)))
  return ratios.map((ratio) => {
    if (!reliable.includes(ratio)) return ratio
    if (hasTie && (isBaseline(ratio) || isLikeBaseline(ratio))) return { ...ratio, status: 'tied' }
    return isBest(ratio) ? { ...ratio, status: 'best' } : ratio
  })
}

/**
 * Mean latency, unless a document gives a shorter time for one sample. The time for one sample cannot be shorter than
 * its request, so in that case the document's mean latency is not a mean over requests.
 */
function latencyFigure({ figures }: ConfigAnalysis): Figure | undefined {
  const [mean, sample] = [figures.get('latencyMean'), figures.get('sampleTime')]
  if (sample?.value === undefined) return mean ?? sample
  if (mean?.value === undefined) return sample
  if (mean.value <= sample.value) return mean
  const requests = figures.get('okRate')?.counts?.whole
  // the document may give the total time of all requests as its mean latency; then the time for one sample is the mean
  const isTotalOfRequests =
    requests !== undefined && Math.abs((sample.value * requests) / mean.value - 1) < 0.01
  const doubt = {
    code: 'sampleTimeBelowLatency' as const,
    details: {
      sampleTimeMs: sample.value,
      latencyMs: mean.value,
      ...(isTotalOfRequests && requests > 1 ? { requests } : {}),
    },
  }
  return { ...sample, doubts: [...sample.doubts, doubt] }
}

function ratioOf(
  subject: ConfigAnalysis,
  figure: Figure,
  [baseline, base]: readonly [ConfigAnalysis | undefined, Figure],
  confidence: number,
): Ratio {
  const { config, state } = subject
  const mixesMetrics = figure.value !== undefined && figure.metric.id !== base.metric.id
  const isBaseline = config.key === baseline?.config.key
  const sides =
    baseline === undefined || mixesMetrics
      ? undefined
      : sidesOf(figure.metric.id, baseline, subject)
  const value =
    isBaseline && figure.value !== undefined
      ? 1
      : sides === undefined
        ? quotient(figure, base)
        : ratioValue(sides)
  const [interval, statedInterval] = [tableConfidence, confidence].map((level) =>
    isBaseline || sides === undefined ? undefined : ratioInterval(sides, level),
  )
  return {
    config: config.key,
    figure,
    ...(value === undefined ? {} : { value }),
    ...(interval === undefined ? {} : { interval }),
    ...(statedInterval === undefined ? {} : { statedInterval }),
    ...(sides?.partial === true ? { sharedRounds: replicates(sides) } : {}),
    status: value === undefined ? statusWithoutRatio(state) : statusOf(value, subject),
    mixesMetrics,
  }
}

function quotient({ value }: Figure, base: Figure): number | undefined {
  if (value === undefined || base.value === undefined || base.value === 0) return undefined
  return value / base.value
}

function statusOf(value: number, { figures }: ConfigAnalysis): Status {
  if ((figures.get('okRate')?.value ?? 100) < minHealthyRate) return 'unreliable'
  if (value <= statusThresholds.good) return 'good'
  return value <= statusThresholds.poor ? 'poor' : 'bad'
}

function statusWithoutRatio(state: ConfigAnalysis['state']): Status {
  return state === 'pending' ? 'pending' : 'failed'
}
