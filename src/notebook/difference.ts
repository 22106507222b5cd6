/** Compares two versions of a report by their locks. */
import type { VerdictCode } from '../analysis/analysis.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { VersionChange } from '../report/report-input.ts'
import { versionChanges } from './version-changes.ts'
import { isHeadline, type Lock, type LockedClaim, type LockedConfig } from './lock.ts'

export interface VersionDifference {
  readonly experiment: string
  /** The experiment's first locale. */
  readonly locale: Locale
  readonly from: VersionOutline
  readonly to: VersionOutline
  readonly changes: readonly VersionChange[]
  /** Only configs that differ: first those of the newer version, then those that were removed. */
  readonly configs: readonly ConfigDifference[]
  readonly claims: readonly ClaimDifference[]
}

export interface VersionOutline {
  readonly version: string
  readonly state: 'open' | 'closed'
  readonly date?: string
  readonly standIn: boolean
  readonly rounds: number
}

/** A value in both versions; absent on a side that does not have it. */
export interface Sides<Value> {
  readonly from?: Value
  readonly to?: Value
}

export interface ConfigDifference {
  readonly label: string
  readonly how: 'added' | 'removed' | 'kept'
  /** The label in the older version, if it was different. */
  readonly previousLabel?: string
  readonly state: Sides<LockedConfig['state']>
  readonly run: Sides<string>
  /** The settings that differ, by name. Empty for an added or removed config. */
  readonly settings: readonly ({ readonly name: string } & Sides<string | number | boolean>)[]
  /** The figures that differ, of headline metrics and of those that both versions claim, in the metric's unit. */
  readonly figures: readonly ({ readonly metric: string } & Sides<number>)[]
}

export interface ClaimDifference {
  readonly id: string
  readonly statement: string
  readonly how: 'added' | 'removed' | 'kept'
  readonly metric: string
  readonly kind: LockedClaim['kind']
  readonly target: Sides<string>
  readonly measured: Sides<number>
  readonly verdict: Sides<VerdictCode>
}

export function differenceOf(from: Lock, to: Lock): VersionDifference {
  const [before, now] = [claimedMetrics(from), claimedMetrics(to)]
  const isCompared = (metric: string) =>
    isHeadline(metric) || (before.has(metric) && now.has(metric))
  return {
    experiment: to.experiment,
    locale: to.locale,
    from: outlineOf(from),
    to: outlineOf(to),
    changes: versionChanges(to, from),
    configs: pairs(from.configs, to.configs, sameMeasurement)
      .map(([, before, after]) => configDifference(before, after, isCompared))
      .filter(differs),
    claims: pairs(from.claims, to.claims, () => false)
      .map(([id, before, after]) => claimDifference(id, before, after))
      .filter(
        ({ how, target, measured, verdict }) =>
          how !== 'kept' || [target, measured, verdict].some(isDifferent),
      ),
  }
}

/** The difference as `exp diff --json` prints it. Its keys are stable. */
export function differenceJson({
  changes,
  configs,
  claims,
  ...outlines
}: VersionDifference): object {
  return {
    ...outlines,
    brought: changes,
    configs: configs.map(({ label, how, previousLabel, ...differences }) => ({
      label,
      how,
      ...(previousLabel !== undefined && { formerLabel: previousLabel }),
      ...differences,
    })),
    claims,
  }
}

function outlineOf({ version, state, createdAt, standIn, rounds }: Lock): VersionOutline {
  return { version, state, ...(createdAt !== undefined && { date: createdAt }), standIn, rounds }
}

/** The metrics that the claims of a version name. */
function claimedMetrics({ claims }: Lock): Set<string> {
  return new Set(Object.values(claims).map(({ metric }) => metric))
}

/** Pairs the entries of both sides by content, else by key; entries of one side only come last. */
function pairs<Entry>(
  from: Readonly<Record<string, Entry>>,
  to: Readonly<Record<string, Entry>>,
  alike: (a: Entry, b: Entry) => boolean,
): readonly (readonly [key: string, before: Entry | undefined, after: Entry | undefined])[] {
  const left = new Map(Object.entries(from))
  const matched = Object.entries(to).map(([key, after]) => {
    const match =
      [...left].find(([, before]) => alike(before, after))?.[0] ?? (left.has(key) ? key : undefined)
    const before = match === undefined ? undefined : left.get(match)
    if (match !== undefined) left.delete(match)
    return [key, before, after] as const
  })
  return [...matched, ...[...left].map(([key, before]) => [key, before, undefined] as const)]
}

function sameMeasurement(a: LockedConfig, b: LockedConfig): boolean {
  return a.measurementDigest === b.measurementDigest
}

function configDifference(
  before: LockedConfig | undefined,
  after: LockedConfig | undefined,
  isCompared: (metric: string) => boolean,
): ConfigDifference {
  const both = before !== undefined && after !== undefined
  const names = both ? keysOf(before.settings, after.settings) : []
  const metrics = keysOf(before?.figures ?? {}, after?.figures ?? {}).filter(isCompared)
  return {
    label: after?.label ?? before?.label ?? '',
    how: howOf(before, after),
    ...(both && before.label !== after.label && { previousLabel: before.label }),
    state: sides(before?.state, after?.state),
    run: sides(before?.run, after?.run),
    settings: names
      .map((name) => ({ name, ...sides(before?.settings[name], after?.settings[name]) }))
      .filter(isDifferent),
    figures: metrics
      .map((metric) => ({
        metric,
        ...sides(before?.figures[metric], after?.figures[metric]),
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

function sides<Value>(from: Value | undefined, to: Value | undefined): Sides<Value> {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}

function isDifferent({ from, to }: Sides<unknown>): boolean {
  return from !== to
}

function keysOf(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
}
