import { metricById } from '../../metrics/catalog.ts'
import type { Claim, Hypothesis, Threshold } from '../experiment.ts'
import { parseAmount } from '../values/amount.ts'
import { readChecked } from './resolve-workload.ts'
import { kindsOf, versusOf } from '../rules/claims.ts'
import type { RuleInput } from '../rules/rule.ts'
import { claimAmount, parseThreshold } from '../values/threshold.ts'
import type { ClaimKind } from '../values/threshold.ts'
import type { WrittenClaim } from '../schema/written-experiment.ts'

/** The hypotheses of a file without errors, in its order. */
export function resolveHypotheses(checked: RuleInput): readonly Hypothesis[] {
  return [...checked.draft.hypotheses].map(([index, { id, statement, claim, gate }]) => ({
    id: id ?? `H${index + 1}`,
    statement,
    claim: resolveClaim(checked, claim),
    gate: gate ?? false,
  }))
}

function resolveClaim(checked: RuleInput, claim: WrittenClaim): Claim {
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
  const { comparator, amount } = readChecked(parseThreshold(text))
  return { comparator, value: readChecked(claimAmount(amount, kind, metricNamed(metric))), text }
}

function bandOf(text: string, metric: string): number {
  return Math.abs(
    readChecked(claimAmount(readChecked(parseAmount(text)), 'same', metricNamed(metric))),
  )
}

function metricNamed(id: string) {
  const metric = metricById(id)
  if (metric === undefined) throw new TypeError(`no metric ${id}`)
  return metric
}
