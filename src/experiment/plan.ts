/**
 * Plans the trials of a run. Input: an experiment and a seeded random source. Output: the trials in order, each
 * measured config once per round. The first round's order is random, and every second round reverses it, so that
 * drift during the session affects all configs equally.
 */
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import { alternatives, quoted } from '../errors/quote.ts'
import type { Experiment } from './experiment.ts'

export interface TrialPlanOptions {
  /** Seeded, in [0, 1): determines the first round's order. */
  readonly random: () => number
  /** Replaces the file's number of rounds. */
  readonly rounds?: number
  /** Keys of the configs to measure. The configs that they are compared with are measured too. */
  readonly only?: readonly string[]
  /** True to measure only the configs of `only`, without those that they are compared with. */
  readonly alone?: boolean
}

export interface PlannedTrial {
  /** Key of the config. */
  readonly config: string
  /** From 1. */
  readonly round: number
  /** In the run, from 1. */
  readonly position: number
}

/** A config and the one that it is compared with. */
export type Pair = readonly [config: string, versus: string]

export interface PlannedTrials {
  readonly trials: readonly PlannedTrial[]
  /** Pairs of which this run measures only one config. */
  readonly halfMeasuredPairs: readonly Pair[]
}

/** @throws ExpError `invalid-input` if `only` names an unknown or a recorded config */
export function planTrials(experiment: Experiment, options: TrialPlanOptions): PlannedTrials {
  const measured = measuredKeys(experiment)
  const chosen = choose(experiment, measured, options)
  const order = shuffled(
    measured.filter((key) => chosen.has(key)),
    options.random,
  )
  const rounds = Array.from(
    { length: options.rounds ?? experiment.rounds },
    (_, index) => index + 1,
  )
  return {
    trials: rounds
      .flatMap((round) =>
        (round % 2 === 1 ? order : order.toReversed()).map((config) => ({ config, round })),
      )
      .map((trial, index) => ({ ...trial, position: index + 1 })),
    halfMeasuredPairs: comparedPairs(experiment).filter(
      ([a, b]) => chosen.has(a) !== chosen.has(b),
    ),
  }
}

/** The pairs of measured configs that the experiment compares, each once: by `from`, by claims, and with the baseline. */
export function comparedPairs({ configs, hypotheses, baseline }: Experiment): readonly Pair[] {
  const measured = configs.flatMap(({ kind, key }) => (kind === 'measured' ? [key] : []))
  const pairs: Pair[] = [
    ...configs.flatMap(({ key, from }): Pair[] => (from === undefined ? [] : [[key, from]])),
    ...hypotheses.flatMap(({ claim }): Pair[] =>
      claim.kind === 'value' ? [] : [[claim.config, claim.versus]],
    ),
    ...(baseline === undefined ? [] : measured.map((key): Pair => [key, baseline])),
  ]
  const seen = new Set<string>()
  return pairs.filter(([a, b]) => {
    const name = a < b ? `${a} ${b}` : `${b} ${a}`
    const isNew = a !== b && measured.includes(a) && measured.includes(b) && !seen.has(name)
    seen.add(name)
    return isNew
  })
}

function choose(
  experiment: Experiment,
  measured: readonly string[],
  { only, alone }: TrialPlanOptions,
): ReadonlySet<string> {
  if (only === undefined || only.length === 0) return new Set(measured)
  for (const key of only)
    if (!measured.includes(key)) throw cannotMeasure(experiment, measured, key)
  const bases = comparedPairs(experiment).flatMap(([config, versus]) =>
    alone !== true && only.includes(config) ? [versus] : [],
  )
  return new Set([...only, ...bases])
}

function cannotMeasure(
  { configs }: Experiment,
  measured: readonly string[],
  key: string,
): ExpError {
  const isRecorded = configs.some((config) => config.key === key)
  return new ExpError(
    'invalid-input',
    isRecorded
      ? `${quoted(key)} is recorded from a document, so it cannot be measured`
      : `no config is named ${quoted(key)}`,
    didYouMean(key, measured, `configs: ${alternatives(measured)}`),
  )
}

function measuredKeys({ configs }: Experiment): readonly string[] {
  return configs.flatMap(({ kind, key }) => (kind === 'measured' ? [key] : []))
}

/** The keys in random order: each key draws a random number, in the file's order, and the keys are sorted by it. */
function shuffled(keys: readonly string[], random: () => number): readonly string[] {
  return keys
    .map((key) => ({ key, drawn: random() }))
    .toSorted((one, other) => one.drawn - other.drawn)
    .map(({ key }) => key)
}
