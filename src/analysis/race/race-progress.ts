/** Reads the progress of a run's race from its stored trials. */
import type { Experiment } from '../../experiment/experiment.ts'
import type { Tuning } from '../../experiment/grid.ts'
import type { ResultStore, TrialListing } from '../../results/store.ts'
import { countedTrials, groupBy } from '../../results/selection.ts'
import { summariseTrial } from '../summarise-trial.ts'
import type { TrialSummary } from '../trial-summary.ts'
import { roundsPerLook } from './race.ts'
import { nextStep, type RaceStep } from './race-step.ts'
import { leaderOf, tuningRace } from './tuning-race.ts'

interface Progress {
  readonly next?: RaceStep
  readonly done: readonly { readonly config: string; readonly round: number }[]
  readonly rounds: number
  readonly leader?: string
  /** The number of configs that are not eliminated. */
  readonly configsLeft: number
  readonly eliminated: readonly string[]
  readonly budgetLeftMs: number
}

/** The trial that is being stored: it counts as ended. */
interface Current {
  readonly config: string
  readonly round: number
}

/**
 * Returns a function that reads the progress of a run. A trial is read once, after it ended.
 * @param now the time, for the trial that is being stored
 */
export function raceProgressReader(
  experiment: Experiment,
  tuning: Tuning,
  store: Pick<ResultStore, 'list' | 'read'>,
  now: () => Date,
): (run: string, current?: Current) => Promise<Progress> {
  const known = new Map<string, TrialSummary>()
  const summaryOf = async ({ file, end }: TrialListing) => {
    const summary = known.get(file) ?? summariseTrial(await store.read(file), experiment.objectives)
    if (end !== undefined) known.set(file, summary)
    return end === undefined ? { ...summary, outcome: 'ended' as const } : summary
  }
  return async (run, current) => {
    const isCurrent = ({ header, end }: TrialListing) =>
      end === undefined && header.config === current?.config && header.round === current.round
    const ofRun = (await store.list()).filter(
      (trial) =>
        trial.header.run === run &&
        trial.header.racePhase !== undefined &&
        (trial.end !== undefined || isCurrent(trial)),
    )
    const counted = [...groupBy(ofRun, ({ header }) => header.config).values()].flatMap(
      countedTrials,
    )
    const summaries: TrialSummary[] = []
    for (const trial of counted) summaries.push(await summaryOf(trial))
    const tuned = tuningRace(experiment, tuning, summaries)
    const durations = ofRun.map(
      ({ header, end }) =>
        (end === undefined ? now().getTime() : Date.parse(end.endedAt)) -
        Date.parse(header.startedAt),
    )
    const spentMs = durations.reduce((sum, each) => sum + each, 0)
    const { budgetMs } = tuning
    const done = counted.map(({ header: { config, round, racePhase = 'race' } }) => ({
      ...{ config, round },
      phase: racePhase,
    }))
    const isOver = ofRun.some(({ end }) => end?.stoppedAtRound !== undefined)
    const next = isOver
      ? undefined
      : nextStep(tuned, done, {
          ...{ spentMs, budgetMs },
          trialMs: spentMs / Math.max(1, durations.length),
        })
    const race = next?.phase === 'race' ? tuned.race : tuned.ifOver
    const leader = leaderOf(race)
    return {
      ...(next === undefined ? {} : { next }),
      done,
      rounds: race.looks.length * roundsPerLook,
      ...(leader === undefined ? {} : { leader }),
      configsLeft: race.remaining.length,
      eliminated: race.eliminations.map(({ config }) => config),
      budgetLeftMs: Math.max(0, budgetMs - spentMs),
    }
  }
}
