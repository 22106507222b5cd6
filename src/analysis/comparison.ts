/** Two configs side by side: what changed in each metric, and which way. */
import type { Hypothesis } from '../experiment/experiment.ts'
import type { Change, Comparison, ConfigAnalysis } from './analysis.ts'
import {
  changeDetectable,
  changeInterval,
  changeValue,
  isPaired,
  sidesOf,
  type Sides,
} from './change.ts'
import { undeclaredDifferences } from './comparability.ts'
import { tableConfidence } from './config-figures.ts'
import { markOf } from './mark.ts'
import { defaultBand, floorOf, inChangeUnit, type NoiseFloor } from './noise-floor.ts'

export interface MarkRules {
  readonly hypotheses: readonly Hypothesis[]
  readonly floor?: NoiseFloor | undefined
}

export function compare(from: ConfigAnalysis, to: ConfigAnalysis, rules: MarkRules): Comparison {
  const changes = [...to.figures.values()].flatMap(({ metric }) => {
    const sides = sidesOf(metric.id, from, to)
    return sides === undefined || metric.family === 'load' || metric.family === 'count'
      ? []
      : [[metric.id, changeOf(sides, from, to, rules)] as const]
  })
  return {
    base: from.config.key,
    config: to.config.key,
    paired: isPaired(from, to),
    sameHost: areOnOneHost(from, to),
    undeclared: undeclaredDifferences(from, to),
    changes: new Map(changes),
  }
}

export function changeOf(
  sides: Sides,
  from: ConfigAnalysis,
  to: ConfigAnalysis,
  { hypotheses, floor }: MarkRules,
): Change {
  const { metric } = sides
  const value = changeValue(sides)
  const interval = value === undefined ? undefined : changeInterval(sides, tableConfidence)
  const detectable = changeDetectable(sides, tableConfidence)
  const asked = hypotheses.find(
    ({ claim }) =>
      claim.kind === 'same' &&
      claim.metric === metric.id &&
      claim.config === to.config.key &&
      claim.versus === from.config.key,
  )
  const mark = markOf({
    value,
    interval,
    direction: metric.direction,
    floor: floorOf(metric, from, floor),
    band: asked?.claim.kind === 'same' ? asked.claim.band : inChangeUnit(defaultBand, metric, from),
  })
  return {
    metric,
    from: sides.from,
    to: sides.to,
    ...(value === undefined ? {} : { value }),
    ...(interval === undefined ? {} : { interval }),
    mark,
    pairs: sides.differences.length,
    ...(interval === undefined || detectable === undefined ? {} : { detectable }),
  }
}

/** No two trials are known to be of different machines. */
export function areOnOneHost(...sides: readonly ConfigAnalysis[]): boolean {
  const hosts = sides.flatMap(({ trials }) => trials.map(({ header }) => header.host.id))
  return new Set(hosts).size <= 1
}
