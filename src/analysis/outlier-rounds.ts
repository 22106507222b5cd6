/**
 * Rounds in which a config was much slower or faster than in its others. They are named and stay in all figures: no
 * statistic can say whether the next run has such a round too.
 */
import type { FactId } from '../results/facts.ts'
import { outlierIndex } from '../stats/outlier.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { isFinding } from './audits/audit.ts'
import { trialFacts } from './config-analysis.ts'
import { endedOf } from './config-figures.ts'
import { mean, sum } from './measured-requests.ts'
import { growingFacts, steadyFacts, type BesideFact, type OutlierRound } from './outlier-round.ts'
import type { TrialSummary } from './trial-summary.ts'

/** Fewer rounds do not show what is usual. */
const minRoundsForOutlier = 6
/** The share of healthy experiments in which chance makes an outlier: below 2 %, with room for medians that are not quite normal. */
const outlierChance = 0.015

/** What grows is worth a word if it is more than this many times as large as in the other rounds. */
const manyTimes = 2

/**
 * At most one round for each config. It looks at median latencies, because a few slow requests leave them as they are:
 * with means, 11 % of healthy experiments with 20 rounds of 20 requests had an outlier.
 */
export function outlierRounds(configs: readonly ConfigAnalysis[]): readonly OutlierRound[] {
  const tested = configs
    .map(({ config, trials }) => ({ key: config.key, medians: mediansOf(trials) }))
    .filter(({ medians }) => medians.length >= minRoundsForOutlier)
  return tested.flatMap(({ key, medians }) => {
    const logs = medians.map(({ median }) => Math.log(median))
    const index = outlierIndex(logs, outlierChance / tested.length)
    const outlier = medians[index ?? -1]
    if (outlier === undefined) return []
    const others = medians.filter((each) => each !== outlier).map(({ trial }) => trial)
    const usual = Math.exp(mean(logs.filter((_, other) => other !== index)))
    const { round, startedAt } = outlier.trial.header
    return [
      {
        config: key,
        round,
        startedAt,
        ratio: outlier.median / usual,
        beside: besideOf(outlier.trial, others),
      },
    ]
  })
}

function mediansOf(trials: readonly TrialSummary[]) {
  return endedOf(trials).flatMap((trial) => {
    const median = trial.figures.get('latencyP50')?.value
    return median === undefined || median <= 0 ? [] : [{ trial, median }]
  })
}

function besideOf(trial: TrialSummary, others: readonly TrialSummary[]): OutlierRound['beside'] {
  const found = (one: TrialSummary) => one.audits.filter(({ outcome }) => isFinding(outcome))
  const usual = new Set(others.flatMap(found).map(({ id }) => id))
  const [own, ...rest] = [trial, ...others].map(trialFacts)
  const observed = (id: FactId) => ({
    value: own?.get(id)?.value,
    others: [...new Set(rest.flatMap((facts) => facts.get(id)?.value ?? []))],
  })
  const facts = [...growingFacts, ...steadyFacts].flatMap((id): readonly BesideFact[] => {
    const { value, others } = observed(id)
    if (value === undefined || others.length === 0 || others.includes(value)) return []
    const isNews =
      typeof value !== 'number' ||
      id === 'layersOffloaded' ||
      value > manyTimes * Math.max(...others.map(Number))
    return isNews ? [{ id, value, others }] : []
  })
  const failedIn = ({ failures }: TrialSummary) => sum(failures.map(({ count }) => count))
  const failed = failedIn(trial)
  return {
    audits: found(trial).filter(({ id }) => !usual.has(id)),
    failedRequests: failed > manyTimes * Math.max(...others.map(failedIn)) ? failed : 0,
    facts,
  }
}
