import type { CellPair } from '../experiment/grid.ts'
import { latencyPartIds, type LatencyPartId } from '../metrics/catalog.ts'
import type { Breakdown, ConfigAnalysis, Parts, TimeDifference, TimeSplit } from './analysis.ts'
import type { Obstacle } from './obstacle.ts'
import { isPaired } from './change.ts'
import { obstaclesBetween } from './comparability.ts'
import { combine } from './config-figures.ts'
import type { Figure } from './figure.ts'

/**
 * Splits the mean latency of each config, and the differences between configs, into parts.
 * @param baseline key of the config that the others are compared with, in addition to their own `from`
 * @param further other pairs of configs whose difference is split
 */
export function breakdownOf(
  configs: readonly ConfigAnalysis[],
  baseline: string | undefined,
  further: readonly CellPair[] = [],
): Breakdown {
  const byKey = new Map(configs.map((each) => [each.config.key, each]))
  const ofConfigs = configs.flatMap(({ config: { key, from } }) =>
    [...new Set([from, baseline])].flatMap((base) =>
      base === undefined || base === key ? [] : [{ from: base, to: key }],
    ),
  )
  const pairs = [...ofConfigs, ...further]
  const differences = pairs.flatMap((pair) => {
    const [from, to] = [byKey.get(pair.from), byKey.get(pair.to)]
    return from === undefined || to === undefined ? [] : differenceOf(from, to)
  })
  return {
    configs: configs.flatMap((each) => {
      const split = splitOf(each)
      return split === undefined
        ? []
        : [{ config: split.config, parts: split.parts, total: split.total }]
    }),
    differences,
  }
}

interface SplitWithTokens extends TimeSplit {
  readonly outputTokens: number | undefined
}

/**
 * The config's latency in parts; `undefined` if a part is missing.
 * @param rounds the rounds to use; by default all
 */
function splitOf(
  { config, figures }: ConfigAnalysis,
  rounds?: ReadonlySet<number>,
): SplitWithTokens | undefined {
  const valueOf = (id: string) => valueOver(figures.get(id), rounds)
  const values = new Map(latencyPartIds.map((id) => [id, valueOf(id)]))
  if ([...values.values()].includes(undefined)) return undefined
  const parts = eachPart((id) => values.get(id) ?? NaN)
  return {
    config: config.key,
    parts,
    total: latencyPartIds.reduce((sum, id) => sum + parts[id], 0),
    outputTokens: valueOf('outputTokens'),
  }
}

function valueOver(
  figure: Figure | undefined,
  rounds: ReadonlySet<number> | undefined,
): number | undefined {
  if (figure === undefined || rounds === undefined) return figure?.value
  const used = figure.byRound.filter(({ round }) => rounds.has(round))
  return used.length === 0 ? undefined : combine(figure.metric, used)
}

/** The rounds in which both configs have their parts; `undefined` if their rounds cannot be paired. */
function sharedRounds(...sides: readonly [ConfigAnalysis, ConfigAnalysis]) {
  if (!isPaired(...sides)) return undefined
  const [from = [], to = []] = sides.map(({ figures }) =>
    (figures.get('decode')?.byRound ?? []).map(({ round }) => round),
  )
  return new Set(from.filter((round) => to.includes(round)))
}

function differenceOf(base: ConfigAnalysis, config: ConfigAnalysis): readonly TimeDifference[] {
  const rounds = sharedRounds(base, config)
  const [from, to] = [splitOf(base, rounds), splitOf(config, rounds)]
  if (from === undefined || to === undefined) return []
  const parts = eachPart((id) => to.parts[id] - from.parts[id])
  const total = to.total - from.total
  const decode = decodeSplit(from, to)
  const obstacle = obstacleToParts(base, config)
  return [
    {
      base: from.config,
      config: to.config,
      parts,
      total,
      ratio: to.total / from.total,
      ...(Math.abs(total) <= from.total / 1000
        ? {}
        : { shares: eachPart((id) => (parts[id] / total) * 100) }),
      ...(decode === undefined ? {} : { decode }),
      ...(obstacle === undefined ? {} : { obstacle }),
    },
  ]
}

/** Why the mean latencies, or their parts, are not compared. */
function obstacleToParts(base: ConfigAnalysis, config: ConfigAnalysis): Obstacle | undefined {
  const obstacleTo = obstaclesBetween(base, config)
  const metrics = ['latencyMean', ...latencyPartIds].flatMap(
    (id) => config.figures.get(id)?.metric ?? [],
  )
  return metrics.map(obstacleTo).find((obstacle) => obstacle !== undefined)
}

/**
 * Splits Δ(tokens × time per token) into Δtokens × mean time per token and Δ(time per token) × mean tokens. The
 * split is exact and the same from either side.
 */
function decodeSplit(from: SplitWithTokens, to: SplitWithTokens): TimeDifference['decode'] {
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
