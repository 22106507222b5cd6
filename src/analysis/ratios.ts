/** The ratio table: for the metric that ranks the configs, the figure of each config divided by the baseline's. */
import type { Metric } from '../metrics/catalog.ts'
import type { ConfigAnalysis, NoiseFloor, Ratio, Status } from './analysis.ts'
import { ratioInterval, ratioValue, replicates, sidesOf } from './change.ts'
import { obstaclesBetween } from './comparability.ts'
import { tableConfidence } from './config-figures.ts'
import type { Figure } from './figure.ts'
import { floorOf } from './noise-floor.ts'

/**
 * The largest ratios to the baseline that count as good and as poor; larger ones are bad. For metrics
 * whose higher values are better, these are the ratios of the baseline to the config. The report states them.
 */
export const statusThresholds = { good: 2, poor: 5 } as const

/**
 * Below this success rate, in percent, a config's latencies are unreliable, because they cover only successful
 * requests.
 */
export const minHealthyRate = 99

/**
 * The ratios in the order of the table: the baseline, then the others as in the file, so that a re-run moves no row.
 * Empty without a baseline.
 * @param rankedBy the metric; it is compared by ratio
 * @param confidence the confidence of the ratios in the conclusion
 */
export function ratiosTo(
  baseline: ConfigAnalysis | undefined,
  configs: readonly ConfigAnalysis[],
  rankedBy: Metric,
  confidence: number,
  floor?: NoiseFloor,
): readonly Ratio[] {
  const figureOf = (each: ConfigAnalysis) =>
    rankedBy.id === 'latencyMean' ? latencyFigure(each) : each.figures.get(rankedBy.id)
  const base = baseline && figureOf(baseline)
  if (base === undefined) return []
  const ratios = configs.flatMap((each) => {
    const figure = figureOf(each)
    return figure === undefined || figure.absence?.code === 'not-recorded'
      ? []
      : [ratioOf(each, figure, [baseline, base], confidence)]
  })
  const isBaseline = ({ config }: Ratio) => config === baseline?.config.key
  const byKey = new Map(configs.map((each) => [each.config.key, each]))
  return withBest(ratios, byKey, rankedBy, floor).toSorted(
    (one, other) => Number(isBaseline(other)) - Number(isBaseline(one)),
  )
}

const judgedStatuses: readonly Status[] = ['good', 'poor', 'bad']

/**
 * Marks the best ratio as `best` or, if others are not clearly worse, all of these as `tied`. Marks none if the best
 * ratio was not tested. A baseline with which nothing is compared becomes `reference`.
 */
function withBest(
  ratios: readonly Ratio[],
  configs: ReadonlyMap<string, ConfigAnalysis>,
  rankedBy: Metric,
  floor: NoiseFloor | undefined,
): readonly Ratio[] {
  const isBaseline = ({ value, interval }: Ratio) => value === 1 && interval === undefined
  const ranked = ratios
    .filter(({ status, value }) => value !== undefined && judgedStatuses.includes(status))
    .toSorted((one, other) => timesWorse(one.value, rankedBy) - timesWorse(other.value, rankedBy))
  const [best, ...others] = ranked
  if (best !== undefined && others.length === 0 && isBaseline(best))
    return ratios.map((ratio) => (ratio === best ? { ...ratio, status: 'reference' } : ratio))
  const isTested = (ratio: Ratio) => isBaseline(ratio) || ratio.interval !== undefined
  const isTied = (ratio: Ratio) =>
    isTested(ratio) &&
    !isWorse(rankedBy, configs.get(best?.config ?? ''), configs.get(ratio.config), floor)
  if (best === undefined || !isTested(best) || !others.some(isTested)) return ratios
  const tied = others.filter(isTied)
  return ratios.map((ratio) => {
    if (ratio === best) return { ...ratio, status: tied.length > 0 ? 'tied' : 'best' }
    return tied.includes(ratio) ? { ...ratio, status: 'tied' } : ratio
  })
}

