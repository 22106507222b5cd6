/** Decides what a run with a race measures next, from its trials so far and the time that is left. Pure. */
import { roundsPerLook } from './race.ts'
import { leaderOf, type TuningRace } from './tuning-race.ts'

/** The rounds of the winner and the default that are reserved for the confirmation. */
export const confirmationRounds = 6

/** Rounds to measure. Each of the configs runs once in each round. */
export interface RaceStep {
  readonly phase: 'race' | 'confirmation'
  readonly firstRound: number
  readonly lastRound: number
  readonly configs: readonly string[]
}

export interface RaceTime {
  /** The time that the trials of the run took so far. */
  readonly spentMs: number
  readonly budgetMs: number
  /** The mean time of a trial; 0 before the first one. */
  readonly trialMs: number
}

/** A trial that is done and need not be measured again. */
export interface DoneTrial {
  readonly config: string
  readonly round: number
  readonly phase: 'race' | 'confirmation'
}

/**
 * The next rounds, including one that has begun; undefined if race and confirmation have ended. The first two rounds
 * and the confirmation are measured without regard to the time left: the plan of the run has checked that they fit into
 * the budget.
 *
 * If the default leads when the time for the race is up, the time for the confirmation stays unused. If more rounds
 * used it, the leader would decide which look is the last, although the last look spends the rest of the error; and a
 * new leader would have no time for its confirmation.
 */
export function nextStep(
  tuning: TuningRace,
  done: readonly DoneTrial[],
  { spentMs, budgetMs, trialMs }: RaceTime,
): RaceStep | undefined {
  const { race, rules } = tuning
  const raced = race.looks.length * roundsPerLook
  const ofConfirmation = done.filter(({ phase }) => phase === 'confirmation')
  const isBegun = done.some(({ phase, round }) => phase === 'race' && round > raced)
  const reservedMs = confirmationRounds * 2 * trialMs
  const nextMs = race.remaining.length * roundsPerLook * trialMs
  const isAffordable = raced === 0 || isBegun || spentMs + nextMs + reservedMs <= budgetMs
  if (race.decision === undefined && ofConfirmation.length === 0 && isAffordable)
    return {
      phase: 'race',
      firstRound: raced + 1,
      lastRound: raced + roundsPerLook,
      configs: rules.configs.filter((config) => race.remaining.includes(config)),
    }
  const leader = leaderOf(tuning.ifOver)
  if (leader === undefined || leader === rules.reference) return undefined
  const configs = [rules.reference, leader]
  const isMissing = configs.some((config) =>
    Array.from({ length: confirmationRounds }, (_, index) => raced + index + 1).some(
      (round) => !ofConfirmation.some((each) => each.config === config && each.round === round),
    ),
  )
  return isMissing
    ? {
        phase: 'confirmation',
        firstRound: raced + 1,
        lastRound: raced + confirmationRounds,
        configs,
      }
    : undefined
}
