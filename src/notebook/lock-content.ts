/**
 * Builds the part of a lock that depends on the experiment and its results only, not on the version or rendered files.
 */
import type {
  Analysis,
  ConfigAnalysis,
  HypothesisResult,
  NoiseFloor,
} from '../analysis/analysis.ts'
import { plannedRounds } from '../analysis/config-analysis.ts'
import { figureMethod } from '../analysis/trial-figures.ts'
import type { Claim, Experiment } from '../experiment/experiment.ts'
import { headlineFigures } from '../report/versions.ts'
import type { HeadlineFigure } from '../report/report-input.ts'
import {
  hasObjectives,
  isHeadline,
  lockFormat,
  significant,
  type Lock,
  type LockFormat,
  type LockedClaim,
  type LockedConfig,
} from './lock.ts'
import { lockedSettings } from './locked-settings.ts'
import { measuredOn } from './measured-on.ts'
import type { StoredResults } from './stored-results.ts'

export type LockContent = Omit<
  Lock,
  | 'version'
  | 'previous'
  | 'answer'
  | 'answers'
  | 'charts'
  | 'unwritten'
  | 'carried'
  | 'files'
  | 'frozen'
>

export function lockContent(
  lockFormat: LockFormat,
  experiment: Experiment,
  {
    analysis,
    dropped,
    floorResults,
    earlierResults,
  }: Pick<StoredResults, 'analysis' | 'dropped' | 'floorResults' | 'earlierResults'>,
): LockContent {
  const settings = (config: ConfigAnalysis['config']) =>
    lockedSettings(config, experiment.keep.prompts, lockFormat)
  const createdAt = creationOf(analysis)
  const planned = plannedRounds(analysis.configs, experiment.rounds)
  const claimed = new Set(analysis.hypotheses.map(({ hypothesis }) => hypothesis.claim.metric))
  return {
    lockFormat,
    experiment: experiment.id,
    state: analysis.configs.some(isOpen) ? 'open' : 'closed',
    ...(createdAt !== undefined && { createdAt }),
    title: experiment.title,
    ...(experiment.question !== undefined && { question: experiment.question }),
    ...(experiment.follows !== undefined && { follows: experiment.follows }),
    locale: experiment.locales[0],
    rounds: planned.overridden ? planned.max : experiment.rounds,
    ...(experiment.looks !== undefined && experiment.looks > 1 && { looks: experiment.looks }),
    method: figureMethod,
    standIn: analysis.standIn,
    configs: Object.fromEntries(
      analysis.configs.map((one) => [
        one.config.key,
        lockedConfig(one, settings(one.config), claimed),
      ]),
    ),
    ...(hasObjectives(lockFormat) && lockedObjectives(experiment)),
    claims: Object.fromEntries(
      analysis.hypotheses.map((one) => [one.hypothesis.id, lockedClaim(one, lockFormat)]),
    ),
    headline: headlineFigures(experiment, analysis).map(lockedHeadline),
    ...(analysis.floor && {
      floor: lockedFloor(analysis.floor, experiment, floorResults, claimed),
    }),
    ...(Object.keys(earlierResults).length > 0 && { earlierRuns: earlierResults }),
    dropped: Object.fromEntries(dropped.map(({ run, why }) => [run, why])),
  }
}

/** True if measurements are pending: no run, or a round that has neither ended, failed nor been skipped. */
function isOpen({ state, run, rounds }: ConfigAnalysis): boolean {
  if (state === 'recorded') return false
  return run === undefined || rounds.ended + rounds.failed + rounds.skipped < rounds.planned
}

/** The time at which the last used trial ended or, without trials, the newest date of recorded figures. */
function creationOf(analysis: Analysis): string | undefined {
  const dates = analysis.configs.flatMap(({ config }) =>
    config.kind === 'recorded' ? [config.date] : [],
  )
  return analysis.period?.to ?? dates.sort().at(-1)
}

function lockedConfig(
  { config, state, run, trials, figures, facts, otherModels }: ConfigAnalysis,
  settings: LockedConfig['settings'],
  claimed: ReadonlySet<string>,
): LockedConfig {
  const conditions =
    trials.length === 0 ? undefined : measuredOn({ facts, ...(otherModels && { otherModels }) })
  return {
    label: config.label,
    measurementDigest: config.measurementDigest,
    state,
    ...(run !== undefined && { run }),
    settings,
    results: Object.fromEntries(trials.map((trial) => [trial.file, trial.digest])),
    figures: storedFigures(
      [...figures].flatMap(([metric, { value }]) => (value === undefined ? [] : [[metric, value]])),
      claimed,
    ),
    ...(conditions !== undefined && { measuredOn: conditions }),
  }
}

/**
 * The rounded figures of headline metrics and of metrics that claims name. No others are stored, so that a new metric
 * changes no lock.
 */
function storedFigures(
  figures: Iterable<readonly [metric: string, value: number]>,
  claimed: ReadonlySet<string>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...figures]
      .filter(([metric]) => isHeadline(metric) || claimed.has(metric))
      .map(([metric, value]) => [metric, significant(value)]),
  )
}

function lockedFloor(
  { run, config, byMetric }: NoiseFloor,
  { configs }: Experiment,
  results: Readonly<Record<string, string>>,
  claimed: ReadonlySet<string>,
): NonNullable<Lock['floor']> {
  return {
    run,
    config: configs.find(({ key }) => key === config)?.label ?? config,
    results,
    byMetric: storedFigures(byMetric, claimed),
  }
}

function lockedObjectives({ objectives }: Experiment): Pick<Lock, 'slo'> {
  if (objectives === undefined) return {}
  return {
    slo: Object.fromEntries(objectives.map(({ metric, threshold }) => [metric, threshold.text])),
  }
}

function lockedClaim(
  { hypothesis, measured, verdict }: HypothesisResult,
  format: LockFormat,
): LockedClaim {
  const { claim, statement } = hypothesis
  return {
    statement,
    kind: claim.kind,
    metric: claim.metric,
    config: claim.config,
    ...(claim.kind !== 'value' && { versus: claim.versus }),
    ...(claim.factor !== undefined && hasObjectives(format) && { factor: claim.factor }),
    ...targetOf(claim),
    ...(measured !== undefined && { measured: significant(measured) }),
    verdict: verdict.code,
  }
}

/** True if a lock holds the same claim with the same verdict. */
export function isSameVerdict(result: HypothesisResult, { claims }: Pick<Lock, 'claims'>): boolean {
  const locked = claims[result.hypothesis.id]
  const parts = ['kind', 'metric', 'config', 'versus', 'target', 'verdict'] as const
  const now = lockedClaim(result, lockFormat)
  return locked !== undefined && parts.every((part) => locked[part] === now[part])
}

function targetOf(claim: Claim): Pick<LockedClaim, 'target' | 'comparator' | 'value'> {
  if (claim.kind === 'same') return { target: claim.text, value: claim.band }
  const { text, comparator, value } = claim.threshold
  return { target: text, comparator, value }
}

function lockedHeadline({ label, metric, value, interval }: HeadlineFigure): HeadlineFigure {
  return {
    label,
    metric,
    ...(value !== undefined && { value: significant(value) }),
    ...(interval && {
      interval: { ...interval, low: significant(interval.low), high: significant(interval.high) },
    }),
  }
}
