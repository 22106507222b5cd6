/** Analyses one config: its state, its figures, the facts about its servers and its audits. */
import type { Config } from '../experiment/experiment.ts'
import { requestKindsOf } from '../experiment/mix.ts'
import { metricById, type Metric } from '../metrics/catalog.ts'
import type { ConfigAnalysis, ConfigState, ItemAnalysis } from './analysis.ts'
import { type ConfigAudit, isFinding } from './audits/audit.ts'
import { measuredAudits, withAuditDoubts } from './audits/config-audits.ts'
import { recordedAudits } from './audits/recorded-audits.ts'
import { cutShort } from './audits/cut-short.ts'
import { okRateDoubt, withOkRateDoubt } from './ok-rates.ts'
import { drift } from './audits/drift.ts'
import { configFigure, endedOf, measuredFigure } from './config-figures.ts'
import { itemMetrics } from './item-figures.ts'
import type { TrialSummary } from './trial-summary.ts'
import { factsOf, otherModelsOf, statedFacts } from './trial-facts.ts'
import { turnMetrics } from './turn-figures.ts'
import type { TurnAnalysis } from './turn.ts'
import { sum } from './measured-requests.ts'

export interface ConfigTrials {
  readonly run?: string | undefined
  /** The trials of that run, one for each round. */
  readonly trials: readonly TrialSummary[]
  /** Number of rounds that the run should have. */
  readonly planned: number
  /** True if `--rounds` replaced the file's number. */
  readonly roundsOverridden?: boolean | undefined
  /** By run id, the trials of earlier runs of the same definition on the same machine. */
  readonly earlier?: ReadonlyMap<string, readonly TrialSummary[]> | undefined
}

export function analyseConfig(
  config: Config,
  { run, trials, planned, roundsOverridden, earlier }: ConfigTrials,
  metrics: readonly Metric[],
): ConfigAnalysis {
  const count = (outcome: TrialSummary['outcome']) =>
    trials.filter((trial) => trial.outcome === outcome).length
  const rounds = {
    planned: config.kind === 'recorded' ? 0 : planned,
    ended: count('ended'),
    failed: count('failed'),
    skipped: count('skipped'),
    interrupted: count('interrupted'),
    ...(roundsOverridden === true ? { overridden: true as const } : {}),
  }
  const ended = endedOf(trials)
  const figuresOf = (trials: readonly TrialSummary[]) =>
    new Map(metrics.map((metric) => [metric.id, configFigure(metric, config, trials)]))
  return {
    config,
    state: stateOf(config, rounds),
    ...(run === undefined ? {} : { run }),
    trials,
    rounds,
    figures: figuresOf(trials),
    ...(earlier === undefined
      ? {}
      : { earlierRuns: new Map([...earlier].map(([id, trials]) => [id, figuresOf(trials)])) }),
    facts: config.kind === 'recorded' ? statedFacts(config) : factsOf(ended),
    ...otherModelsOf(ended),
    ...itemsOf(config, ended),
    ...turnsOf(ended),
    audits: [],
  }
}

/**
 * The smallest and the largest number of rounds that measured configs planned; the file's number if nothing is
 * measured.
 */
export interface PlannedRounds {
  readonly min: number
  readonly max: number
  /** True if `--rounds` gave another number than the file. */
  readonly overridden: boolean
}

export function plannedRounds(
  configs: readonly ConfigAnalysis[],
  fileRounds: number,
): PlannedRounds {
  const measured = configs.filter(({ trials }) => trials.length > 0)
  const planned = measured.map(({ rounds }) => rounds.planned)
  const numbers = planned.length === 0 ? [fileRounds] : planned
  return {
    min: Math.min(...numbers),
    max: Math.max(...numbers),
    overridden: measured.some(({ rounds }) => rounds.overridden === true),
  }
}

function stateOf(config: Config, rounds: ConfigAnalysis['rounds']): ConfigState {
  if (config.kind === 'recorded') return 'recorded'
  if (rounds.ended > 0) return rounds.ended >= rounds.planned ? 'measured' : 'incomplete'
  return rounds.failed > 0 ? 'failed' : 'pending'
}

