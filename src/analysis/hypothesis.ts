/** Evaluates hypotheses: the measured value of each claim, in the unit of the claim, and its verdict. */
import type { Claim, Experiment, Hypothesis } from '../experiment/experiment.ts'
import { type Metric, metricById } from '../metrics/catalog.ts'
import { degreesOfMean } from '../stats/power.ts'
import type { Analysis, ConfigAnalysis, HypothesisResult } from './analysis.ts'
import {
  changeInterval,
  changeValue,
  ratioInterval,
  ratioValue,
  sidesOf,
  replicates,
  type Sides,
} from './change.ts'
import { absenceOfCapacity, capacityOf } from './analyse-capacity.ts'
import { obstaclesBetween } from './comparability.ts'
import { changeOf, type MarkRules } from './comparison.ts'
import { endedOf, sampleOutcomes } from './config-figures.ts'
import { mean, sum } from './measured-requests.ts'
import { sidesOfFactor } from './grid/grid-analysis.ts'
import { outcomesInterval, replicateCount, roundsInterval } from './figure-interval.ts'
import type { Figure, Interval } from './figure.ts'
import { verdictOf } from './verdict.ts'

/**
 * The confidence of each claim's interval, by Bonferroni's correction: all claims of an experiment are judged together,
 * at each planned look. It is 0.95 for one claim at one look, and 0.9875 for four claims, or for two claims at two
 * looks.
 */
export function claimConfidence({
  hypotheses,
  looks = 1,
}: Pick<Experiment, 'hypotheses' | 'looks'>): number {
  return 1 - 0.05 / Math.max(1, hypotheses.length * looks)
}

interface Measured {
  readonly measured?: number | undefined
  readonly interval?: Interval | undefined
}

export function hypothesisResult(
  hypothesis: Hypothesis,
  configs: ReadonlyMap<string, ConfigAnalysis>,
  rules: MarkRules &
    Pick<Experiment, 'looks' | 'series' | 'objectives' | 'grid'> & { readonly standIn: boolean },
): HypothesisResult {
  const { claim } = hypothesis
  const confidence = claimConfidence(rules)
  const aboutCapacity = capacityResult(hypothesis, configs, { ...rules, confidence })
  if (aboutCapacity !== undefined) return aboutCapacity
  const { config, versus } = sidesOfClaim(claim, configs, rules.grid)
  const figure = figureOf(config, claim.metric)
  const sides =
    versus === undefined || config === undefined ? undefined : sidesOf(claim.metric, versus, config)
  const base = claim.kind === 'value' ? undefined : figureOf(versus, claim.metric)
  const evidence = { config, figure, sides, confidence }
  // The figures of a stand-in do not describe the target that the claim is about.
  const measured = rules.standIn ? {} : measuredOf(claim, evidence)
  const verdict = verdictOf({
    ...measured,
    claim,
    figure,
    base,
    config,
    versus,
    n: sides === undefined ? valueCount(figure) : replicates(sides),
    degrees: sides?.degrees ?? degreesOfMean,
    standIn: rules.standIn,
    plannedLooks: rules.looks ?? 1,
    roundMs: figure.metric.family === 'score' ? undefined : roundDuration(config, configs),
    floor: rules.floor,
  })
  return {
    hypothesis,
    figure,
    verdict,
    ...(base === undefined ? {} : { base }),
    ...(rules.standIn || sides === undefined || versus === undefined || config === undefined
      ? {}
      : {
          change: changeOf(
            sides,
            versus,
            config,
            rules,
            obstaclesBetween(versus, config)(sides.metric),
          ),
        }),
    ...(measured.measured === undefined ? {} : { measured: measured.measured }),
    ...(measured.measured === undefined || measured.interval === undefined
      ? {}
      : { interval: measured.interval }),
  }
}

/** The configs that a claim compares; for a claim about a factor, the means of its cells with either level. */
function sidesOfClaim(
  claim: Claim,
  configs: ReadonlyMap<string, ConfigAnalysis>,
  grid: Experiment['grid'],
): { readonly config?: ConfigAnalysis | undefined; readonly versus?: ConfigAnalysis | undefined } {
  if (claim.factor !== undefined && grid !== undefined) {
    const sides = sidesOfFactor(grid, configs, claim.factor)
    return sides === undefined ? {} : { config: sides.to, versus: sides.from }
  }
  const versus = claim.kind === 'value' ? undefined : configs.get(claim.versus)
  return { config: configs.get(claim.config), versus }
}

