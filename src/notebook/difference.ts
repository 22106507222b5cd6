/** Compares two versions of a report by their locks. */
import type { VerdictCode } from '../analysis/analysis.ts'
import { metricById } from '../metrics/catalog.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { VersionChange } from '../report/report-input.ts'
import { isRatioFigure } from '../report/versions.ts'
import { changesTo } from './versions.ts'
import { testedFigure, testedRatio, type Tested } from './tested-change.ts'
import type { VersionResults } from './stored-results.ts'
import { comparableSettings } from './locked-settings.ts'
import { judgedClaims } from './no-verdict.ts'
import { isHeadline, methodOf, type Lock, type LockedClaim, type LockedConfig } from './lock.ts'

export interface VersionDifference {
  readonly experiment: string
  /** The experiment's first locale. */
  readonly locale: Locale
  readonly from: VersionOutline
  readonly to: VersionOutline
  /** The branch or commit of git that `from` was read from. Absent if both versions are in the folder `reports`. */
  readonly against?: string
  readonly changes: readonly VersionChange[]
  /** Present if the figures of the two versions were computed with different methods. */
  readonly method?: MethodDifference
  /** The ratios to the baseline that differ. Empty if the versions have different baselines. */
  readonly ratios: readonly RatioDifference[]
  /** The configs that differ: first those of the newer version, then those that it no longer has. */
  readonly configs: readonly ConfigDifference[]
  readonly claims: readonly ClaimDifference[]
}

export interface MethodDifference {
  readonly from: number
  readonly to: number
  /** True if all figures were recomputed with the current method; if false, rates are not compared. */
  readonly recomputed: boolean
}

export interface VersionOutline {
  readonly version: string
  readonly state: 'open' | 'closed'
  readonly date?: string
  readonly standIn: boolean
  readonly rounds: number
}

/** A value in both versions. Absent in a version that does not have it. */
export interface InBothVersions<Value> {
  readonly from?: Value
  readonly to?: Value
}

export interface RatioDifference extends InBothVersions<number>, Tested {
  readonly label: string
}

export interface ConfigDifference {
  readonly label: string
  readonly how: 'added' | 'removed' | 'kept'
  /** The label in the older version, if it was different. */
  readonly previousLabel?: string
  readonly state: InBothVersions<LockedConfig['state']>
  readonly run: InBothVersions<string>
  /** The settings that differ, by name. Empty for an added or removed config. */
  readonly settings: readonly ({ readonly name: string } & InBothVersions<
    string | number | boolean
  >)[]
  /** The figures that differ, in the metric's unit: of headline metrics, and of metrics that both versions claim. */
  readonly figures: readonly ({ readonly metric: string } & InBothVersions<number> & Tested)[]
}

export interface ClaimDifference {
  readonly id: string
  readonly statement: string
  readonly how: 'added' | 'removed' | 'kept'
  readonly metric: string
  readonly kind: LockedClaim['kind']
  readonly target: InBothVersions<string>
  readonly measured: InBothVersions<number>
  readonly verdict: InBothVersions<VerdictCode>
}

/**
 * @param results the results of both versions; figures without them are shown, but not tested
 * @param recomputed true if the figures of both locks were recomputed with the current method
 */
export function differenceOf(
  from: Lock,
  to: Lock,
  results: InBothVersions<VersionResults> = {},
  recomputed = false,
): VersionDifference {
  const method = { from: methodOf(from), to: methodOf(to), recomputed }
  const hasRates = recomputed || method.from === method.to
  const [before, now] = [claimedMetrics(from), claimedMetrics(to)]
  const keyed = (lock: Lock) => mapEntries(lock.configs, (config, key) => ({ ...config, key }))
  const configs = pairs(keyed(from), keyed(to), sameMeasurement)
  const isCompared = (metric: string) =>
    (isHeadline(metric) || (before.has(metric) && now.has(metric))) &&
    (hasRates || metricById(metric)?.family !== 'rate')
  return {
    experiment: to.experiment,
    locale: to.locale,
    from: outlineOf(from),
    to: outlineOf(to),
    changes: changesTo(to, from),
    ...(method.from !== method.to && { method }),
    ratios: ratioDifferences(from, to, configs),
    configs: configs
      .map(([, before, after]) => configDifference(before, after, isCompared, results))
      .filter(differs),
    claims: pairs(judgedClaims(from), judgedClaims(to), () => false)
      .map(([id, before, after]) => claimDifference(id, before, after))
      .filter(
        ({ how, target, measured, verdict }) =>
          how !== 'kept' || [target, measured, verdict].some(isDifferent),
      ),
  }
}

/**
 * The difference as `exp diff --json` prints it. Its keys are stable, and two differ from the names in the code:
 * `brought` holds the `changes` of the newer version, and `formerLabel` holds `previousLabel`.
 */
export function differenceJson({
  changes,
  ratios,
  configs,
  claims,
  ...outlines
}: VersionDifference): object {
  return {
    ...outlines,
    brought: changes,
    ratios,
    configs: configs.map(({ label, how, previousLabel, ...differences }) => ({
      label,
      how,
      ...(previousLabel !== undefined && { formerLabel: previousLabel }),
      ...differences,
    })),
    claims,
  }
}

/** What identifies a version. */
export function outlineOf({ version, state, createdAt, standIn, rounds }: Lock): VersionOutline {
  return { version, state, ...(createdAt !== undefined && { date: createdAt }), standIn, rounds }
}

