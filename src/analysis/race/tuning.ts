/** The types of the analysis of a race between settings, which `analyse-tuning.ts` computes. */
import type { Tuning } from '../../experiment/grid.ts'
import type { Metric } from '../../metrics/catalog.ts'
import type { Figure, Interval } from '../figure.ts'
import type { Race } from './race.ts'
import type { RaceFactors } from './race-factors.ts'
import type { RaceObjective } from './tuning-race.ts'

export interface TuningAnalysis {
  readonly tuning: Tuning
  readonly metric: Metric
  readonly race: Race
  readonly objectives: readonly RaceObjective[]
  /** The number of rounds that the looks cover. */
  readonly rounds: number
  /** - `open`: race or confirmation have not ended - `budget`: the race was not decided when its time was up */
  readonly ended: NonNullable<Race['decision']> | 'budget' | 'open'
  /** The best config that meets the objectives. Absent before the first look, and if none does. */
  readonly leader?: string
  /**
   * The gain of the leader over the base in the race, in percent, over the rounds that both have. It is too high on
   * average, because the leader was chosen by the same rounds.
   */
  readonly raceGain?: number
  /** Absent if the leader is the base, and before its rounds. */
  readonly confirmation?: Confirmation
  readonly factors?: RaceFactors
  /**
   * The unused part of the budget in ms: the time reserved for a confirmation, if the default led when the budget ended
   * the race. Absent otherwise.
   */
  readonly unusedMs?: number
  /** A budget that would probably have decided a race that its budget ended, in ms. Absent if it cannot be forecast. */
  readonly enoughMs?: number
}

export interface Confirmation {
  /** The rounds that both configs have. */
  readonly rounds: number
  readonly base: Figure
  readonly leader: Figure
  /** Percent. Absent without a figure. */
  readonly gain?: number
  readonly interval?: Interval
}
