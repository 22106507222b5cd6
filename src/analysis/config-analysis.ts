/** Analyses one config: its state, its figures, the facts about its servers and its audits. */
import type { Config } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { ConfigAnalysis, ConfigState } from './analysis.ts'
import { type ConfigAudit, isFinding } from './audits/audit.ts'
import { measuredAudits, withAuditDoubts } from './audits/config-audits.ts'
import { recordedAudits } from './audits/recorded-audits.ts'
import { cutShort } from './audits/cut-short.ts'
import { configFigure, endedOf } from './config-figures.ts'
import { factsOf } from './server-facts.ts'
import type { TrialSummary } from './trial-summary.ts'

export interface ConfigTrials {
  readonly run?: string | undefined
  /** The trials of that run, one for each round. */
  readonly trials: readonly TrialSummary[]
  /** Number of rounds that the run should have. */
  readonly planned: number
}

export function analyseConfig(
  config: Config,
  { run, trials, planned }: ConfigTrials,
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
  }
  const ended = endedOf(trials)
  return {
    config,
    state: stateOf(config, rounds),
    ...(run === undefined ? {} : { run }),
    trials,
    rounds,
    figures: new Map(metrics.map((metric) => [metric.id, configFigure(metric, config, trials)])),
    facts: factsOf(ended.length > 0 ? ended : trials),
    audits: [],
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
 */
export function withAudits(
  analysis: ConfigAnalysis,
  base: ConfigAnalysis | undefined,
): ConfigAnalysis {
  const audits = auditsOf(analysis, base)
  const findings = audits.filter(({ outcome }) => isFinding(outcome))
  const figures = [...analysis.figures].map(
    ([id, figure]) => [id, withAuditDoubts(figure, findings)] as const,
  )
  return { ...analysis, audits, figures: new Map(figures) }
}

function auditsOf(
  { config, trials }: ConfigAnalysis,
  base: ConfigAnalysis | undefined,
): readonly ConfigAudit[] {
  if (config.kind === 'recorded') {
    const from = base?.config.key === config.from ? base?.config : undefined
    const audits = recordedAudits(config, from?.kind === 'recorded' ? from : undefined)
    return audits.map((audit) => ({ ...audit, checked: 0, found: 0, rounds: [] }))
  }
  const ended = endedOf(trials)
  const other = base && { key: base.config.key, ended: endedOf(base.trials) }
  const cut = cutShort({ key: config.key, ended }, other)
  return [...measuredAudits(ended), ...(cut === undefined ? [] : [cut])]
}