/** The mean duration of a round of the config's run, in ms. A round measures all configs of the run. */
function roundDuration(
  config: ConfigAnalysis | undefined,
  configs: ReadonlyMap<string, ConfigAnalysis>,
): number | undefined {
  const inRun = [...configs.values()].filter(({ run }) => run !== undefined && run === config?.run)
  const durations = inRun.map(({ trials }) => {
    const all = endedOf(trials).flatMap(({ header, end }) =>
      end === undefined ? [] : [Date.parse(end.endedAt) - Date.parse(header.startedAt)],
    )
    return mean(all)
  })
  const total = sum(durations)
  return total > 0 ? total : undefined
}

interface Evidence {
  readonly config: ConfigAnalysis | undefined
  readonly figure: Figure
  readonly sides: Sides | undefined
  readonly confidence: number
}

function measuredOf({ kind }: Claim, { config, figure, sides, confidence }: Evidence): Measured {
  if (kind === 'value')
    return { measured: figure.value, interval: config && valueInterval(figure, config, confidence) }
  if (sides === undefined) return {}
  if (kind !== 'ratio')
    return { measured: changeValue(sides), interval: changeInterval(sides, confidence) }
  const interval = ratioInterval(sides, confidence)
  return {
    measured: percent(ratioValue(sides)),
    interval: interval && {
      ...interval,
      low: interval.low * 100,
      high: interval.high * 100,
    },
  }
}

function percent(ratio: number | undefined): number | undefined {
  return ratio === undefined ? undefined : ratio * 100
}

/** The number of values that a figure is based on: samples for a score, trials or runs for anything else. */
function valueCount(figure: Figure): number {
  return figure.basedOn === 'samples' ? figure.n : replicateCount(figure)
}

function valueInterval(
  figure: Figure,
  { trials }: ConfigAnalysis,
  confidence: number,
): Interval | undefined {
  const { metric } = figure
  if (metric.family !== 'score') return roundsInterval(figure, confidence)
  const outcomes = sampleOutcomes(endedOf(trials), metric.check)
  return outcomes.size === 0 ? undefined : outcomesInterval([...outcomes.values()], confidence)
}

/** The figure that a claim is about; `not-applicable` if the experiment cannot have it. */
function figureOf(config: ConfigAnalysis | undefined, id: string): Figure {
  const figure = config?.figures.get(id)
  if (figure !== undefined) return figure
  return {
    metric: metricOf(id),
    absence: { code: 'not-applicable' },
    n: 0,
    basedOn: 'requests',
    byRound: [],
    doubts: [],
  }
}

function metricOf(id: string): Metric {
  const metric = metricById(id)
  if (metric === undefined) throw new Error(`unknown metric \`${id}\` in a checked experiment`)
  return metric
}

interface CapacityRules extends Pick<Experiment, 'series' | 'objectives' | 'looks'> {
  readonly standIn: boolean
  readonly confidence: number
}

/** The result of a claim about the capacity of a config with levels of a load; undefined for other claims. */
function capacityResult(
  hypothesis: Hypothesis,
  configs: ReadonlyMap<string, ConfigAnalysis>,
  { series = [], objectives = [], looks = 1, standIn, confidence }: CapacityRules,
): HypothesisResult | undefined {
  const { claim } = hypothesis
  const metric = metricById(claim.metric)
  const claimedSeries = series.find(({ key }) => key === claim.config)
  if (metric?.family !== 'capacity' || claimedSeries === undefined) return undefined
  const capacity = capacityOf(claimedSeries, objectives, configs, confidence)
  const value = capacity.estimate ?? capacity.atLeast
  const figure: Figure = {
    metric,
    ...(value === undefined ? { absence: absenceOfCapacity(capacity) } : { value }),
    n: 0,
    basedOn: 'trials',
    byRound: [],
    doubts: [],
  }
  const levels = claimedSeries.levels.flatMap(({ config }) => configs.get(config) ?? [])
  const interval: Interval = {
    low: capacity.atLeast ?? 0,
    high: capacity.atMost ?? Infinity,
    confidence,
  }
  const measured = standIn || value === undefined ? {} : { measured: value, interval }
  const verdict = verdictOf({
    ...measured,
    claim,
    figure,
    config: levels.find(({ rounds }) => rounds.ended > 0) ?? levels[0],
    n: Math.min(...levels.map(({ rounds }) => rounds.ended)),
    degrees: degreesOfMean,
    standIn,
    plannedLooks: looks,
  })
  return { hypothesis, figure, verdict, ...measured }
}

/** The part of an analysis that decides whether gates are met. */
export type JudgedResults = Pick<Analysis, 'hypotheses' | 'standIn'>

/** Hypotheses marked `gate: true` that are not supported, or whose results are stand-ins. */
export function unmetGates({ hypotheses, standIn }: JudgedResults): readonly HypothesisResult[] {
  return hypotheses.filter(
    ({ hypothesis, verdict }) => hypothesis.gate && (standIn || verdict.code !== 'supported'),
  )
}
