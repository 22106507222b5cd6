/**
 * Audits whether the time per output token has a trend: within the trials of a config, and over the rounds of its run.
 * The tests compare trials, not requests, because the times of consecutive requests are correlated.
 */
import {
  commonTrend,
  detectableTrend,
  isBeyondChance,
  meanTrend,
  type Point,
  type Trend,
} from '../../stats/trend.ts'
import type { TrialSummary } from '../trial-summary.ts'
import { auditOutcomes, type AuditOutcome, type ConfigAudit } from './audit.ts'

const tolerancePercent = 10
/** If a drift of this size could go unnoticed, a test that finds no drift proves nothing. */
const relevantPercent = 25
const falseAlarmRate = 0.01
/** The test over rounds uses half the rate, because its false alarms double if the trials are correlated by 0.3. */
const roundsFalseAlarmRate = falseAlarmRate / 2
/** With fewer trials, their mean drift is not tested: each trial is tested alone. */
const minTrials = 3

/** A trend of the time per output token; positive percentages mean that the server gets slower. */
export interface Drift {
  /** `unchecked` if a drift of `relevantPercent` could go unnoticed. */
  readonly outcome: AuditOutcome
  readonly changePercent: number
  /** The smallest drift that the test finds with 80 % probability. */
  readonly detectablePercent: number
}

/** The drift over a trial. */
export interface TrialDrift extends Drift {
  /** Number of trials with a drift: all trials if only their mean shows one. */
  readonly found: number
}

type RoundDrift = Drift | { readonly outcome: 'unchecked'; readonly changePercent?: undefined }

/**
 * @param ended the trials of the config that ended
 * @param trialsByConfig the ended trials of the config's run: one list for each config of that run
 */
export function drift(
  ended: readonly TrialSummary[],
  trialsByConfig: readonly (readonly TrialSummary[])[],
): ConfigAudit | undefined {
  if (ended.length === 0) return undefined
  const [overTrial, overRounds] = [trialDrift(ended), roundDrift(trialsByConfig)]
  const outcome = worst(overTrial?.outcome ?? 'unchecked', overRounds?.outcome ?? 'pass')
  return {
    id: 'drift',
    outcome,
    numbers: {
      ...(overTrial && {
        changePercent: overTrial.changePercent,
        detectablePercent: overTrial.detectablePercent,
      }),
      ...(overRounds?.changePercent !== undefined && {
        roundsChangePercent: overRounds.changePercent,
        roundsDetectablePercent: overRounds.detectablePercent,
      }),
    },
    checked: outcome === 'unchecked' ? 0 : ended.length,
    found: overRounds?.outcome === 'fail' ? ended.length : (overTrial?.found ?? 0),
    rounds: [],
  }
}

/**
 * The drift over a trial. With at least 3 trials, their mean drift is tested against their spread. Each trial is also
 * tested alone, which finds only large drifts, because that test assumes the worst case of autocorrelation. `undefined`
 * if no trial has a known time per token.
 */
export function trialDrift(ended: readonly TrialSummary[]): TrialDrift | undefined {
  const trends = ended.flatMap(({ tokenTime }) => tokenTime?.trend ?? [])
  const alone = trends.map((trend) => judge(trend, falseAlarmRate / trends.length))
  const failedAlone = alone.filter(({ outcome }) => outcome === 'fail')
  const together =
    trends.length < minTrials
      ? undefined
      : judge(meanTrend(trends.map(({ change }) => change)), falseAlarmRate)
  if (together?.outcome === 'fail') return { ...together, found: trends.length }
  const [worstDrift] = (
    failedAlone.length > 0 || together === undefined ? alone : [together]
  ).toSorted(
    (one, other) =>
      auditOutcomes.indexOf(other.outcome) - auditOutcomes.indexOf(one.outcome) ||
      Math.abs(other.changePercent) - Math.abs(one.changePercent),
  )
  return worstDrift && { ...worstDrift, found: failedAlone.length }
}

/**
 * The drift over the rounds of a run, as a trend that all configs of the run share. `undefined` for a single round. If
 * there are too few trials for a test, the outcome is `unchecked` and has no numbers.
 */
function roundDrift(trialsByConfig: readonly (readonly TrialSummary[])[]): RoundDrift | undefined {
  const rounds = new Set(trialsByConfig.flat().map(({ header }) => header.round))
  if (rounds.size < 2) return undefined
  const groups = trialsByConfig.map((trials) =>
    trials.flatMap(({ header, tokenTime }): readonly Point[] =>
      tokenTime === undefined ? [] : [[header.round, tokenTime.logMs]],
    ),
  )
  const trend = commonTrend(groups.filter((points) => points.length > 0))
  return trend === undefined ? { outcome: 'unchecked' } : judge(trend, roundsFalseAlarmRate)
}

/** @param trend the trend of the logarithm of the time per token */
function judge(trend: Trend, level: number): Drift {
  const changePercent = Math.expm1(trend.change) * 100
  const detectable = Math.expm1(detectableTrend(trend, 1 - level)) * 100
  const isDrift = Math.abs(changePercent) > tolerancePercent && isBeyondChance(trend, 1 - level)
  return {
    outcome: isDrift ? 'fail' : detectable > relevantPercent ? 'unchecked' : 'pass',
    changePercent,
    detectablePercent: Math.max(detectable, tolerancePercent),
  }
}

function worst(one: AuditOutcome, other: AuditOutcome): AuditOutcome {
  return auditOutcomes.indexOf(one) > auditOutcomes.indexOf(other) ? one : other
}
