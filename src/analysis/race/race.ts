/**
 * A race between configs, as statistics on plain numbers. Rounds are blocks: every remaining config runs once in each.
 * Input: the values of the trials so far. Output: the looks at them, which configs are eliminated and why, and whether
 * the race is decided. Pure: the same trials give the same race, so that a look is never counted twice.
 *
 * A look follows every second round, because two rounds with opposite orders cancel a drift. Its bounds use the
 * residual of the additive model of all configs and rounds. A config that is as good as the best is eliminated with a
 * probability of at most α: its bounds are simultaneous over all configs that could eliminate it, all objectives
 * (Bonferroni) and all looks. Each config is compared with every other, but the bounds need not hold for all pairs at
 * once (Gupta, On some multiple decision rules, Technometrics 7, 1965). After look k, α · k / (k + 1) is spent: an
 * error-spending function (Lan & DeMets, Discrete sequential boundaries for clinical trials, Biometrika 70, 1983) that
 * needs no number of looks in advance. If the budget ends the race, its last look spends the rest of the error.
 */
import { studentQuantile } from '../../stats/distributions.ts'
import { residualOf, type Residual } from '../../stats/additive-fit.ts'
import { judgeObjectives, type ObjectivesOutcome } from './race-objectives.ts'
import type { RaceRules, RaceTrial } from './race-rules.ts'

export type EliminationReason =
  /** It failed: it did not start, did not load, or gave no figure. */
  | { readonly code: 'failed' }
  /** Worse than `than` by `by`, with the interval from `low` to `high`, on the scale of the values. */
  | {
      readonly code: 'behind'
      readonly than: string
      readonly by: number
      readonly low: number
      readonly high: number
    }
  /** The objective at this index is missed. */
  | { readonly code: 'objective'; readonly index: number }

export interface Elimination {
  readonly config: string
  /** The round after which it was eliminated. */
  readonly round: number
  readonly reason: EliminationReason
}

export interface Look {
  /** From 1. */
  readonly number: number
  /** The round after which it was taken. */
  readonly round: number
  /** The confidence of each two-sided interval; only one of its bounds is tested. */
  readonly confidence: number
  /** The configs that were in the race, best first. */
  readonly standing: readonly Standing[]
}

export interface Standing {
  readonly config: string
  /** The mean of its values. */
  readonly mean: number
  readonly judged: ObjectivesOutcome
}

/**
 * - `winner`: one config remains
 * - `alike`: no remaining config is better than the leader by more than the band
 * - `none`: no config remains
 */
export type RaceDecision = 'winner' | 'alike' | 'none'

export interface Race {
  readonly looks: readonly Look[]
  readonly eliminations: readonly Elimination[]
  /**
   * The configs that are not eliminated: best first after a look, and in the order of the file before the first look.
   */
  readonly remaining: readonly string[]
  /** Absent while the race is not decided. */
  readonly decision?: RaceDecision
}

/** The probability, over all looks, that a config as good as the best is eliminated. */
const alpha = 0.05
/** A look follows this many rounds. */
export const roundsPerLook = 2

/**
 * Replays the race from its trials. Ignores trials after the decision, and trials of an incomplete pair of rounds.
 * @param isOver true if no further round follows
 */
export function raceOf(rules: RaceRules, trials: readonly RaceTrial[], isOver = false): Race {
  const race = raceUpTo(undefined, rules, trials)
  return isOver && race.decision === undefined ? raceUpTo(race.looks.length, rules, trials) : race
}

/** @param lastLook the number of the look that spends the rest of the error */
function raceUpTo(
  lastLook: number | undefined,
  rules: RaceRules,
  trials: readonly RaceTrial[],
): Race {
  const looks: Look[] = []
  const eliminations: Elimination[] = []
  let remaining = rules.configs
  for (let number = 1; remaining.length > 0; number += 1) {
    const rounds = [number * roundsPerLook - 1, number * roundsPerLook]
    for (const round of rounds) {
      const failed = trials.filter(
        (trial) =>
          trial.round === round && trial.value === undefined && remaining.includes(trial.config),
      )
      eliminations.push(
        ...failed.map(({ config }) => elimination(config, round, { code: 'failed' })),
      )
      remaining = remaining.filter((config) => failed.every((trial) => trial.config !== config))
    }
    const last = number * roundsPerLook
    const known = trials.filter(({ round, value }) => round <= last && value !== undefined)
    const isComplete = remaining.every((config) =>
      rounds.every((round) => known.some((each) => each.config === config && each.round === round)),
    )
    if (!isComplete || remaining.length === 0) break
    const seen = lookAt(rules, known, remaining, { number, isLast: number === lastLook })
    looks.push(seen.look)
    eliminations.push(...seen.eliminations)
    remaining = seen.remaining
    if (seen.decision !== undefined)
      return { looks, eliminations, remaining, decision: seen.decision }
    if (number === lastLook) break
  }
  return { looks, eliminations, remaining, ...(remaining.length === 0 ? { decision: 'none' } : {}) }
}

