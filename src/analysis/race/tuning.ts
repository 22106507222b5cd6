/** The types of what a race between settings showed. `analyse-tuning.ts` computes them. */
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
  /** The rounds of the race that were looked at. */
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
   * What the budget was not spent on, in ms: the time reserved for a confirmation, if the default led a race that the
   * budget ended. Absent otherwise.
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