/** The metrics that the claims of a version name. */
function claimedMetrics({ claims }: Lock): Set<string> {
  return new Set(Object.values(claims).map(({ metric }) => metric))
}

/**
 * Pairs the entries of both versions by content or, if no content matches, by key. Entries of `from` alone come last.
 */
function pairs<Entry>(
  from: Readonly<Record<string, Entry>>,
  to: Readonly<Record<string, Entry>>,
  alike: (a: Entry, b: Entry) => boolean,
): readonly (readonly [key: string, before: Entry | undefined, after: Entry | undefined])[] {
  const unmatched = new Map(Object.entries(from))
  const matched = Object.entries(to).map(([key, after]) => {
    const match =
      [...unmatched].find(([, before]) => alike(before, after))?.[0] ??
      (unmatched.has(key) ? key : undefined)
    const before = match === undefined ? undefined : unmatched.get(match)
    if (match !== undefined) unmatched.delete(match)
    return [key, before, after] as const
  })
  return [...matched, ...[...unmatched].map(([key, before]) => [key, before, undefined] as const)]
}

function sameMeasurement(a: LockedConfig, b: LockedConfig): boolean {
  return a.measurementDigest === b.measurementDigest
}

type KeyedConfig = LockedConfig & { readonly key: string }
type ConfigPairs = readonly (readonly [string, KeyedConfig | undefined, KeyedConfig | undefined])[]

function mapEntries<From, To>(
  entries: Readonly<Record<string, From>>,
  convert: (value: From, key: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [key, convert(value, key)]),
  )
}

/**
 * The differences between the ratios in the two locks, tested with the intervals in the locks. Run-to-run variation
 * does not widen these intervals, because it affects both configs of a run alike. Empty if the baselines differ.
 */
function ratioDifferences(from: Lock, to: Lock, configs: ConfigPairs): readonly RatioDifference[] {
  const [before, now] = [baselineOf(from), baselineOf(to)]
  const isSame = configs.some(
    ([, configBefore, configNow]) =>
      configBefore !== undefined && configBefore.label === before && configNow?.label === now,
  )
  if (!isSame) return []
  return configs.flatMap(([, configBefore, configNow]) => {
    const [old, current] = [ratioIn(from, configBefore?.label), ratioIn(to, configNow?.label)]
    if (configNow === undefined || old?.value === undefined || current?.value === undefined)
      return []
    if (old.value === current.value || old.metric !== current.metric) return []
    const { label } = configNow
    return [{ label, from: old.value, to: current.value, ...testedRatio(old, current) }]
  })
}

function ratioIn({ headline }: Lock, label: string | undefined) {
  return headline.find((one) => isRatioFigure(one) && one.label === label)
}

/** The label of the baseline: the only config that has figures but no ratio. `undefined` if there are several. */
function baselineOf(lock: Lock): string | undefined {
  const without = Object.values(lock.configs).filter(
    ({ label, figures }) => Object.keys(figures).length > 0 && ratioIn(lock, label) === undefined,
  )
  return without.length === 1 ? without[0]?.label : undefined
}

function configDifference(
  before: KeyedConfig | undefined,
  after: KeyedConfig | undefined,
  isCompared: (metric: string) => boolean,
  results: InBothVersions<VersionResults>,
): ConfigDifference {
  const both = before !== undefined && after !== undefined
  const [old, current] = both ? comparableSettings(before.settings, after.settings) : [{}, {}]
  const metrics = keysOf(before?.figures ?? {}, after?.figures ?? {}).filter(isCompared)
  return {
    label: after?.label ?? before?.label ?? '',
    how: howOf(before, after),
    ...(both && before.label !== after.label && { previousLabel: before.label }),
    state: sides(before?.state, after?.state),
    run: sides(before?.run, after?.run),
    settings: keysOf(old, current)
      .map((name) => ({ name, ...sides(old[name], current[name]) }))
      .filter(isDifferent),
    figures: metrics
      .map((metric) => ({
        metric,
        ...sides(before?.figures[metric], after?.figures[metric]),
        ...testedFigure(metric, before, after, results),
      }))
      .filter(isDifferent),
  }
}

function differs({ how, previousLabel, state, run, settings, figures }: ConfigDifference): boolean {
  return (
    how !== 'kept' ||
    previousLabel !== undefined ||
    isDifferent(state) ||
    isDifferent(run) ||
    settings.length > 0 ||
    figures.length > 0
  )
}

function claimDifference(
  id: string,
  before: LockedClaim | undefined,
  after: LockedClaim | undefined,
): ClaimDifference {
  const claim = after ?? before
  return {
    id,
    statement: claim?.statement ?? '',
    how: howOf(before, after),
    metric: claim?.metric ?? '',
    kind: claim?.kind ?? 'value',
    target: sides(before?.target, after?.target),
    measured: sides(before?.measured, after?.measured),
    verdict: sides(before?.verdict, after?.verdict),
  }
}

function howOf(before: unknown, after: unknown): 'added' | 'removed' | 'kept' {
  return before === undefined ? 'added' : after === undefined ? 'removed' : 'kept'
}

function sides<Value>(from: Value | undefined, to: Value | undefined): InBothVersions<Value> {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}

export function isDifferent({ from, to }: InBothVersions<unknown>): boolean {
  return from !== to
}

function keysOf(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
}
