/**
 * Computes the figures and judgements of a report from its trials. Input: an experiment, the selected run of each
 * config, and summaries of its trials. Output: an `Analysis` (see analysis.ts): figures, audits, comparisons, ratios
 * and verdicts. Pure.
 */
import type { Experiment } from '../experiment/experiment.ts'
import { metrics, type Metric } from '../metrics/catalog.ts'
import type { Selection } from '../results/selection.ts'
import type { Analysis, ConfigAnalysis, HypothesisResult, NoiseFloor } from './analysis.ts'
import { capacityOf } from './analyse-capacity.ts'
import { applicableMetrics, tableConfidence } from './config-figures.ts'
import { breakdownOf } from './breakdown.ts'
import { designPairs } from './design-pairs.ts'
import { compare } from './comparison.ts'
import { analyseConfig, withAudits } from './config-analysis.ts'
import { analyseGrid } from './grid/grid-analysis.ts'
import { analyseTuning } from './race/analyse-tuning.ts'
import { hypothesisResult } from './hypothesis.ts'
import { rankingMetric, statedMetrics } from './ranking.ts'
import { ratiosTo } from './ratios.ts'
import { outlierRounds, type OutlierRound } from './outlier-rounds.ts'
import type { TrialSummary } from './trial-summary.ts'
import { isAtLeast } from '../metrics/metric.ts'
import { minRounds, replicatesOf } from './figure-interval.ts'

/** The trials of earlier runs of each config: by config key, then by run id. */
export type EarlierRuns = ReadonlyMap<string, ReadonlyMap<string, readonly TrialSummary[]>>

/**
 * @param selection the run that each config uses
 * @param trials summaries of the trials that `selection` names, by key of the config, in the order of rounds
 * @param floor the noise floor that the newest A/A run on this machine measured
 * @param earlier the trials of earlier runs; needed if configs come from different runs
 */
export function analyse(
  experiment: Experiment,
  selection: Pick<Selection, 'configs' | 'standIn'>,
  trials: ReadonlyMap<string, readonly TrialSummary[]>,
  floor?: NoiseFloor,
  earlier?: EarlierRuns,
): Analysis {
  const metrics = applicableMetrics(experiment)
  const configs = auditedConfigs(experiment, selection, trials, metrics, earlier)
  const byKey = byKeyOf(configs)
  const { hypotheses, baseline } = experiment
  const { standIn } = selection
  const rankedBy = rankingMetric(experiment.rankBy, configs)
  const count = comparisonsInConclusion(configs, rankedBy, baseline)
  const confidence = conclusionConfidence(count)
  const looks = experiment.looks === undefined ? {} : { looks: experiment.looks }
  const { series = [], objectives = [], grid, tuning } = experiment
  const loads = { series, objectives }
  const ofGrid = grid === undefined ? {} : { grid }
  const rules = { hypotheses, floor, standIn, rankedBy, ...looks, ...loads, ...ofGrid }
  const period = periodOf(configs)
  const outliers = outlierRounds(configs)
  const byKeyWithoutOutliers = byKeyOf(
    configs.map((each) => withoutOutlier(each, outliers, metrics)),
  )
  const tuned = tuning && !standIn ? analyseTuning(experiment, tuning, byKey) : undefined
  return {
    configs,
    comparisons: configs.flatMap((each) => {
      const base = byKey.get(each.config.from ?? '')
      return base === undefined
        ? []
        : [compare(base, each, { ...rules, conclusionConfidence: confidence })]
    }),
    ratios: ratiosTo(byKey.get(baseline ?? ''), configs, rankedBy, confidence, floor),
    rankedBy,
    hypotheses: hypotheses.map((each) => {
      const result = hypothesisResult(each, byKey, rules)
      if (outliers.length === 0) return result
      const withoutOutliers = hypothesisResult(each, byKeyWithoutOutliers, rules)
      return withDecidingOutliers(result, withoutOutliers, outliers)
    }),
    ...(series.length === 0 || objectives.length === 0 || standIn
      ? {}
      : {
          capacities: series.map((each) => capacityOf(each, objectives, byKey, tableConfidence)),
        }),
    outliers,
    comparisonsInConclusion: count,
    breakdown: breakdownOf(configs, baseline, designPairs(experiment, tuned)),
    standIn,
    ...(grid === undefined || standIn
      ? {}
      : { grid: analyseGrid({ experiment, grid, configs: byKey, floor }) }),
    ...(tuned === undefined ? {} : { tuning: tuned }),
    ...(floor === undefined ? {} : { floor }),
    ...(period === undefined ? {} : { period }),
  }
}

