/** Inheritance between configs: a config has everything of its `from` that it does not say itself. */
import type { WrittenConfig } from './written-experiment.ts'

/** The configs from `key` up its `from` chain, itself first; undefined where the chain is broken or runs in a circle. */
export function chainOf(
  configs: ReadonlyMap<string, WrittenConfig>,
  key: string,
): readonly { readonly key: string; readonly own: WrittenConfig }[] | undefined {
  const chain: { key: string; own: WrittenConfig }[] = []
  const seen = new Set<string>()
  for (let next: string | undefined = key; next !== undefined;) {
    const own = configs.get(next)
    if (own === undefined || seen.has(next)) return undefined
    seen.add(next)
    chain.push({ key: next, own })
    next = own.from
  }
  return chain
}

/**
 * The config with what it inherits. `env` and `options` merge key by key; a config that names a target
 * inherits no recorded figures and the other way round; a label is never inherited.
 */
export function inherit(
  configs: ReadonlyMap<string, WrittenConfig>,
  key: string,
): WrittenConfig | undefined {
  const chain = chainOf(configs, key)
  if (chain === undefined) return undefined
  const merged = chain.map(({ own }) => own).reduceRight((base, own) => merge(base, own))
  const { label, from, ...rest } = merged
  ;(void label, from)
  return { ...rest, ...labelAndFrom(configs.get(key)) }
}

function merge(base: WrittenConfig, own: WrittenConfig): WrittenConfig {
  const { target, recorded, ...inherited } = base
  return {
    ...inherited,
    ...(own.recorded === undefined && target !== undefined ? { target } : {}),
    ...(own.target === undefined && recorded !== undefined ? { recorded } : {}),
    ...own,
    env: { ...base.env, ...own.env },
    options: { ...base.options, ...own.options },
  }
}

function labelAndFrom(own: WrittenConfig | undefined): Pick<WrittenConfig, 'label' | 'from'> {
  return {
    ...(own?.label === undefined ? {} : { label: own.label }),
    ...(own?.from === undefined ? {} : { from: own.from }),
  }
}
