/** The audits of a config over its trials, and the doubts about figures that follow from their findings. */
import type { Metric, MetricId } from '../../metrics/catalog.ts'
import type { MetricFamily } from '../../metrics/metric.ts'
import type { ConfigAnalysis } from '../analysis.ts'
import type { Doubt, Figure } from '../figure.ts'
import type { TrialSummary } from '../trial-summary.ts'
import {
  auditIds,
  auditOutcomes,
  isFinding,
  type AuditedRound,
  type AuditId,
  type ConfigAudit,
} from './audit.ts'

/** The audits of a measured config that apply to it, in the order of `auditIds`. */
export function measuredAudits(ended: readonly TrialSummary[]): readonly ConfigAudit[] {
  return auditIds.flatMap((id) => {
    const rounds = ended.flatMap(({ audits, header }) => {
      const audit = audits.find((one) => one.id === id)
      return audit === undefined ? [] : [{ ...audit, round: header.round }]
    })
    return rounds.length === 0 ? [] : [combineRounds(rounds)]
  })
}

function combineRounds(rounds: readonly AuditedRound[]): ConfigAudit {
  const severity = ({ outcome }: AuditedRound) => auditOutcomes.indexOf(outcome)
  const worst = rounds.reduce((one, other) => (severity(other) > severity(one) ? other : one))
  return {
    id: worst.id,
    outcome: worst.outcome,
    numbers: worst.numbers,
    checked: rounds.filter(({ outcome }) => outcome !== 'unchecked').length,
    found: rounds.filter(({ outcome }) => isFinding(outcome)).length,
    rounds,
  }
}

/** The metrics that a finding of an audit concerns, by family and by id. */
interface AuditScope {
  readonly families: readonly MetricFamily[]
  readonly ids?: readonly MetricId[]
  /** If true, a failed audit prevents verdicts on these metrics; otherwise it only adds a doubt. */
  readonly voids: boolean
  /** True if a failure means that figures contradict each other. Then no causes of a difference are sought either. */
  readonly contradiction?: boolean
}

const timedFamilies: readonly MetricFamily[] = ['rate', 'latency', 'firstToken']
const scopes: Readonly<Record<AuditId, AuditScope>> = {
  littlesLaw: {
    families: timedFamilies,
    ids: ['energyPerToken'],
    voids: true,
    contradiction: true,
  },
  turnaround: { families: ['rate'], ids: ['energyPerToken'], voids: true },
  tokenSum: {
    families: [],
    ids: ['throughput', 'outputTokens', 'qps'],
    voids: true,
    contradiction: true,
  },
  counts: {
    families: [...timedFamilies, 'count', 'share', 'stream', 'tokens', 'speed', 'part', 'score'],
    ids: ['energyPerToken'],
    voids: true,
    contradiction: true,
  },
  timeBudget: { families: ['part', 'speed'], voids: true, contradiction: true },
  achievedLoad: { families: timedFamilies, ids: ['energyPerToken'], voids: true },
  clientBound: {
    families: [...timedFamilies, 'stream'],
    ids: ['outside', 'energyPerToken'],
    voids: true,
  },
  drift: { families: [...timedFamilies, 'speed'], voids: false },
  slowMachine: { families: [...timedFamilies, 'speed', 'part'], voids: false },
  coldStart: { families: timedFamilies, ids: ['load'], voids: false },
  cache: { families: timedFamilies, ids: ['prefill', 'prefillSpeed'], voids: false },
  cutShort: { families: [...timedFamilies, 'tokens', 'score'], ids: ['decode'], voids: false },
  sampleSize: { families: [], voids: false },
  effectiveSettings: { families: [], voids: false },
}

function concerns(audit: AuditId, { family, id }: Metric): boolean {
  const { families, ids = [] } = scopes[audit]
  return families.includes(family) || ids.some((metric) => metric === id)
}

/** Adds a doubt to the figure for each finding that concerns it. A figure without a value stays unchanged. */
export function withAuditDoubts(figure: Figure, findings: readonly ConfigAudit[]): Figure {
  if (figure.value === undefined) return figure
  const doubts = findings
    // a warning about late reads adds no doubt: the figures that it concerns have the doubt `timingError`
    .filter(({ id, outcome }) => id !== 'clientBound' || outcome === 'fail')
    .filter(({ id }) => concerns(id, figure.metric))
    .map(({ id, outcome, found, checked, numbers }): Doubt => {
      return {
        code: outcome === 'warn' ? 'auditUnclear' : 'audit',
        details: { ...numbers, audit: id, outcome, found, checked },
      }
    })
  return doubts.length === 0 ? figure : { ...figure, doubts: [...figure.doubts, ...doubts] }
}

/**
 * The first failed audit, of trials or of recorded figures, that prevents a verdict on this metric.
 * @param forCauses true to leave out audits that a cause can explain, such as a late load generator
 */
export function voidingAudit(
  metric: Metric,
  { audits }: ConfigAnalysis,
  forCauses = false,
): AuditId | undefined {
  return audits.find(
    ({ id, outcome }) =>
      outcome === 'fail' &&
      scopes[id].voids &&
      (!forCauses || scopes[id].contradiction === true) &&
      concerns(id, metric),
  )?.id
}