interface LookResult {
  readonly look: Look
  readonly eliminations: readonly Elimination[]
  readonly remaining: readonly string[]
  readonly decision?: RaceDecision
}

function lookAt(
  rules: RaceRules,
  known: readonly RaceTrial[],
  remaining: readonly string[],
  { number, isLast }: { readonly number: number; readonly isLast: boolean },
): LookResult {
  const round = number * roundsPerLook
  const tests = remaining.length - 1 + rules.objectives.length
  const residual = residualOf(
    known.map((trial) => ({
      block: trial.round,
      treatment: trial.config,
      value: trial.value ?? NaN,
    })),
  )
  const { confidence, half } = boundsAt({ residual, number, tests, isLast })
  const judged = judgeObjectives(rules, { remaining, known, rounds: round, confidence })
  const standing = remaining
    .map((config) => ({
      config,
      mean: meanOf(known.filter((trial) => trial.config === config)),
      judged: judged.get(config) ?? { outcome: 'unclear' as const },
    }))
    .toSorted((one, other) => other.mean - one.mean)
  const eliminations = standing.flatMap((each): readonly Elimination[] => {
    if (each.judged.missed !== undefined)
      return [elimination(each.config, round, { code: 'objective', index: each.judged.missed })]
    // A config that may miss an objective does not eliminate others.
    const better = standing.find(({ judged }) => judged.outcome === 'met')
    const by = better === undefined ? 0 : better.mean - each.mean
    return better === undefined || by - half <= rules.band
      ? []
      : [
          elimination(each.config, round, {
            ...{ code: 'behind', than: better.config, by, low: by - half, high: by + half },
          }),
        ]
  })
  const survivors = standing.filter(({ config }) =>
    eliminations.every((elimination) => elimination.config !== config),
  )
  const decision = decisionOf(survivors, half, rules.band)
  return {
    look: { number, round, confidence, standing },
    eliminations,
    remaining: survivors.map(({ config }) => config),
    ...(decision === undefined ? {} : { decision }),
  }
}

/** The values on which the bounds of a look depend. */
interface BoundsInput {
  readonly residual: Residual
  /** From 1. */
  readonly number: number
  /** The number of bounds that are tested for each config. */
  readonly tests: number
  /** True if no further round follows, so that the look spends the rest of the error. */
  readonly isLast: boolean
}

/**
 * The confidence of the intervals of a look, and half the width of the interval of a difference of two means over its
 * rounds; infinite without degrees of freedom.
 */
export function boundsAt({ residual: { variance, degrees }, number, tests, isLast }: BoundsInput) {
  const spent = alpha / (isLast ? number : number * (number + 1))
  const confidence = 1 - (2 * spent) / Math.max(1, tests)
  const half =
    degrees === 0
      ? Infinity
      : studentQuantile((1 + confidence) / 2, degrees) *
        Math.sqrt((2 * variance) / (number * roundsPerLook))
  return { confidence, half }
}

function decisionOf(
  survivors: readonly Standing[],
  half: number,
  band: number,
): RaceDecision | undefined {
  const [best, second] = survivors
  if (best === undefined) return 'none'
  if (survivors.some(({ judged }) => judged.outcome !== 'met')) return undefined
  if (second === undefined) return 'winner'
  return second.mean - best.mean + half <= band ? 'alike' : undefined
}

function meanOf(trials: readonly RaceTrial[]): number {
  return trials.reduce((sum, { value = NaN }) => sum + value, 0) / trials.length
}

function elimination(config: string, round: number, reason: EliminationReason): Elimination {
  return { config, round, reason }
}
