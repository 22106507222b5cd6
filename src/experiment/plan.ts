/**
 * Plans the trials of a run. Input: an experiment and a seeded random source. Output: the trials in order, each
 * measured config once per round. The first round's order is random, and every second round reverses it, so that drift
 * during the session affects all configs equally. The levels of a load follow each other on one server, ascending in
 * the first round and descending in the next. The cells of a grid that need the same server also follow each other, in
 * random order.
 */
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import { alternatives, quoted } from '../errors/quote.ts'
import { canonicalJson } from '../json/json.ts'
import type { Experiment, MeasuredConfig } from './experiment.ts'
import { modelsOf } from './mix.ts'
import { kindFacts } from './target-kinds.ts'

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
  /**
   * Number of the server start, from 1. One server serves all neighbouring trials with the same number. Absent if the
   * server serves no other trial.
   */
  readonly start?: number
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
  const chosen = chosenKeys(experiment, measured, options)
  const units = shuffled(unitsOf(experiment, chosen), options.random)
  const cells = new Set(experiment.grid?.cells.map(({ config }) => config))
  const order = units.map((unit) =>
    unit.length > 1 && unit.every((key) => cells.has(key)) ? shuffled(unit, options.random) : unit,
  )
  const rounds = Array.from(
    { length: options.rounds ?? experiment.rounds },
    (_, index) => index + 1,
  )
  const unitsByRound = rounds.flatMap((round) =>
    (round % 2 === 1 ? order : order.toReversed().map((unit) => unit.toReversed())).map(
      (configs) => ({ configs, round }),
    ),
  )
  return {
    trials: unitsByRound
      .flatMap(({ configs, round }, index) =>
        configs.map((config) => ({
          config,
          round,
          ...(configs.length > 1 ? { start: index + 1 } : {}),
        })),
      )
      .map((trial, index) => ({ ...trial, position: index + 1 })),
    halfMeasuredPairs: comparedPairs(experiment).filter(
      ([a, b]) => chosen.has(a) !== chosen.has(b),
    ),
  }
}

/**
 * The pairs of measured configs that the experiment compares, each once: by `from`, by claims, and with the baseline.
 */
export function comparedPairs({ configs, hypotheses, baseline }: Experiment): readonly Pair[] {
  const measured = configs.flatMap(({ kind, key }) => (kind === 'measured' ? [key] : []))
  const pairs: Pair[] = [
    ...configs.flatMap(({ key, from }): Pair[] => (from === undefined ? [] : [[key, from]])),
    ...hypotheses.flatMap(({ claim }): Pair[] =>
      claim.kind === 'value' || claim.factor !== undefined ? [] : [[claim.config, claim.versus]],
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

function chosenKeys(
  experiment: Experiment,
  measured: readonly string[],
  { only: named, alone }: TrialPlanOptions,
): ReadonlySet<string> {
  if (named === undefined || named.length === 0) return new Set(measured)
  const levelsOf = (key: string) => experiment.series?.find((each) => each.key === key)?.levels
  const only = named.flatMap((key) => levelsOf(key)?.map(({ config }) => config) ?? [key])
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

/**
 * The chosen configs in the file's order, in groups that one start of a server serves: the levels of a series in
 * ascending order, if all of them need the same server; and the cells of a grid that differ only in their requests.
 */
function unitsOf(
  { configs, series = [], grid }: Experiment,
  chosen: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const measured = configs.filter((config) => config.kind === 'measured')
  const keys = measured.map(({ key }) => key).filter((key) => chosen.has(key))
  const serverOf = (key: string) => {
    const config = measured.find((each) => each.key === key)
    return config && serverIdentity(config)
  }
  const levels = series
    .map((each) => each.levels.map(({ config }) => config).filter((key) => keys.includes(key)))
    .filter((each) => new Set(each.map(serverOf)).size === 1)
  const cells = new Map<string, string[]>()
  for (const { config: key } of grid?.cells ?? []) {
    const config = measured.find((each) => each.key === key)
    if (config === undefined || !keys.includes(key) || !canShareServer(config)) continue
    const server = serverIdentity(config)
    cells.set(server, [...(cells.get(server) ?? []), key])
  }
  const together = [...levels, ...cells.values()]
  return keys.flatMap((key) => {
    const unit = together.find((each) => each.includes(key)) ?? [key]
    return key === keys.find((each) => unit.includes(each)) ? [unit] : []
  })
}

/**
 * True if exp starts the server of the config, and if its requests cannot hit prompts that another config left in the
 * cache. With `cache: as-is` they can.
 */
function canShareServer({ target, workload }: MeasuredConfig): boolean {
  return kindFacts(target.kind).startsServer && workload.cache !== 'as-is'
}

/** What a server is started with. Configs with the same identity differ only in their requests. */
function serverIdentity(config: MeasuredConfig): string {
  const { target, host, env } = config
  return canonicalJson({ target, host, env, models: modelsOf(config) })
}

/** The units in random order: each draws a random number, in the file's order, and they are sorted by it. */
function shuffled<Unit>(units: readonly Unit[], random: () => number): readonly Unit[] {
  return units
    .map((unit) => ({ unit, drawn: random() }))
    .toSorted((one, other) => one.drawn - other.drawn)
    .map(({ unit }) => unit)
}
