/**
 * The trials of a run in their order. Enters: an experiment and a seeded random source. Leaves: every measured config once a
 * round, rounds forwards and backwards in turn from an order that it gives, so that a drift over the
 * session falls on all configs alike.
 */
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import { alternatives, quoted } from '../errors/quote.ts'
import type { Experiment } from './experiment.ts'

export interface TrialPlanOptions {
  /** Seeded, in [0, 1): gives the first round's order. */
  readonly random: () => number
  /** In place of the file's. */
  readonly rounds?: number
  /** Keys of the configs to measure, together with what they are compared with. */
  readonly only?: readonly string[]
  /** Measure those of `only` and nothing else. */
  readonly alone?: boolean
}

export interface PlannedTrial {
  /** Key of the config. */
  readonly config: string
  /** From 1. */
  readonly round: number
  /** Place in the run's order, from 1. */
  readonly position: number
}

/** A config and the one that it is compared with. */
export type Pair = readonly [config: string, versus: string]

export interface PlannedTrials {
  readonly trials: readonly PlannedTrial[]
  /** Pairs of measured configs of which this run measures one side only. */
  readonly splitPairs: readonly Pair[]
}

/** @throws ExpError `invalid-input` where `only` names no config, or one that is recorded */
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
    splitPairs: comparedPairs(experiment).filter(([a, b]) => chosen.has(a) !== chosen.has(b)),
  }
}

/** Each pair of measured configs that the experiment compares, once: `from`, claims, and the baseline with every other. */
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
      ? `${quoted(key)} holds figures from a document: there is nothing to measure`
      : `there is no config ${quoted(key)}`,
    didYouMean(key, measured, `configs: ${alternatives(measured)}`),
  )
}

function measuredKeys({ configs }: Experiment): readonly string[] {
  return configs.flatMap(({ kind, key }) => (kind === 'measured' ? [key] : []))
}

/** Each key draws a number, in the file's order; the smallest comes first. */
function shuffled(keys: readonly string[], random: () => number): readonly string[] {
  return keys
    .map((key) => ({ key, drawn: random() }))
    .toSorted((one, other) => one.drawn - other.drawn)
    .map(({ key }) => key)
}
