/** Decides the version of a report: it updates the newest version, or starts the next one. */
import { figureMethod } from '../analysis/trial-figures.ts'
import type { VersionChange, ReportVersion } from '../report/report-input.ts'
import type { LockContent } from './lock-content.ts'
import {
  hasCharts,
  hasObjectives,
  methodOf,
  lockFileOf,
  type Lock,
  type LockedClaim,
  type LockedConfig,
} from './lock.ts'
import { conditionChanges } from './measured-on.ts'
import {
  compareVersions,
  firstVersion,
  formatVersion,
  nextVersion,
  parseVersion,
  type Step,
} from './version.ts'
import type { Locale } from '../format/locales.generated.ts'
import {
  ancestors,
  newestLock,
  frozenName,
  readmeName,
  type LockFile,
  type ReportFolder,
} from './report-folder.ts'

export interface VersionPlan {
  readonly version: string
  /** The lock of this version, if it was rendered before. */
  readonly existing?: LockFile
  /** The closed version before this one, if it is not frozen yet. */
  readonly toFreeze?: LockFile
  /** The versions before this one, newest first. */
  readonly earlier: readonly LockFile[]
}

/** An open version is updated in place. A change after a closed version starts the next one. */
export function planVersion(content: LockContent, folder: ReportFolder): VersionPlan {
  const current = newestLock(folder)
  if (!current) return { version: formatVersion(firstVersion), earlier: [] }
  const { lock } = current
  const before = ancestors(folder, lock)
  const step = lock.state === 'closed' ? stepFor(versionChanges(content, lock)) : undefined
  if (!step) return { version: lock.version, existing: current, earlier: before }
  const version = formatVersion(nextVersion(parseVersion(lock.version) ?? firstVersion, step))
  return { version, toFreeze: current, earlier: [current, ...before] }
}

/**
 * A report's version and those before it, with links to their files in the same locale.
 * @param inLocale returns a lock with its texts in a language
 */
export function reportVersion(
  version: string,
  stored: LockContent,
  earlier: readonly LockFile[],
  locale: Locale,
  locales: readonly Locale[],
  inLocale: (lock: LockContent, locale: Locale) => LockContent,
): ReportVersion {
  const readme = readmeName(locale, locales)
  const content = inLocale(stored, locale)
  const before = earlier.map(({ lock }) => ({ ...lock, ...inLocale(lock, locale) }))
  return {
    version,
    state: content.state,
    ...(content.createdAt !== undefined && { createdAt: content.createdAt }),
    changes: versionChanges(content, before[0]),
    history: before.map((lock, index) => ({
      version: lock.version,
      ...(readme in lock.files && { file: frozenName(readme, lock.version) }),
      ...(lock.createdAt !== undefined && { date: lock.createdAt }),
      changes: versionChanges(lock, before[index + 1]),
      standIn: lock.standIn,
      earlierMethod: methodOf(lock) < figureMethod,
      headline: lock.standIn ? [] : lock.headline,
    })),
    lockFile: lockFileOf(version),
    hasCharts: hasCharts(content.lockFormat),
    dropped: Object.entries(content.dropped).map(([run, why]) => ({ run, why })),
  }
}

/**
 * The changes between two versions. Changes of server, model and machine come first. Uses only the locks, so that the
 * result is the same years later. Configs are matched by measurement digest and claims by content, so renaming is not a
 * change. Empty if only prose differs.
 */
export function versionChanges(
  lock: LockContent,
  previous: LockContent | undefined,
): readonly VersionChange[] {
  if (!previous) return [{ code: 'first' }]
  const changes = [
    ...configChanges(lock, previous),
    ...objectiveChanges(lock, previous),
    ...claimChanges(lock, previous),
  ]
  if (lock.rounds !== previous.rounds)
    changes.push({ code: 'rounds', from: previous.rounds, to: lock.rounds })
  const [before, now] = [previous.looks ?? 1, lock.looks ?? 1]
  if (before !== now) changes.push({ code: 'looks', from: before, to: now })
  const [from, to] = [methodOf(previous), methodOf(lock)]
  if (from !== to && [previous, lock].every(isMeasured)) changes.push({ code: 'method', from, to })
  return [...conditionChanges(lock, previous), ...resultChanges(lock, previous), ...changes]
}

/**
 * The changes from any version to another. If `lock` is the earlier one, it did not drop the results that it lacks:
 * it simply had fewer.
 */
export function changesTo(lock: Lock, other: Lock): readonly VersionChange[] {
  const changes = versionChanges(lock, other)
  const [to, from] = [lock, other].map(({ version }) => parseVersion(version) ?? firstVersion)
  if (to === undefined || from === undefined || compareVersions(from, to) <= 0) return changes
  return changes.map((change) =>
    change.code === 'dropped-results' ? { ...change, code: 'fewer-results' } : change,
  )
}

const majorCodes: readonly VersionChange['code'][] = [
  'real-results',
  'changed-configs',
  'objectives',
  'removed-configs',
  'changed-hypotheses',
  'removed-hypotheses',
]

/** The step in the version number; undefined if there are no changes. */
function stepFor(changes: readonly VersionChange[]): Step | undefined {
  if (changes.length === 0) return undefined
  return changes.some(isMajor) ? 'major' : 'minor'
}

