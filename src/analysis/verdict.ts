/** Judges a claim: its verdict, or the reason why there is none. */
import type { Claim } from '../experiment/experiment.ts'
import type { Threshold } from '../experiment/threshold.ts'
import type {
  ConfigAnalysis,
  NoiseFloor,
  NoVerdict,
  Verdict,
  VerdictCode,
  Weakness,
} from './analysis.ts'
import type { Degrees } from '../stats/power.ts'
import { obstaclesBetween, undeclaredDifferences } from './comparability.ts'
import { areOnOneHost } from './comparison.ts'
import { requestsForInterval } from './figure-interval.ts'
import type { Figure, Interval } from './figure.ts'
import { floorOf } from './noise-floor.ts'
import { outlookOf } from './outlook.ts'

export interface ClaimInput {
  readonly claim: Claim
  readonly figure: Figure
  readonly base?: Figure | undefined
  readonly config?: ConfigAnalysis | undefined
  readonly versus?: ConfigAnalysis | undefined
  readonly measured?: number | undefined
  readonly interval?: Interval | undefined
  readonly n: number
  /** Degrees of freedom of the interval over a number of rounds or samples. */
  readonly degrees: Degrees
  readonly standIn: boolean
  /** Mean duration of a round of the run, in ms. */
  readonly roundMs?: number | undefined
  /** The number of looks that the experiment file plans. The confidence of `interval` is corrected for it. */
  readonly plannedLooks: number
  readonly floor?: NoiseFloor | undefined
}

export function verdictOf(input: ClaimInput): Verdict {
  const { config, versus, n } = input
  const sides = [config, versus].filter((side) => side !== undefined)
  const isRecorded = sides.some(({ state }) => state === 'recorded')
  const undeclared =
    config === undefined || versus === undefined ? [] : undeclaredDifferences(versus, config)
  const common = {
    n,
    counted: input.figure.metric.family === 'score' ? ('samples' as const) : ('rounds' as const),
    unpaired:
      input.figure.metric.family !== 'score' &&
      (new Set(sides.flatMap(({ run }) => run ?? [])).size > 1 || (sides.length > 1 && isRecorded)),
    weaknesses: [],
    onDifferentHosts: !areOnOneHost(...sides),
    uncheckable: isRecorded,
    accepted: undeclared.filter(({ accepted }) => accepted),
  }
  if (input.standIn) return { ...common, code: 'none', reason: { code: 'stand-in' } }
  if (sides.some(({ state }) => state === 'pending')) return { ...common, code: 'pending' }
  const reason = reasonForNoVerdict(input)
  if (reason !== undefined) return { ...common, code: 'none', reason }
  const { measured, interval } = input
  if (measured === undefined) return { ...common, code: 'inconclusive' }
  if (interval === undefined) return { ...common, code: codeByEstimate(input, measured) }
  const floor = input.claim.kind === 'value' ? 0 : floorInClaimUnit(input)
  // no further round makes the figures of a document more precise; a capacity is found in steps
  const isCapacity = input.figure.metric.family === 'capacity'
  const outlook =
    isRecorded || isCapacity ? undefined : outlookOf({ ...input, floor }, measured, interval)
  const { roundMs } = input
  const code = codeByInterval(input.claim, interval)
  const weaknesses = code === 'inconclusive' ? [] : weaknessesOf(input, sides, common.unpaired)
  return {
    ...common,
    code: weaknesses.length > 0 ? codeWithWeakness[code] : code,
    weaknesses,
    ...(outlook === undefined
      ? {}
      : { outlook: roundMs === undefined ? outlook : { ...outlook, roundMs } }),
  }
}

/** The number of looks at the results of a config: 1, plus 1 for each time that rounds were added to its run. */
export function looksOf({ trials }: ConfigAnalysis): number {
  return Math.max(1, ...trials.map(({ header }) => header.look ?? 1))
}

/**
 * The number of looks, if the file planned fewer before the first look, or plans fewer now: the interval is then too
 * narrow. `undefined` if all looks were planned. The trials of the first look store the number that was planned then.
 */