/**
 * Adds audits to the config, and a doubt to each figure that a finding concerns.
 * @param base the config it is compared with, if any
 * @param all the configs of the experiment
 */
export function withAudits(
  analysis: ConfigAnalysis,
  base: ConfigAnalysis | undefined,
  all: readonly ConfigAnalysis[],
): ConfigAnalysis {
  const audits = auditsOf(analysis, base, all)
  const findings = audits.filter(({ outcome }) => isFinding(outcome))
  const okRates = okRateDoubt(base, analysis)
  const figures = [...analysis.figures].map(
    ([id, figure]) => [id, withOkRateDoubt(withAuditDoubts(figure, findings), okRates)] as const,
  )
  return { ...analysis, audits, figures: new Map(figures) }
}

function auditsOf(
  { config, run, trials }: ConfigAnalysis,
  base: ConfigAnalysis | undefined,
  all: readonly ConfigAnalysis[],
): readonly ConfigAudit[] {
  if (config.kind === 'recorded') {
    const from = base?.config.key === config.from ? base?.config : undefined
    const audits = recordedAudits(config, from?.kind === 'recorded' ? from : undefined)
    return audits.map((audit) => ({ ...audit, checked: 0, found: 0, rounds: [] }))
  }
  const ended = endedOf(trials)
  const cut = cutShort(
    { config, ended },
    base && { config: base.config, ended: endedOf(base.trials) },
  )
  const sameRun = all.filter((each) => each.run === run).map((each) => endedOf(each.trials))
  const together = [cut, drift(ended, sameRun)].filter((audit) => audit !== undefined)
  return [...measuredAudits(ended), ...together]
}

/**
 * The figures of the items of a mix over all trials of a config.
 * @param ended the trials that ended
 */
function itemsOf(config: Config, ended: readonly TrialSummary[]): Pick<ConfigAnalysis, 'items'> {
  if (config.kind === 'recorded' || ended.length === 0) return {}
  const items = requestKindsOf(config).flatMap(({ item, config: { model } }): ItemAnalysis[] =>
    item === undefined
      ? []
      : [{ name: item, model: model.name, figures: figuresOfItem(item, ended) }],
  )
  return items.length === 0 ? {} : { items }
}

function figuresOfItem(item: string, ended: readonly TrialSummary[]): ItemAnalysis['figures'] {
  const ofItem = ended.map((trial) => ({
    ...trial,
    figures: trial.items?.get(item) ?? new Map<string, never>(),
  }))
  return new Map(
    itemMetrics.flatMap((id) => {
      const metric = metricById(id)
      return metric === undefined ? [] : [[id, measuredFigure(metric, ofItem)] as const]
    }),
  )
}

/**
 * The figures of the turns of conversations over all trials of a config.
 * @param ended the trials that ended
 */
export function turnsOf(ended: readonly TrialSummary[]): Pick<ConfigAnalysis, 'turns'> {
  const numbers = new Set(ended.flatMap(({ turns }) => [...(turns?.keys() ?? [])]))
  if (numbers.size === 0) return {}
  return { turns: [...numbers].toSorted((a, b) => a - b).map((number) => turnOf(number, ended)) }
}

function turnOf(number: number, ended: readonly TrialSummary[]): TurnAnalysis {
  const ofTurn = ended.map((trial) => ({
    ...trial,
    figures: trial.turns?.get(number)?.figures ?? new Map<string, never>(),
  }))
  const figures = new Map(
    turnMetrics.flatMap((id) => {
      const metric = metricById(id)
      return metric === undefined ? [] : [[id, measuredFigure(metric, ofTurn)] as const]
    }),
  )
  const known = ended.flatMap(({ turns }) => turns?.get(number)?.cached ?? [])
  if (known.length === 0) return { number, figures }
  const cached = {
    promptTokens: sum(known.map((each) => each.promptTokens)),
    cachedTokens: sum(known.map((each) => each.cachedTokens)),
    requests: sum(known.map((each) => each.requests)),
  }
  return { number, figures, cached }
}
