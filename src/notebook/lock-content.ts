/** Builds the part of a lock that depends on the experiment and its results only, not on the version or rendered files. */
import type {
  Analysis,
  ConfigAnalysis,
  HypothesisResult,
  NoiseFloor,
} from '../analysis/analysis.ts'
import { plannedRounds } from '../analysis/config-analysis.ts'
import { figureMethod } from '../analysis/trial-figures.ts'
import type { Claim, Config, Experiment, Load, Workload } from '../experiment/experiment.ts'
import { Redactor } from '../results/redact.ts'
import { headlineFigures } from '../report/versions.ts'
import type { DroppedRun, HeadlineFigure } from '../report/report-input.ts'
import {
  isHeadline,
  lockFormat,
  significant,
  digestOf,
  type Lock,
  type LockedClaim,
  type LockedConfig,
} from './lock.ts'
import { measuredOn } from './measured-on.ts'
import type { StoredResults } from './stored-results.ts'

export type LockContent = Omit<
  Lock,
  'version' | 'previous' | 'answer' | 'unwritten' | 'carried' | 'files' | 'frozen'
>

export function lockContent(
  experiment: Experiment,
  analysis: Analysis,
  dropped: readonly DroppedRun[],
  { floorResults, earlierResults }: Pick<StoredResults, 'floorResults' | 'earlierResults'>,
): LockContent {
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
      analysis.configs.map((one) => [one.config.key, lockedConfig(one, claimed)]),
    ),
    claims: Object.fromEntries(
      analysis.hypotheses.map((one) => [one.hypothesis.id, lockedClaim(one)]),
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

/** When the last trial in use ended or, without trials, the newest date of the recorded figures. */
function creationOf(analysis: Analysis): string | undefined {
  const dates = analysis.configs.flatMap(({ config }) =>
    config.kind === 'recorded' ? [config.date] : [],
  )
  return analysis.period?.to ?? dates.sort().at(-1)
}

function lockedConfig(
  { config, state, run, trials, figures, facts }: ConfigAnalysis,
  claimed: ReadonlySet<string>,
): LockedConfig {
  const conditions = trials.length === 0 ? undefined : measuredOn(facts)
  return {
    label: config.label,
    measurementDigest: config.measurementDigest,
    state,
    ...(run !== undefined && { run }),
    settings: settingsOf(config),
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

function lockedClaim({ hypothesis, measured, verdict }: HypothesisResult): LockedClaim {
  const { claim, statement } = hypothesis
  return {
    statement,
    kind: claim.kind,
    metric: claim.metric,
    config: claim.config,
    ...(claim.kind !== 'value' && { versus: claim.versus }),
    ...targetOf(claim),
    ...(measured !== undefined && { measured: significant(measured) }),
    verdict: verdict.code,
  }
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

const redactor = new Redactor()

/**
 * A config's settings as a flat list of plain values, so that two versions can be compared setting by setting:
 * `target`, `model`, `env.OLLAMA_NUM_PARALLEL`, `options.num_ctx`, `load`, …. Settings that are not set are absent.
 */
function settingsOf(config: Config): LockedConfig['settings'] {
  const settings: Record<string, unknown> = {
    ...prefixed('env', redactor.values(config.env)),
    ...prefixed('options', config.options),
  }
  if (config.kind === 'recorded')
    Object.assign(settings, {
      source: config.source,
      date: config.date,
      ...prefixed('facts', config.facts?.written ?? {}),
      log: config.log?.digest,
    })
  else {
    const { kind, ...target } = config.target
    const headers = 'headers' in target ? redactor.values(target.headers) : {}
    Object.assign(settings, {
      target: kind,
      ...prefixed('target', { ...target, headers: undefined }),
      ...prefixed('header', headers),
      host: config.host,
      model: config.model.name,
      'model.digest': config.model.digest,
      dataset: config.dataset.name,
      datasetDigest: config.dataset.digest,
      settleMs: config.settleMs === 0 ? undefined : config.settleMs,
      ...workloadSettings(config.workload),
    })
  }
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, settingValue(value)]],
    ),
  )
}

function workloadSettings(workload: Workload): Record<string, unknown> {
  const { load, ...rest } = workload
  return { ...rest, ...loadSettings(load) }
}

function loadSettings({ kind, ...load }: Load): Record<string, unknown> {
  return { load: kind, ...prefixed('load', load) }
}

function prefixed(
  name: string,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]))
}

/** Longer texts are stored as a digest with their length. */
const maxTextLength = 100

function settingValue(value: unknown): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? redactor.text(value) : JSON.stringify(value)
  return text.length <= maxTextLength ? text : `${digestOf(Buffer.from(text))} (${text.length})`
}
