/** `until`: whether a metric is known closely enough. It asks how wide intervals are, never where they lie. */
import type { Until } from '../experiment/experiment.ts'
import type { Analysis } from './analysis.ts'
import type { Figure, Interval } from './figure.ts'

export interface Precision {
  readonly reached: boolean
  /** The widest half width among all compared pairs, in percent (points for shares); absent while a pair has no interval. */
  readonly halfWidth?: number
}

/**
 * Over each config with its base and each claim about the metric; where nothing is compared, over the
 * metric of each measured config by itself.
 */
export function precisionOf({ metric, halfWidth }: Until, analysis: Analysis): Precision {
  const changes = [
    ...analysis.comparisons.map(({ changes }) => changes.get(metric)),
    ...analysis.hypotheses.map(({ change }) => (change?.metric.id === metric ? change : undefined)),
  ].filter((change) => change !== undefined)
  const widths =
    changes.length > 0
      ? changes.map(({ interval }) => halfOf(interval))
      : analysis.configs
          .filter(({ config }) => config.kind === 'measured')
          .map(({ figures }) => halfOfFigure(figures.get(metric)))
  const widest = Math.max(...widths.map((width) => width ?? Infinity))
  if (!Number.isFinite(widest)) return { reached: false }
  return { reached: widest <= halfWidth, halfWidth: widest }
}

function halfOf(interval: Interval | undefined): number | undefined {
  return interval && (interval.high - interval.low) / 2
}

/** Of a figure that changes by ratio, in percent of itself. */
function halfOfFigure(figure: Figure | undefined): number | undefined {
  const half = halfOf(figure?.interval)
  if (half === undefined || figure?.value === undefined) return undefined
  return figure.metric.change === 'ratio' ? (half / figure.value) * 100 : half
}