/** The analysis of each config, in the file's order, with its audits and the doubts that follow from them. */
function auditedConfigs(
  experiment: Experiment,
  selection: Pick<Selection, 'configs'>,
  trials: ReadonlyMap<string, readonly TrialSummary[]>,
  metrics: readonly Metric[],
  earlier: EarlierRuns | undefined,
): readonly ConfigAnalysis[] {
  const unaudited = experiment.configs.map((config) => {
    const selected = selection.configs.get(config.key)
    return analyseConfig(
      config,
      {
        run: selected?.run,
        trials: trials.get(config.key) ?? [],
        planned: selected?.requiredRounds ?? experiment.rounds,
        roundsOverridden: selected?.roundsOverridden,
        earlier: earlier?.get(config.key),
      },
      metrics,
    )
  })
  const unauditedByKey = byKeyOf(unaudited)
  return unaudited.map((each) =>
    withAudits(each, unauditedByKey.get(each.config.from ?? experiment.baseline ?? ''), unaudited),
  )
}

function byKeyOf(configs: readonly ConfigAnalysis[]): ReadonlyMap<string, ConfigAnalysis> {
  return new Map(configs.map((each) => [each.config.key, each]))
}

/** The config without its outlier round, if it has one. */
function withoutOutlier(
  analysis: ConfigAnalysis,
  outliers: readonly OutlierRound[],
  metrics: readonly Metric[],
): ConfigAnalysis {
  const { config, run, rounds, audits } = analysis
  const outlier = outliers.find((each) => each.config === config.key)
  if (outlier === undefined) return analysis
  const trials = analysis.trials.filter(({ header }) => header.round !== outlier.round)
  return { ...analyseConfig(config, { run, trials, planned: rounds.planned }, metrics), audits }
}

/** Adds the outlier rounds without which an inconclusive claim would be decided. */
function withDecidingOutliers(
  result: HypothesisResult,
  withoutOutliers: HypothesisResult,
  outliers: readonly OutlierRound[],
): HypothesisResult {
  const { claim } = result.hypothesis
  if (claim.factor !== undefined) return result
  if (result.verdict.code !== 'inconclusive' || withoutOutliers.verdict.code === 'inconclusive')
    return result
  const decidedWithout = outliers.filter(
    ({ config }) => config === claim.config || (claim.kind !== 'value' && config === claim.versus),
  )
  return { ...result, verdict: { ...result.verdict, decidedWithout } }
}

/** The earliest start and the latest end, each as it was stored, with its offset. */
function periodOf(configs: readonly ConfigAnalysis[]): Analysis['period'] {
  const trials = configs.flatMap((each) => each.trials)
  const chronological = (times: readonly string[]) =>
    times.toSorted((one, other) => Date.parse(one) - Date.parse(other))
  const from = chronological(trials.map(({ header }) => header.startedAt))[0]
  const to = chronological(trials.map(({ header, end }) => end?.endedAt ?? header.startedAt)).at(-1)
  return from === undefined || to === undefined ? undefined : { from, to }
}

const answerMetrics = metrics.filter((metric) => isAtLeast(metric, 'answer'))

/**
 * The number of comparisons that the conclusion may report. Each config with a `from` has one for each metric of the
 * answer, and each group without such a config has one ratio to the baseline. A comparison counts only if both sides
 * have enough rounds for an interval.
 */
function comparisonsInConclusion(
  configs: readonly ConfigAnalysis[],
  rankedBy: Metric,
  baseline?: string,
): number {
  const tested = configs.filter((each) => each.rounds.ended >= minRounds || hasTestedRuns(each))
  const find = (key: string | undefined) => tested.find(({ config }) => config.key === key)
  const changes = tested.flatMap(({ config, figures, facts }) => {
    const base = find(config.from)
    if (base === undefined) return []
    const metrics = [...figures.values()].map(({ metric }) => metric)
    return metrics.filter(statedMetrics([base, { config, facts }], rankedBy))
  })
  const group = find(baseline)?.config.group
  const groups = new Set(tested.map(({ config }) => config.group))
  const ratios = group === undefined ? 0 : groups.size - 1
  return changes.length + ratios
}

/** True if a document gives enough runs for an interval of a figure that the conclusion could state. */
function hasTestedRuns({ state, figures }: ConfigAnalysis): boolean {
  return (
    state === 'recorded' &&
    answerMetrics.some((metric) => {
      const figure = figures.get(metric.id)
      return figure !== undefined && (replicatesOf(figure, metric)?.n ?? 0) >= minRounds
    })
  )
}

/**
 * The confidence of each comparison in the conclusion, by Bonferroni's correction: 0.95 for one comparison, 0.99 for
 * five. Readers see them together: if nothing differs, at most 5 % of conclusions report a difference.
 */
export function conclusionConfidence(differences: number): number {
  return 1 - 0.05 / Math.max(1, differences)
}