/** How many times worse than the baseline a config is, by its ratio; below 1 if it is better. */
function timesWorse(ratio = 0, { direction }: Metric): number {
  return direction === 'higher' ? 1 / ratio : ratio
}

/** True if the second config is worse than the first, beyond chance and beyond the noise floor. */
function isWorse(
  rankedBy: Metric,
  from: ConfigAnalysis | undefined,
  to: ConfigAnalysis | undefined,
  floor: NoiseFloor | undefined,
): boolean {
  const sides = from && to && sidesOf(rankedBy.id, from, to)
  const [value, interval] = [
    sides && ratioValue(sides),
    sides && ratioInterval(sides, tableConfidence),
  ]
  if (from === undefined || sides === undefined || value === undefined) return false
  const percent = (value - 1) * 100
  const isClear =
    rankedBy.direction === 'higher' ? (interval?.high ?? 1) < 1 : (interval?.low ?? 1) > 1
  return isClear && Math.abs(percent) > floorOf(sides.metric, from, floor)
}

/**
 * The mean latency, or the time for one sample if a document gives one that is shorter. A sample cannot take less time
 * than its request, so the document's mean latency is then not a mean over requests.
 */
export function latencyFigure({ figures }: ConfigAnalysis): Figure | undefined {
  const [mean, sample] = [figures.get('latencyMean'), figures.get('sampleTime')]
  if (sample?.value === undefined) return mean ?? sample
  if (mean?.value === undefined) return sample
  if (mean.value <= sample.value) return mean
  const requests = figures.get('okRate')?.counts?.whole
  // The document may call the total time of all requests its mean latency. The time for one sample is then the mean.
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
  const { config } = subject
  const mixesMetrics = figure.value !== undefined && figure.metric.id !== base.metric.id
  const isBaseline = config.key === baseline?.config.key
  const sides =
    baseline === undefined || mixesMetrics
      ? undefined
      : sidesOf(figure.metric.id, baseline, subject)
  // A ratio of different metrics shows only the order of magnitude, which a failed audit does not change.
  const obstacle =
    isBaseline || mixesMetrics || figure.value === undefined
      ? undefined
      : obstaclesBetween(baseline, subject)(figure.metric)
  const value =
    isBaseline && figure.value !== undefined
      ? 1
      : obstacle !== undefined
        ? undefined
        : sides === undefined
          ? quotient(figure, base)
          : ratioValue(sides)
  const [interval, intervalInConclusion] = [tableConfidence, confidence].map((level) =>
    isBaseline || sides === undefined || obstacle !== undefined
      ? undefined
      : ratioInterval(sides, level),
  )
  const isUnjudged = mixesMetrics || obstacle !== undefined
  return {
    config: config.key,
    figure,
    ...(value === undefined ? {} : { value }),
    ...(interval === undefined ? {} : { interval }),
    ...(interval === undefined || sides?.paired !== false ? {} : { unpaired: true as const }),
    ...(intervalInConclusion === undefined ? {} : { intervalInConclusion }),
    ...(sides?.partial === true ? { sharedRounds: replicates(sides) } : {}),
    status: statusOf(subject, value, isUnjudged, figure.metric),
    ...(obstacle === undefined ? {} : { obstacle }),
    mixesMetrics,
  }
}

function quotient({ value }: Figure, base: Figure): number | undefined {
  if (value === undefined || base.value === undefined || base.value === 0) return undefined
  return value / base.value
}

function statusOf(
  { figures, state }: ConfigAnalysis,
  value: number | undefined,
  isUnjudged: boolean,
  metric: Metric,
): Status {
  if (value === undefined && !isUnjudged) return state === 'pending' ? 'pending' : 'failed'
  if ((figures.get('okRate')?.value ?? 100) < minHealthyRate) return 'unreliable'
  if (isUnjudged || value === undefined) return 'unjudged'
  const worse = timesWorse(value, metric)
  if (worse <= statusThresholds.good) return 'good'
  return worse <= statusThresholds.poor ? 'poor' : 'bad'
}