function isMajor(change: VersionChange): boolean {
  const isFirst = change.code === 'objectives' && change.from.length === 0
  return majorCodes.includes(change.code) && !isFirst
}

function configChanges(lock: LockContent, previous: LockContent): VersionChange[] {
  const { added, removed, changed } = compareEntries(
    mapValues(previous.configs, (config) => config.measurementDigest),
    mapValues(lock.configs, (config) => config.measurementDigest),
  )
  const labels = (from: LockContent, keys: readonly string[]): string[] =>
    keys.map((key) => from.configs[key]?.label ?? key)
  return withoutEmpty(
    { code: 'changed-configs', configs: labels(lock, changed) },
    { code: 'removed-configs', configs: labels(previous, removed) },
    { code: 'new-configs', configs: labels(lock, added) },
  )
}

/** Empty if a lock has an earlier format, which does not store objectives. */
function objectiveChanges(lock: LockContent, previous: LockContent): VersionChange[] {
  if (![lock, previous].every(({ lockFormat }) => hasObjectives(lockFormat))) return []
  const [from, to] = [previous, lock].map(({ slo = {} }) =>
    Object.entries(slo).map(([metric, text]) => `${metric} ${text}`),
  )
  if (from === undefined || to === undefined || from.join('\n') === to.join('\n')) return []
  return [{ code: 'objectives', from, to }]
}

function claimChanges(lock: LockContent, previous: LockContent): VersionChange[] {
  const hasFactors = [lock, previous].every(({ lockFormat }) => hasObjectives(lockFormat))
  const identityIn = (of: LockContent) => (claim: LockedClaim) =>
    claimIdentity(claim, of, hasFactors)
  const { added, removed, changed } = compareEntries(
    mapValues(previous.claims, identityIn(previous)),
    mapValues(lock.claims, identityIn(lock)),
  )
  return withoutEmpty(
    { code: 'changed-hypotheses', ids: changed },
    { code: 'removed-hypotheses', ids: removed },
    { code: 'new-hypotheses', ids: added },
  )
}

function resultChanges(lock: LockContent, previous: LockContent): VersionChange[] {
  const before = new Map(
    Object.values(previous.configs).map((config) => [config.measurementDigest, config]),
  )
  if (previous.standIn && !lock.standIn && isMeasured(lock)) return [{ code: 'real-results' }]
  const [fresh, dropped, fewer]: [string[], string[], string[]] = [[], [], []]
  const isDropped = (run: string | undefined) => run !== undefined && run in lock.dropped
  for (const config of Object.values(lock.configs)) {
    const old = before.get(config.measurementDigest)
    if (!old) continue
    const oldResults = new Set(Object.values(old.results))
    const results = Object.values(config.results)
    const someNew = results.some((result) => !oldResults.has(result))
    if (!someNew && results.length === oldResults.size) continue
    ;(isDropped(old.run) ? dropped : someNew ? fresh : fewer).push(config.label)
  }
  if (lock.floor?.run !== previous.floor?.run)
    (lock.floor && !isDropped(previous.floor?.run) ? fresh : dropped).push(
      `${(lock.floor ?? previous.floor)?.config ?? ''} (A/A)`,
    )
  return withoutEmpty(
    { code: 'new-results', configs: fresh },
    { code: 'dropped-results', configs: dropped },
    { code: 'fewer-results', configs: fewer },
  )
}

function isMeasured({ configs }: LockContent): boolean {
  return Object.values(configs).some(hasResults)
}

function hasResults(config: LockedConfig): boolean {
  return Object.keys(config.results).length > 0
}

/**
 * The content of a claim, without its id, its wording and the keys of its configs.
 * @param hasFactors true if both compared locks store the factors of claims
 */
function claimIdentity(claim: LockedClaim, lock: LockContent, hasFactors: boolean): string {
  const measured = (key: string | undefined): string =>
    key === undefined ? '' : (lock.configs[key]?.measurementDigest ?? key)
  return JSON.stringify([
    claim.kind,
    claim.metric,
    measured(claim.config),
    measured(claim.versus),
    claim.comparator ?? '',
    claim.value,
    hasFactors ? (claim.factor ?? null) : null,
  ])
}

interface EntryComparison {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** Lists the keys whose content was added, removed or changed. Content that only moved to another key is not listed. */
function compareEntries(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): EntryComparison {
  const old = new Set(before.values())
  const current = new Set(after.values())
  const unknown = [...after].filter(([, content]) => !old.has(content)).map(([key]) => key)
  const gone = [...before].filter(([, content]) => !current.has(content)).map(([key]) => key)
  return {
    added: unknown.filter((key) => !gone.includes(key)),
    removed: gone.filter((key) => !unknown.includes(key)),
    changed: unknown.filter((key) => gone.includes(key)),
  }
}

function mapValues<From>(
  entries: Readonly<Record<string, From>>,
  to: (value: From) => string,
): ReadonlyMap<string, string> {
  return new Map(Object.entries(entries).map(([key, value]) => [key, to(value)]))
}

/** Leaves out changes that name no config or hypothesis. */
function withoutEmpty(...changes: VersionChange[]): VersionChange[] {
  return changes.filter((change) =>
    'configs' in change ? change.configs.length > 0 : !('ids' in change) || change.ids.length > 0,
  )
}
