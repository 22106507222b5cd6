/** The time that a run still takes, which the progress line shows. */

export interface RemainingTime {
  /** Call it when a trial has ended. */
  trialEnded(now: number): void
  /** In ms. Falls while a trial runs, as the clock advances. Below 0 only for a budget that is exceeded. */
  at(now: number): number
}

/**
 * Computes the time from the estimate until the first trial has ended, then from the mean duration of the ended trials.
 * @param estimateMs of the whole run
 * @param trials their number
 * @param startedAt when the first of them starts
 */
export function remainingTime(
  estimateMs: number,
  trials: number,
  startedAt: number,
): RemainingTime {
  let ended = 0
  let lastEndedAt = startedAt
  return {
    trialEnded: (now) => {
      ended += 1
      lastEndedAt = now
    },
    at: (now) => {
      const leftThen =
        ended === 0 ? estimateMs : ((lastEndedAt - startedAt) / ended) * (trials - ended)
      return Math.max(0, leftThen - (now - lastEndedAt))
    },
  }
}

/** What is left of a budget that starts now, however many trials end meanwhile; negative once it is exceeded. */
export function budgetTime(budgetLeftMs: number, startedAt: number): RemainingTime {
  return {
    trialEnded: () => undefined,
    at: (now) => budgetLeftMs - (now - startedAt),
  }
}
