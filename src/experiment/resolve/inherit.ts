import type { WrittenConfig } from '../schema/written-experiment.ts'

/**
 * The config with everything that it inherits along its chain of `from`; undefined if the chain names an unknown
 * config or is a cycle. `env` and `options` are merged key by key. A config with a target inherits no recorded
 * figures, and vice versa. Labels are not inherited, but the first config's label is the default group of all.
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
