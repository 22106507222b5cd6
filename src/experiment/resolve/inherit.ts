import type { WrittenConfig } from '../schema/written-experiment.ts'

/**
 * The config with all of its `from` that it does not say itself; undefined where the chain is broken or runs
 * in a circle. `env` and `options` merge key by key; a config that names a target inherits no recorded
 * figures, and the other way round; a label is never inherited, but stands in for the group of those that come from it
 * where none is named.
 */
export function inherit(
  configs: ReadonlyMap<string, WrittenConfig>,
  key: string,
): WrittenConfig | undefined {
  const chain = new Map<string, WrittenConfig>()
  for (let next: string | undefined = key; next !== undefined;) {
    const own = configs.get(next)
    if (own === undefined || chain.has(next)) return undefined
    chain.set(next, own)
    next = own.from
  }
  const [root] = [...chain].slice(-1)
  const merged = [...chain.values()].reduceRight((base, own) => ({
    ...base,
    target: own.recorded === undefined ? base.target : undefined,
    recorded: own.target === undefined ? base.recorded : undefined,
    label: undefined,
    ...own,
    env: { ...base.env, ...own.env },
    options: { ...base.options, ...own.options },
  }))
  return { ...merged, group: merged.group ?? root?.[1].label ?? root?.[0] ?? key }
}
