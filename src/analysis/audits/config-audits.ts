/** The audits of a config over its trials, and the figures that its findings put in doubt. */
import type { Metric, MetricFamily } from '../../metrics/metric.ts'
import type { ConfigAnalysis } from '../analysis.ts'
import type { Doubt, Figure } from '../figure.ts'
import type { TrialSummary } from '../trial-summary.ts'
import { auditIds, type Audit, type AuditId, type AuditOutcome } from './audit.ts'

export interface ConfigAudit extends Audit {
  /** The worst of its trials; `numbers` are those of the trial in which it was. */
  readonly outcome: AuditOutcome
  /** Trials that it was checked in, and those of them with a finding. 0 for figures out of a document. */
  readonly checked: number
  readonly found: number
  /** By round; empty for figures out of a document. */
  readonly rounds: readonly AuditedRound[]
}

export interface AuditedRound extends Audit {
  readonly round: number
}

/** Of a measured config, in the order of the catalogue, those that apply. */
export function measuredAudits(ended: readonly TrialSummary[]): readonly ConfigAudit[] {
  return auditIds.flatMap((id) => {
    const rounds = ended.flatMap(({ audits, header }) => {
      const audit = audits.find((one) => one.id === id)
      return audit === undefined ? [] : [{ ...audit, round: header.round }]
    })
    return rounds.length === 0 ? [] : [combineRounds(rounds)]
  })
}

const severity: Readonly<Record<AuditOutcome, number>> = { pass: 0, unchecked: 1, warn: 2, fail: 3 }

function combineRounds(rounds: readonly AuditedRound[]): ConfigAudit {
  const worst = rounds.reduce((one, other) =>
    severity[other.outcome] > severity[one.outcome] ? other : one,
  )
  return {
    id: worst.id,
    outcome: worst.outcome,
    numbers: worst.numbers,
    checked: rounds.filter(({ outcome }) => outcome !== 'unchecked').length,
    found: rounds.filter(({ outcome }) => isFinding(outcome)).length,
    rounds,
  }
}

export function isFinding(outcome: AuditOutcome): boolean {
  return outcome === 'warn' || outcome === 'fail'
}

/** What rests on the sum that an audit checks, by family and by id. */
interface Reach {
  readonly families: readonly MetricFamily[]
  readonly ids?: readonly string[]
  /** A failure leaves no verdict on what it reaches; otherwise it is a doubt. */
  readonly voids: boolean
}

const timed: readonly MetricFamily[] = ['rate', 'latency', 'firstToken']
const reach: Readonly<Record<AuditId, Reach>> = {
  littlesLaw: { families: timed, voids: true },
  tokenSum: { families: [], ids: ['throughput', 'outputTokens', 'qps'], voids: false },
  counts: {
    families: [...timed, 'count', 'share', 'stream', 'tokens', 'speed', 'part', 'score'],
    voids: true,
  },
  timeBudget: { families: ['part', 'speed'], voids: true },
  achievedLoad: { families: timed, voids: true },
  clientBound: { families: [...timed, 'stream'], ids: ['outside'], voids: true },
  drift: { families: [...timed, 'speed'], voids: false },
  coldStart: { families: timed, ids: ['load'], voids: false },
  cache: { families: timed, ids: ['prefill', 'prefillSpeed'], voids: false },
  cutShort: { families: [...timed, 'tokens', 'score'], ids: ['decode'], voids: false },
  sampleSize: { families: [], voids: false },
  effectiveSettings: { families: [], voids: false },
}

function reaches(id: AuditId, { family, id: metric }: Metric): boolean {
  const { families, ids = [] } = reach[id]
  // what the server's GPU holds, and how often it was asked, no clock can put in doubt
  return metric !== 'gpuShare' && (families.includes(family) || ids.includes(metric))
}

/** The figure with a doubt for each of these findings that it rests on. */
export function withAuditDoubts(figure: Figure, findings: readonly ConfigAudit[]): Figure {
  if (figure.value === undefined) return figure
  const doubts = findings
    .filter(({ id }) => reaches(id, figure.metric))
    .map(({ id, outcome, found, checked, numbers }): Doubt => {
      return { code: 'audit', details: { ...numbers, audit: id, outcome, found, checked } }
    })
  return doubts.length === 0 ? figure : { ...figure, doubts: [...figure.doubts, ...doubts] }
}

/** The audit that leaves no verdict on this metric of a measured config, if one does. */
export function voidingAudit(metric: Metric, { audits }: ConfigAnalysis): AuditId | undefined {
  return audits.find(
    ({ id, outcome, rounds }) =>
      outcome === 'fail' && rounds.length > 0 && reach[id].voids && reaches(id, metric),
  )?.id
}
