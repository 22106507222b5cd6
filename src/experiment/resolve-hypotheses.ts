import { metricById } from '../metrics/catalog.ts'
import type { Claim, Hypothesis, Threshold } from './experiment.ts'
import { parseAmount } from './quantity.ts'
import { known } from './resolve-workload.ts'
import { kindsOf, versusOf } from './rules/claims.ts'
import type { Checked } from './rules/rule.ts'
import { claimAmount, parseThreshold } from './threshold.ts'
import type { ClaimKind } from './threshold.ts'
import type { WrittenClaim } from './written-experiment.ts'

/** The hypotheses of a file without errors, in its order. */
export function resolveHypotheses(checked: Checked): readonly Hypothesis[] {
  return [...checked.draft.hypotheses].map(([index, { id, statement, claim, gate }]) => ({
    id: id ?? `H${index + 1}`,
    statement,
    claim: resolveClaim(checked, claim),
    gate: gate ?? false,
  }))
}

function resolveClaim(checked: Checked, claim: WrittenClaim): Claim {
  const { metric, config } = claim
  const [kind = 'value'] = kindsOf(claim)
  const written = claim[kind] ?? ''
  if (kind === 'value')
    return { metric, config, kind, threshold: thresholdOf(written, kind, metric) }
  const versus = versusOf(checked, claim) ?? config
  if (kind === 'same')
    return { metric, config, kind, versus, text: written, band: bandOf(written, metric) }
  return { metric, config, kind, versus, threshold: thresholdOf(written, kind, metric) }
}

function thresholdOf(text: string, kind: ClaimKind, metric: string): Threshold {
  const { comparator, amount } = known(parseThreshold(text))
  return { comparator, value: known(claimAmount(amount, kind, metricNamed(metric))), text }
}

function bandOf(text: string, metric: string): number {
  return Math.abs(known(claimAmount(known(parseAmount(text)), 'same', metricNamed(metric))))
}

function metricNamed(id: string) {
  const metric = metricById(id)
  if (metric === undefined) throw new TypeError(`no metric ${id}`)
  return metric
}
