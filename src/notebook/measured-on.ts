/**
 * The facts that describe what a config was measured on: server, model, operating system, container engine and machine.
 * Locks store them, so that the history of a report can say which of them changed between two versions.
 */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { factsOf } from '../analysis/trial-facts.ts'
import { bytes } from '../format/number.ts'
import { conditionFacts, type ConditionFact, type VersionChange } from '../report/report-input.ts'
import type { ResultStore, StoredTrial } from '../results/store.ts'
import { digestOf, type Lock, type LockedConfig } from './lock.ts'
import { isMadeFrom } from './stored-results.ts'

type Measured = Pick<Lock, 'standIn' | 'configs'>
type MeasuredOn = NonNullable<LockedConfig['measuredOn']>

/**
 * The distinct values of each known fact as text; undefined if no fact is known. The names of facts about the other
 * models of a mix end with the model's name: `modelDigest/qwen3:0.6b`.
 */
export function measuredOn({
  facts,
  otherModels = new Map<string, ConfigAnalysis['facts']>(),
}: Pick<ConfigAnalysis, 'facts' | 'otherModels'>): MeasuredOn | undefined {
  const known = [
    ...valuesOf(facts),
    ...[...otherModels].flatMap(([model, ofModel]) =>
      valuesOf(ofModel).map(([id, values]) => [`${id}/${model}`, values] as const),
    ),
  ]
  return known.length === 0 ? undefined : Object.fromEntries(known)
}

function valuesOf(
  facts: ConfigAnalysis['facts'],
): readonly (readonly [fact: ConditionFact, values: readonly string[]])[] {
  return conditionFacts.flatMap((id) => {
    const { values = [] } = facts.get(id) ?? {}
    // Rounded, because the system reports a few KiB more or less after each boot.
    const texts = values.map((value) =>
      id === 'memoryBytes' ? bytes(Number(value)) : String(value),
    )
    return texts.length === 0 ? [] : [[id, [...new Set(texts)]] as const]
  })
}

/**
 * Adds `measuredOn` to the configs of a lock that an older program wrote without it. Reads the facts from the lock's
 * results, if these are stored unchanged.
 * @param analysed configs whose results have already been read
 */
export async function withMeasuredOn<Locked extends Lock>(
  lock: Locked,
  store: ResultStore,
  analysed: readonly ConfigAnalysis[] = [],
): Promise<Locked> {
  const configs: Record<string, LockedConfig> = {}
  for (const [key, config] of Object.entries(lock.configs)) {
    const found = analysed.find(({ trials }) => isMadeFrom(config, trials))
    const known =
      config.measuredOn ??
      measuredOn(found ?? { facts: factsOf(await storedTrials(config, store)) })
    configs[key] = { ...config, ...(known !== undefined && { measuredOn: known }) }
  }
  return { ...lock, configs }
}

/** The trials of a config whose files are those that the lock names. */
async function storedTrials(
  { results }: LockedConfig,
  store: ResultStore,
): Promise<readonly StoredTrial[]> {
  const trials: StoredTrial[] = []
  for (const [file, digest] of Object.entries(results)) {
    const bytes = store.bytes(file)
    if (bytes !== undefined && digestOf(bytes) === digest) trials.push(await store.read(file))
  }
  return trials.toSorted((one, other) => one.header.round - other.header.round)
}

/**
 * The facts in `measuredOn` that differ between two versions. Configs are matched by measurement digest or, if that
 * changed, by key. Empty if a version has stand-in results.
 */
export function conditionChanges(lock: Measured, previous: Measured): readonly VersionChange[] {
  if (lock.standIn || previous.standIn) return []
  const pairs = measuredPairs(lock, previous)
  const unknown = pairs.filter(
    ([now, before]) => now.measuredOn === undefined || before.measuredOn === undefined,
  )
  const changes = namesIn(pairs.map(([now]) => now.measuredOn ?? {})).flatMap((name) =>
    changesOf(name, pairs),
  )
  const labels = unknown.map(([{ label }]) => label)
  return labels.length === 0
    ? changes
    : [...changes, { code: 'conditions-unknown', configs: labels }]
}

/** The facts that differ between two sides that were both measured; a fact that only one side knows is left out. */
export function conditionsBetween(
  before: MeasuredOn = {},
  now: MeasuredOn = {},
): readonly VersionChange[] {
  return namesIn([now]).flatMap(({ name, ...about }) => {
    const [from, to] = [before[name], now[name]]
    if (from === undefined || to === undefined || isSameSet(from, to)) return []
    return [{ code: 'condition' as const, ...about, from, to, configs: [] }]
  })
}

interface FactName {
  /** The name in `measuredOn`. */
  readonly name: string
  readonly fact: ConditionFact
  /** Present for a fact about a further model of a mix. */
  readonly model?: string
}

/** The names of all facts that these values can contain: first without a model, then for each further model. */
function namesIn(all: readonly MeasuredOn[]): readonly FactName[] {
  const names = all.flatMap((each) => Object.keys(each))
  const models = new Set(names.flatMap((name) => /\/(.+)$/.exec(name)?.[1] ?? []))
  return [
    ...conditionFacts.map((fact) => ({ name: fact, fact })),
    ...[...models].flatMap((model) =>
      conditionFacts.map((fact) => ({ name: `${fact}/${model}`, fact, model })),
    ),
  ]
}

type ConfigPair = readonly [now: LockedConfig, before: LockedConfig]

/** The configs that both versions have results of, and whose results differ. */
function measuredPairs(lock: Measured, previous: Measured): readonly ConfigPair[] {
  const byMeasurement = new Map(
    Object.values(previous.configs).map((config) => [config.measurementDigest, config]),
  )
  return Object.entries(lock.configs).flatMap(([key, now]): ConfigPair[] => {
    const before = byMeasurement.get(now.measurementDigest) ?? previous.configs[key]
    if (before === undefined) return []
    const known = new Set(Object.values(before.results))
    const isNew = Object.values(now.results).some((result) => !known.has(result))
    return isNew && known.size > 0 ? [[now, before]] : []
  })
}

interface Change {
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** Labels. */
  readonly configs: string[]
}

/** A change of one fact for each pair of values, with the configs that have it. */
function changesOf(
  { name, ...about }: FactName,
  pairs: readonly ConfigPair[],
): readonly VersionChange[] {
  const changes = new Map<string, Change>()
  for (const [now, before] of pairs) {
    const [from, to] = [before.measuredOn?.[name], now.measuredOn?.[name]]
    if (from === undefined || to === undefined || isSameSet(from, to)) continue
    const key = JSON.stringify([from, to])
    const change = changes.get(key) ?? { from, to, configs: [] }
    change.configs.push(now.label)
    changes.set(key, change)
  }
  return [...changes.values()].map(({ from, to, configs }) => ({
    code: 'condition',
    ...about,
    from,
    to,
    // Empty: all configs with new results.
    configs: configs.length === pairs.length ? [] : configs,
  }))
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join('\n') === other.toSorted().join('\n')
}
