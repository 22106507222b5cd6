/**
 * Computes what removing causes would save. This can be more than the milliseconds that are attributed to a cause: if a
 * request is faster, the requests that queue behind it start earlier; and shorter answers save more if each token is
 * slow.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Analysis, ConfigAnalysis } from '../analysis/analysis.ts'
import { changeValue, sidesOf } from '../analysis/change.ts'
import { obstaclesBetween } from '../analysis/comparability.ts'
import { areSiblings, haveSameSpeedSettings, expectedWait, fitsQueueModel } from './compute.ts'
import { computeOf, figureOf, keyOf, latencyOf, slotsOf, usersOf } from './config-facts.ts'
import type { Fix } from './fix.ts'
import type { Dependence, Gap, GapPart } from './gap.ts'

/**
 * How the savings of causes depend on each other; see `Dependence`.
 * @param reference absent if the subject's own latency is explained
 */
export function dependenceOf(subject: ConfigAnalysis, reference?: ConfigAnalysis): Dependence {
  const [subjectTokens, referenceTokens] = [tokensOf(subject), reference && tokensOf(reference)]
  const queue = queueOf(subject)
  return {
    // The gap multiplies additional tokens by the mean time per token of both sides, and slower tokens by the mean
    // number of tokens.
    savedPerMsOfMoreTokens:
      subjectTokens && referenceTokens
        ? subjectTokens.msPerToken / mean(subjectTokens.msPerToken, referenceTokens.msPerToken)
        : 1,
    savedPerMsOfSlowerTokens:
      subjectTokens && referenceTokens
        ? subjectTokens.tokens / mean(subjectTokens.tokens, referenceTokens.tokens)
        : 1,
    ...(queue === undefined ? {} : { queue }),
  }
}

function tokensOf(side: ConfigAnalysis) {
  const [decode, tokens] = [figureOf(side, 'decode'), figureOf(side, 'outputTokens')]
  return decode === undefined || tokens === undefined || tokens === 0
    ? undefined
    : { tokens, msPerToken: decode / tokens }
}

function mean(one: number, other: number): number {
  return (one + other) / 2
}

/**
 * How the wait depends on compute; `undefined` unless users share slots. In a closed loop whose slots are always busy,
 * latency is users ÷ slots × compute (Little's law), so it falls in proportion to compute.
 */
function queueOf(subject: ConfigAnalysis): Dependence['queue'] {
  const [waitMs, expected] = [figureOf(subject, 'wait'), expectedWait(subject)]
  const [latency, compute] = [latencyOf(subject), computeOf(subject)]
  if (waitMs === undefined || expected === undefined || !fitsQueueModel(waitMs, expected))
    return undefined
  return latency === undefined || compute === undefined
    ? undefined
    : { waitMs, waitPerComputeMs: latency / compute - 1 }
}

interface Removable {
  readonly ms: Readonly<Partial<Record<GapPart, number>>>
  readonly fixes: readonly Pick<Fix, 'code' | 'config' | 'settings'>[]
}

/** How much the subject's mean latency falls if all these causes are removed, in ms. */
export function savingOf(causes: readonly Removable[], gap: Gap | undefined): number {
  const total = (part: GapPart) => causes.reduce((sum, { ms }) => sum + (ms[part] ?? 0), 0)
  const [more, slower] = [total('moreTokens'), total('slowerTokens')]
  const { savedPerMsOfMoreTokens, savedPerMsOfSlowerTokens, queue } = gap?.dependence ?? independent
  const decode =
    more > 0 && slower > 0
      ? more + slower
      : more * savedPerMsOfMoreTokens + slower * savedPerMsOfSlowerTokens
  const compute = total('prefill') + decode
  // With fewer slots, each request computes for less time, but more requests queue.
  const losesSlots = causes.some(({ fixes }) => fixes.some(({ code }) => code === 'fewer-slots'))
  const queued =
    queue === undefined || losesSlots ? 0 : Math.min(queue.waitMs, compute * queue.waitPerComputeMs)
  return compute + total('load') + total('outside') + Math.max(total('wait'), queued)
}

