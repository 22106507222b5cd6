/** The race of an experiment with `tune`: its rules, and what the summaries of its trials say. */
import type { Experiment, MeasuredConfig } from '../../experiment/experiment.ts'
import type { Tuning } from '../../experiment/grid.ts'
import type { Objective } from '../../experiment/threshold.ts'
import { metricById, type Metric } from '../../metrics/catalog.ts'
import type { TrialSummary } from '../trial-summary.ts'
import { toTestScale } from '../test-scale.ts'
import { raceOf, type Race } from './race.ts'
import type { Measure, ObjectiveRule, RaceRules, RaceTrial } from './race-rules.ts'

/** An objective of a race: one that the file states, or a check of the dataset. */
export type RaceObjective =
  | { readonly kind: 'slo'; readonly objective: Objective; readonly metric: Metric }
  /** Answers may be worse than those of the base by at most `ignoreBelow`, in points. */
  | { readonly kind: 'check'; readonly check: string }

export interface TuningRace {
  readonly race: Race
  /** The race, judged as if no further round followed. Equal to `race` once the race or the run has ended. */
  readonly ifOver: Race
  readonly objectives: readonly RaceObjective[]
  readonly rules: RaceRules
  /** The trials of the race, including those of eliminated configs. */
  readonly trials: readonly RaceTrial[]
}

/** The configs that race: the base, then the cells in the order of the file. */
export function racingConfigs({ grid }: Tuning): readonly string[] {
  return [...new Set([grid.base, ...grid.cells.map(({ config }) => config)])]
}

export function raceObjectives({
  configs,
  objectives = [],
  tuning,
}: Pick<Experiment, 'configs' | 'objectives' | 'tuning'>): readonly RaceObjective[] {
  const base = configs.find(
    (config): config is MeasuredConfig =>
      config.kind === 'measured' && config.key === tuning?.grid.base,
  )
  return [
    ...objectives.flatMap((objective): readonly RaceObjective[] => {
      const metric = metricById(objective.metric)
      return metric === undefined ? [] : [{ kind: 'slo', objective, metric }]
    }),
    ...(base?.dataset.checks ?? []).map(({ name }): RaceObjective => ({
      kind: 'check',
      check: name,
    })),
  ]
}

/** @param summaries of all trials of one run, interrupted ones left out */
export function tuningRace(
  experiment: Pick<Experiment, 'configs' | 'objectives'>,
  tuning: Tuning,
  summaries: readonly TrialSummary[],
): TuningRace {
  const objectives = raceObjectives({ ...experiment, tuning })
  const ignoredShare = tuning.ignoreBelow / 100
  const rules: RaceRules = {
    configs: racingConfigs(tuning),
    band: -Math.log(1 - ignoredShare),
    reference: tuning.grid.base,
    objectives: objectives.map((each): ObjectiveRule => {
      if (each.kind === 'check') return { kind: 'quality', band: ignoredShare }
      return each.metric.family === 'share'
        ? { kind: 'share', least: each.objective.threshold.value / 100 }
        : { kind: 'level' }
    }),
  }
  const metric = metricById(tuning.maximize)
  const trials = summaries
    .filter(({ header }) => header.racePhase === 'race')
    .map((summary): RaceTrial => {
      const { config, round } = summary.header
      const figure = metric && summary.figures.get(metric.id)?.value
      const value =
        metric === undefined || figure === undefined || summary.outcome !== 'ended'
          ? undefined
          : toTestScale(metric, figure)
      return {
        ...{ config, round },
        ...(value === undefined ? {} : { value }),
        measures: objectives.map((each) => measureOf(each, summary)),
      }
    })
  const ifOver = raceOf(rules, trials, true)
  const isOver = summaries.some(
    ({ header, end }) => header.racePhase === 'confirmation' || end?.stoppedAtRound !== undefined,
  )
  return { race: isOver ? ifOver : raceOf(rules, trials), ifOver, objectives, rules, trials }
}

function measureOf(objective: RaceObjective, summary: TrialSummary): Measure | undefined {
  if (objective.kind === 'check') {
    const scores = summary.scores.get(objective.check)
    return scores && { scores: new Map([...scores].map(([sample, { mean }]) => [sample, mean])) }
  }
  const { metric } = objective
  const figure = summary.figures.get(metric.id)
  if (metric.family === 'share') return figure?.counts
  const { value: bound } = objective.objective.threshold
  const [value, least] = [figure?.value, bound].map((each) =>
    each === undefined ? undefined : toTestScale(metric, each),
  )
  if (value === undefined || least === undefined) return undefined
  return metric.direction === 'higher' ? value - least : least - value
}

/**
 * The leader of the race: the best remaining config whose figures meet all objectives (`met`). After the race, it is
 * confirmed against the base. Undefined if no remaining config meets them.
 */
export function leaderOf({ looks, remaining }: Race): string | undefined {
  const met = looks
    .at(-1)
    ?.standing.find(({ config, judged }) => remaining.includes(config) && judged.outcome === 'met')
  return met?.config
}
