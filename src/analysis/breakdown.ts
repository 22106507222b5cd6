/** Where the time goes: mean latency split into its parts, and the difference of two configs likewise. */
import type { ConfigAnalysis } from './analysis.ts'
import { latencyPartIds, type LatencyPartId } from './latency-parts.ts'

export interface Breakdown {
  /** In the file's order. */
  readonly configs: readonly TimeSplit[]
  /** Each config against its `from`, and against the baseline. */
  readonly differences: readonly TimeDifference[]
}

export type Parts = Readonly<Record<LatencyPartId, number>>

export interface TimeSplit {
  readonly config: string
  /** Milliseconds: arithmetic means over rounds, so that they add up. */
  readonly parts: Parts
  /** Their sum: mean latency. */
  readonly total: number
}

/** `config` minus `base`, in milliseconds. A share is where the time was spent, not what a fix would bring back. */
export interface TimeDifference {
  readonly base: string
  readonly config: string
  readonly parts: Parts
  readonly total: number
  /** Percent of `total`, each part; they add up to 100. Absent where the difference is within a thousandth of the base's time. */
  readonly shares?: Parts
  /** The decode part again: answers that are longer, and tokens that take longer. Absent without token counts. */
  readonly decode?: { readonly moreTokens: number; readonly slowerTokens: number }
}

export function breakdownOf(
  configs: readonly ConfigAnalysis[],
  baseline: string | undefined,
): Breakdown {
  const splits = new Map(
    configs.flatMap((each) => {
      const split = splitOf(each)
      return split === undefined ? [] : [[each.config.key, { ...split, each }] as const]
    }),
  )
  const differences = [...splits.values()].flatMap((to) =>
    [...new Set([to.each.config.from, baseline])].flatMap((key) => {
      const from = splits.get(key ?? '')
      return from === undefined || from === to ? [] : [differenceOf(from, to)]
    }),
  )
  return {
    configs: [...splits.values()].map(({ config, parts, total }) => ({ config, parts, total })),
    differences,
  }
}

type Split = TimeSplit & { readonly each: ConfigAnalysis }

function splitOf({ config, figures }: ConfigAnalysis): TimeSplit | undefined {
  const values = latencyPartIds.map((id) => figures.get(id)?.value)
  const [wait, load, prefill, decode, outside] = values
  if (
    wait === undefined ||
    load === undefined ||
    prefill === undefined ||
    decode === undefined ||
    outside === undefined
  )
    return undefined
  const parts = { wait, load, prefill, decode, outside }
  return { config: config.key, parts, total: wait + load + prefill + decode + outside }
}

function differenceOf(from: Split, to: Split): TimeDifference {
  const part = (id: LatencyPartId) => to.parts[id] - from.parts[id]
  const parts = eachPart(part)
  const total = to.total - from.total
  const decode = decodeSplit(from, to)
  return {
    base: from.config,
    config: to.config,
    parts,
    total,
    ...(Math.abs(total) <= from.total / 1000
      ? {}
      : { shares: eachPart((id) => (part(id) / total) * 100) }),
    ...(decode === undefined ? {} : { decode }),
  }
}

/** Δ(tokens × time a token) = Δtokens × mean time + Δtime × mean tokens: exact, and neither side is favoured. */
function decodeSplit(from: Split, to: Split): TimeDifference['decode'] {
  const [before, after] = [from, to].map(({ each, parts }) => {
    const tokens = each.figures.get('outputTokens')?.value
    return tokens === undefined ? undefined : { tokens, perToken: parts.decode / tokens }
  })
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