function unplannedLooks(sides: readonly ConfigAnalysis[], plannedNow: number): number | undefined {
  const looks = Math.max(...sides.map(looksOf))
  const first = sides
    .flatMap(({ trials }) => trials.map(({ header }) => header))
    .filter(({ look = 1 }) => look === 1)
  const planned = Math.min(...first.map(({ plannedLooks = 1 }) => plannedLooks))
  return looks > 1 && (looks > planned || plannedNow < planned) ? looks : undefined
}

function weaknessesOf(
  { claim, figure, plannedLooks }: ClaimInput,
  sides: readonly ConfigAnalysis[],
  unpaired: boolean,
): readonly Weakness[] {
  const looks = unplannedLooks(sides, plannedLooks)
  const requests = requestsForInterval(figure.metric)
  const isFew = claim.kind === 'value' && figure.byRound.some(({ n }) => n < requests)
  const isRecorded = sides.some(({ state }) => state === 'recorded')
  return [
    ...(isRecorded ? [{ code: 'document' as const }] : []),
    ...(unpaired ? [{ code: 'between-runs' as const }] : []),
    ...(looks === undefined ? [] : [{ code: 'looks' as const, looks }]),
    ...(isFew ? [{ code: 'few-requests' as const, requests }] : []),
    ...(figure.metric.isMaximum === true ? [{ code: 'maximum' as const }] : []),
  ]
}

/** The verdict if there is a weakness. */
const codeWithWeakness = {
  supported: 'indicated-for',
  refuted: 'indicated-against',
  inconclusive: 'inconclusive',
} as const satisfies Partial<Record<VerdictCode, VerdictCode>>

function reasonForNoVerdict({
  claim,
  figure,
  base,
  config,
  versus,
}: ClaimInput): NoVerdict | undefined {
  const sides = [config, versus].filter((side) => side !== undefined)
  const failed = sides.find(({ state }) => state === 'failed')
  if (failed !== undefined) return { code: 'failed', config: failed.config.key }
  const obstacle = obstaclesBetween(versus, config)(figure.metric)
  if (obstacle !== undefined) return obstacle
  const absence = figure.absence ?? base?.absence
  if (absence === undefined) return undefined
  const absentIn =
    figure.absence === undefined && claim.kind !== 'value' ? claim.versus : claim.config
  return { code: 'no-figure', config: absentIn, absence }
}

/** Supported if the whole interval is on the claimed side, refuted if it is entirely on the other side. */
function codeByInterval(claim: Claim, { low, high }: Interval): keyof typeof codeWithWeakness {
  if (claim.kind === 'same') {
    if (low >= -claim.band && high <= claim.band) return 'supported'
    return low > claim.band || high < -claim.band ? 'refuted' : 'inconclusive'
  }
  const { comparator, value } = claim.threshold
  const [holds, fails] = {
    '<=': [high <= value, low > value],
    '<': [high < value, low >= value],
    '>=': [low >= value, high < value],
    '>': [low > value, high <= value],
  }[comparator]
  if (holds === true) return 'supported'
  return fails === true ? 'refuted' : 'inconclusive'
}

/** The verdict without an interval: inconclusive if the estimate is nearer to the threshold than the noise floor. */
function codeByEstimate(input: ClaimInput, measured: number): VerdictCode {
  const { claim } = input
  const margin =
    claim.kind === 'same' ? claim.band - Math.abs(measured) : marginTo(claim.threshold, measured)
  const floor = floorInClaimUnit(input)
  if (margin > floor) return 'indicated-for'
  return margin < -floor ? 'indicated-against' : 'inconclusive'
}

/** How far the measured value lies on the claimed side of the threshold; negative on the other side. */
function marginTo({ comparator, value }: Threshold, measured: number): number {
  return comparator.startsWith('<') ? value - measured : measured - value
}

/**
 * The noise floor in the unit of the claim. For a claim about a value, a floor in percent is converted to that
 * percentage of the threshold.
 */
function floorInClaimUnit({
  claim,
  figure: { metric },
  config,
  versus,
  floor,
}: ClaimInput): number {
  const side = versus ?? config
  if (side === undefined) return 0
  const inChange = floorOf(metric, side, floor)
  return claim.kind === 'value' && metric.change === 'ratio'
    ? (inChange / 100) * Math.abs(claim.threshold.value)
    : inChange
}
