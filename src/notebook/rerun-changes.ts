/**
 * Lists what differs between the two sides of a rerun, and what changed since the version that it measures again.
 */
import type { Config, Experiment } from '../experiment/experiment.ts'
import type { VersionChange } from '../report/report-input.ts'
import { lockFormat, type Lock } from './lock.ts'
import { lockedSettings } from './locked-settings.ts'
import { conditionsBetween, measuredOn } from './measured-on.ts'
import type { Published } from './publish-report.ts'

export interface RerunChanges {
  /** The settings that differ between the two sides of a config. */
  readonly settings: readonly SettingChange[]
  /** The facts about server and machine that differ between the sides. */
  readonly conditions: readonly VersionChange[]
  /** The facts that differ between the version's results and today's side. Empty without a version. */
  readonly since: readonly VersionChange[]
}

export interface SettingChange {
  /** Label of the group, which both sides share. */
  readonly config: string
  readonly name: string
  /** Absent on a side that does not have the setting. */
  readonly from?: string
  readonly to?: string
}

/** @param lock the version whose definition is one side */
export function rerunChanges(
  { experiment, analysis }: Pick<Published, 'experiment' | 'analysis'>,
  lock: Lock | undefined,
): RerunChanges {
  const factsOf = (key: string) => {
    const found = analysis.configs.find(({ config }) => config.key === key)
    return found && measuredOn(found)
  }
  const pairs = pairsOf(experiment)
  return {
    settings: pairs.flatMap(([before, after]) => settingChanges(before, after)),
    conditions: distinct(
      pairs.flatMap(([before, after]) =>
        conditionsBetween(factsOf(before.key), factsOf(after.key)),
      ),
    ),
    since: distinct(
      pairs.flatMap(([, { key }]) =>
        lock === undefined ? [] : conditionsBetween(lock.configs[key]?.measuredOn, factsOf(key)),
      ),
    ),
  }
}

function pairsOf({ configs }: Experiment): readonly (readonly [before: Config, after: Config])[] {
  return configs.flatMap((after) => {
    const before = configs.find(({ key }) => key === after.from)
    return before === undefined ? [] : [[before, after] as const]
  })
}

function settingChanges(before: Config, after: Config): readonly SettingChange[] {
  const [from, to] = [before, after].map((config) => lockedSettings(config, 'text', lockFormat))
  const names = [...new Set([...Object.keys(from ?? {}), ...Object.keys(to ?? {})])].sort()
  return names.flatMap((name): SettingChange[] => {
    const [old, current] = [from?.[name], to?.[name]]
    if (old === current) return []
    return [
      {
        config: after.group,
        name: name.replace(/^(?:env|options)\./, ''),
        ...(old === undefined ? {} : { from: String(old) }),
        ...(current === undefined ? {} : { to: String(current) }),
      },
    ]
  })
}

function distinct(changes: readonly VersionChange[]): readonly VersionChange[] {
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()]
}
