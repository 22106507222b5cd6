import { latencyPartIds, type LatencyPartId } from '../metrics/catalog.ts'
import type { Breakdown, ConfigAnalysis, Parts, TimeDifference, TimeSplit } from './analysis.ts'

/**
 * Splits the mean latency of each config, and the differences between configs, into parts.
 * @param baseline key of the config that the others are compared with, in addition to their own `from`
 */
export function breakdownOf(
  configs: readonly ConfigAnalysis[],
  baseline: string | undefined,
): Breakdown {
  const splits = new Map(
    configs.flatMap((each) => {
      const split = splitOf(each)
      return split === undefined ? [] : [[each.config.key, split] as const]
    }),
  )
  const differences = [...splits.values()].flatMap((to) =>
    [...new Set([to.from, baseline])].flatMap((key) => {
      const from = splits.get(key ?? '')
      return from === undefined || from === to ? [] : [differenceOf(from, to)]
    }),
  )
  return {
    configs: [...splits.values()].map(({ config, parts, total }) => ({ config, parts, total })),
    differences,
  }
}

interface Split extends TimeSplit {
  /** Key of the config that this one inherits from. */
  readonly from: string | undefined
  readonly outputTokens: number | undefined
}

/** `undefined` unless the config has all parts. */
function splitOf({ config, figures }: ConfigAnalysis): Split | undefined {
  const values = new Map(latencyPartIds.map((id) => [id, figures.get(id)?.value]))
  if ([...values.values()].includes(undefined)) return undefined
  const parts = eachPart((id) => values.get(id) ?? NaN)
  return {
    config: config.key,
    parts,
    total: latencyPartIds.reduce((sum, id) => sum + parts[id], 0),
    from: config.from,
    outputTokens: figures.get('outputTokens')?.value,
  }
}

function differenceOf(from: Split, to: Split): TimeDifference {
  const parts = eachPart((id) => to.parts[id] - from.parts[id])
  const total = to.total - from.total
  const decode = decodeSplit(from, to)
  return {
    base: from.config,
    config: to.config,
    parts,
    total,
    ...(Math.abs(total) <= from.total / 1000
      ? {}
      : { shares: eachPart((id) => (parts[id] / total) * 100) }),
    ...(decode === undefined ? {} : { decode }),
  }
}

/**
 * Splits Δ(tokens × time per token) into Δtokens × mean time per token and Δ(time per token) × mean tokens. The
 * split is exact and the same from either side.
 */
function decodeSplit(from: Split, to: Split): TimeDifference['decode'] {
  const [before, after] = [from, to].map(({ parts, outputTokens: tokens }) =>
    tokens === undefined ? undefined : { tokens, perToken: parts.decode / tokens },
  )
  if (before === undefined || after === undefined) return undefined
  const middle = (one: number, other: number) => (one + other) / 2
  return {
    moreTokens: (after.tokens - before.tokens) * middle(before.perToken, after.perToken),
    slowerTokens: (after.perToken - before.perToken) * middle(before.tokens, after.tokens),
  }
}

function eachPart(valueOf: (id: LatencyPartId) => number): Parts {
  return {
    wait: valueOf('wait'),
    load: valueOf('load'),
    prefill: valueOf('prefill'),
    decode: valueOf('decode'),
    outside: valueOf('outside'),
  }
}