/** Used without a gap: removing a cause saves exactly the milliseconds that are attributed to it. */
export const independent: Dependence = { savedPerMsOfMoreTokens: 1, savedPerMsOfSlowerTokens: 1 }

export interface MeasuredSaving {
  /** Key of the measured config that has the fix. */
  readonly config: string
  /** How much lower its mean latency is, in percent. */
  readonly savedPercent: number
  /** The number of its slots, if it has more than the fix asks for: one for each user. */
  readonly slotsIfMore?: number
}

/** A pair of configs, and the causes that make the subject slower. */
interface ExplainedConfigs {
  readonly subject: string
  readonly reference?: string | undefined
  readonly findings: readonly (Removable & { readonly totalMs: number })[]
}

/**
 * The saving of a fix, measured by a config that has the fix: as many slots as users on a server like the subject's,
 * room for all models of its mix, or inference on the host. `undefined` if no config has the fix, if that config cannot
 * be compared, or if it is not faster. For inference on the host, also `undefined` if other causes were found: the lower
 * latency is then not due to this fix alone.
 */
export function measuredSaving(
  { fixes }: Removable,
  { subject, reference, findings }: ExplainedConfigs,
  { configs }: Pick<Analysis, 'configs'>,
): MeasuredSaving | undefined {
  const find = (key: string | undefined) => configs.find((each) => keyOf(each) === key)
  const from = find(subject)
  if (from === undefined) return undefined
  const has = (code: Fix['code']) => fixes.some((fix) => fix.code === code)
  const isOnlyCause = findings.every((each) => each.totalMs === 0 || each.fixes === fixes)
  const to = has('more-slots')
    ? withEnoughSlots(from, configs)
    : has('more-loaded-models')
      ? withVariables(fixes, from, configs)
      : has('run-natively') && isOnlyCause
        ? find(reference)
        : undefined
  const sides = to && sidesOf('latencyMean', from, to)
  const change = sides && changeValue(sides)
  if (to === undefined || sides === undefined || change === undefined || change >= 0)
    return undefined
  if (obstaclesBetween(from, to)(sides.metric) !== undefined) return undefined
  const slots = has('more-slots') ? slotsOf(to) : undefined
  const hasMore = slots !== undefined && slots > (usersOf(from) ?? slots)
  return { config: keyOf(to), savedPercent: -change, ...(hasMore && { slotsIfMore: slots }) }
}

/** The config with the fewest slots that suffice for all users and that is otherwise like this one. */
function withEnoughSlots(
  side: ConfigAnalysis,
  configs: readonly ConfigAnalysis[],
): ConfigAnalysis | undefined {
  const users = usersOf(side)
  const slots = (each: ConfigAnalysis) => slotsOf(each) ?? 0
  return configs
    .filter((each) => each !== side && users !== undefined && slots(each) >= users)
    .filter((each) => areSiblings(each, side) && haveSameSpeedSettings(each, side))
    .toSorted((one, other) => slots(one) - slots(other))[0]
}

/** The config that differs from this one only in the variables that the fixes set. */
function withVariables(
  fixes: Removable['fixes'],
  side: ConfigAnalysis,
  configs: readonly ConfigAnalysis[],
): ConfigAnalysis | undefined {
  const variables = fixes
    .filter((fix) => fix.config === keyOf(side))
    .flatMap(({ settings }) => settings)
    .flatMap(({ kind, name, value }) =>
      kind === 'variable' && value !== undefined ? [[name, String(value)] as const] : [],
    )
  const settingsOf = ({ config }: ConfigAnalysis) => ({
    env: config.env,
    options: config.options,
    workload: config.kind === 'measured' ? config.workload : undefined,
  })
  const settings = settingsOf(side)
  const fixed = { ...settings, env: { ...settings.env, ...Object.fromEntries(variables) } }
  return configs.find(
    (each) =>
      each !== side && areSiblings(each, side) && isDeepStrictEqual(settingsOf(each), fixed),
  )
}
