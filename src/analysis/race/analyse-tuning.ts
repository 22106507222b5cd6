/**
 * Analyses a race between settings: the race, its leader, the gain that the confirmation shows, and the effects of
 * settings.
 */
import type { Experiment } from '../../experiment/experiment.ts'
import type { Tuning } from '../../experiment/grid.ts'
import { metricById, type Metric } from '../../metrics/catalog.ts'
import type { ConfigAnalysis } from '../analysis.ts'
import { changeInterval, changeValue, sidesOf } from '../change.ts'
import { analyseConfig } from '../config-analysis.ts'
import { tableConfidence } from '../config-figures.ts'
import { roundsPerLook } from './race.ts'
import type { TrialSummary } from '../trial-summary.ts'
import { raceFactors } from './race-factors.ts'
import { trialsToDecide } from './race-outlook.ts'
import { confirmationRounds } from './race-step.ts'
import type { Confirmation, TuningAnalysis } from './tuning.ts'
import { leaderOf, tuningRace, type TuningRace } from './tuning-race.ts'

/** Undefined if no trial of the race was measured. */
export function analyseTuning(
  experiment: Experiment,
  tuning: Tuning,
  configs: ReadonlyMap<string, ConfigAnalysis>,
): TuningAnalysis | undefined {
  const base = configs.get(tuning.grid.base)
  const metric = metricById(tuning.maximize)
  const trials = [...configs.values()]
    .flatMap((config) =>
      config.trials.map((trial) => ({
        ...trial,
        header: { ...trial.header, config: config.config.key },
      })),
    )
    .filter(({ header, outcome }) => header.run === base?.run && outcome !== 'interrupted')
  if (metric === undefined || trials.length === 0) return undefined
  const raced = tuningRace(experiment, tuning, trials)
  const { race, objectives } = raced
  // Uses the leader that the run confirmed, because the run may have had the rules of another version.
  const confirmed = trials.find(
    ({ header }) => header.racePhase === 'confirmation' && header.config !== tuning.grid.base,
  )
  const leader = confirmed?.header.config ?? leaderOf(race)
  const leading = leader === undefined ? undefined : configs.get(leader)
  const hasEnded = trials.some(({ end }) => end?.stoppedAtRound !== undefined)
  const ended = hasEnded ? (race.decision ?? 'budget') : 'open'
  const confirmation =
    base && leading && base !== leading ? confirmationOf(metric, base, leading) : undefined
  const factors = raceFactors(tuning.grid, raced.trials, tuning.ignoreBelow)
  const [ofBase, ofLeader] = [base?.config.key, leader].map((key) =>
    raced.trials.filter(({ config, value }) => config === key && value !== undefined),
  )
  const gains = (ofLeader ?? []).flatMap(({ round, value = NaN }) => {
    const before = ofBase?.find((each) => each.round === round)?.value
    return before === undefined ? [] : [value - before]
  })
  return {
    ...{ tuning, metric, race, objectives, rounds: race.looks.length * roundsPerLook },
    ended,
    ...(leader === undefined ? {} : { leader }),
    ...(gains.length === 0 || leading === base
      ? {}
      : { raceGain: Math.expm1(gains.reduce((sum, gain) => sum + gain, 0) / gains.length) * 100 }),
    ...(confirmation === undefined ? {} : { confirmation }),
    ...(factors === undefined ? {} : { factors }),
    ...(ended === 'budget' && leader !== undefined
      ? budgetOutlook(tuning, raced, trials, leader)
      : {}),
  }
}

/**
 * For a race that ended because its budget was used up: the unused part of the budget, and a budget that would be
 * enough.
 */
function budgetOutlook(
  { budgetMs, grid }: Tuning,
  { rules, trials: raceTrials }: TuningRace,
  trials: readonly TrialSummary[],
  leader: string,
): Pick<TuningAnalysis, 'unusedMs' | 'enoughMs'> {
  const durations = trials.flatMap(({ header, end }) =>
    end === undefined ? [] : [Date.parse(end.endedAt) - Date.parse(header.startedAt)],
  )
  const spentMs = durations.reduce((sum, each) => sum + each, 0)
  const trialMs = spentMs / durations.length
  const unusedMs = leader === grid.base ? Math.max(0, budgetMs - spentMs) : 0
  const needed = trialsToDecide(rules, raceTrials)
  return {
    ...(unusedMs === 0 ? {} : { unusedMs }),
    ...(needed === undefined
      ? {}
      : { enoughMs: Math.ceil((needed + 2 * confirmationRounds) * trialMs) }),
  }
}

function confirmationOf(
  metric: Metric,
  base: ConfigAnalysis,
  leader: ConfigAnalysis,
): Confirmation | undefined {
  const [from, to] = [base, leader].map((each) => {
    const trials = each.trials.filter(({ header }) => header.racePhase === 'confirmation')
    return analyseConfig(each.config, { run: each.run, trials, planned: trials.length }, [metric])
  })
  const sides = from && to && sidesOf(metric.id, from, to)
  if (sides === undefined || sides.differences.length === 0) return undefined
  const gain = changeValue(sides)
  const interval = changeInterval(sides, tableConfidence)
  return {
    rounds: sides.differences.length,
    base: sides.from,
    leader: sides.to,
    ...(gain === undefined ? {} : { gain }),
    ...(interval === undefined ? {} : { interval }),
  }
}
