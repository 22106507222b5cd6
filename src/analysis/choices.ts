/**
 * Weighs quality against speed: finds the configs that another config dominates, so that they are never the better
 * choice. Used for models, of which the fastest is often not the best. Pure.
 */
import type { Metric } from '../metrics/catalog.ts'
import type { Analysis, ConfigAnalysis, NoiseFloor } from './analysis.ts'
import type { Mark } from './figure.ts'
import { changeInterval, changeValue, sidesOf } from './change.ts'
import { obstaclesBetween } from './comparability.ts'
import { markOf } from './comparison.ts'
import { defaultBand, floorOf } from './noise-floor.ts'
import { inChangeUnit } from './test-scale.ts'

export interface Choice {
  readonly config: string
  /** The configs that dominate this one: clearly better in some criteria, and clearly not worse in all others. */
  readonly dominatedBy: readonly Advantage[]
  /** For each config that this one clearly beats in some criteria: these criteria. */
  readonly advantages: readonly Advantage[]
  /** The configs that may or may not dominate this one. */
  readonly undecided: readonly string[]
}

/** The other config, and the criteria in which the better one of the two is clearly better. */
export interface Advantage {
  readonly other: string
  readonly metrics: readonly Metric[]
}

export interface Choices {
  /** In the file's order. */
  readonly choices: readonly Choice[]
  /** The confidence of each interval. By Bonferroni's correction, all intervals together have 95 %. */
  readonly confidence: number
}

/**
 * The criteria are the metric that ranks the configs, and every score. Undefined without scores, or with fewer than two
 * configs.
 */
export function choicesAmong(
  configs: readonly ConfigAnalysis[],
  { rankedBy, floor }: Pick<Analysis, 'rankedBy' | 'floor'>,
): Choices | undefined {
  const scores = scoresOf(configs)
  const pairs = (configs.length * (configs.length - 1)) / 2
  if (scores.length === 0 || pairs === 0) return undefined
  const criteria = [rankedBy, ...scores]
  const confidence = 1 - 0.05 / (pairs * criteria.length)
  const choices = configs.map((config): Choice => {
    const others = configs.filter((other) => other !== config)
    const compared = others.map((other) => ({
      other: other.config.key,
      marks: marksOf(other, config, { criteria, confidence, floor }),
    }))
    const withMark = (marks: Marks, mark: Mark) =>
      criteria.filter(({ id }) => marks.get(id) === mark)
    const dominatedBy = compared.flatMap(({ other, marks }) => {
      const metrics = withMark(marks, 'worse')
      const isTiedElsewhere = withMark(marks, 'same').length + metrics.length === criteria.length
      return metrics.length > 0 && isTiedElsewhere ? [{ other, metrics }] : []
    })
    const advantages = compared.flatMap(({ other, marks }) => {
      const metrics = withMark(marks, 'better')
      return metrics.length > 0 ? [{ other, metrics }] : []
    })
    const decided = new Set([...dominatedBy, ...advantages].map((each) => each.other))
    return {
      config: config.config.key,
      dominatedBy,
      advantages,
      undecided: compared.map(({ other }) => other).filter((other) => !decided.has(other)),
    }
  })
  return { choices, confidence }
}

/** The scores that any config has, in the order of the dataset. */
export function scoresOf(configs: readonly ConfigAnalysis[]): readonly Metric[] {
  const known = configs.flatMap(({ figures }) =>
    [...figures.values()].filter(
      ({ metric, value }) => metric.family === 'score' && value !== undefined,
    ),
  )
  return [...new Map(known.map(({ metric }) => [metric.id, metric])).values()]
}

type Marks = ReadonlyMap<string, Mark>

interface ChoiceRules {
  readonly criteria: readonly Metric[]
  readonly confidence: number
  readonly floor: NoiseFloor | undefined
}

/** How `to` compares with `from`. Without an interval, and where the two are not comparable, the mark is `unknown`. */
function marksOf(from: ConfigAnalysis, to: ConfigAnalysis, rules: ChoiceRules): Marks {
  const obstacleTo = obstaclesBetween(from, to)
  const markFor = (metric: Metric): Mark => {
    const sides = obstacleTo(metric) === undefined ? sidesOf(metric.id, from, to) : undefined
    const interval = sides && changeInterval(sides, rules.confidence)
    if (sides === undefined || interval === undefined) return 'unknown'
    return markOf({
      value: changeValue(sides),
      interval,
      direction: metric.direction,
      floor: floorOf(metric, from, rules.floor),
      band: inChangeUnit(defaultBand, metric, from),
    })
  }
  return new Map(rules.criteria.map((metric) => [metric.id, markFor(metric)]))
}
