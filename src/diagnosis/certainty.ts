/** Lowers the certainty of findings whose cost is not proven, or whose figures contradict each other. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { voidingAudit } from '../analysis/audits/config-audits.ts'
import { metricById, type MetricId } from '../metrics/catalog.ts'
import { keyOf } from './config-facts.ts'
import { gapParts } from './gap.ts'
import type { ExplainedPair } from './pairs.ts'
import type { Certainty, Found } from './rule.ts'
import { config, literal, onlyDefined, sharedStatement, type Statement } from './statement.ts'

/**
 * Lowers the certainty of a finding whose cost is not proven: the cause may exist and still cost no time, because the
 * measured difference may be chance.
 */
export function downgradeIfUnproven<Finding extends Found>(
  found: Finding,
  pair: ExplainedPair,
): Finding {
  const { gap, maxCertainty } = pair
  if (maxCertainty === 'possible') {
    if (found.certainty === 'possible') return found
    return withReservation(found, 'possible', sharedStatement('ratio-small', {}))
  }
  if (found.certainty !== 'proven' || isCostProven(found, pair)) return found
  // The report says elsewhere if the whole difference is within noise, was not tested or is not judged.
  const isSaidElsewhere =
    gap !== undefined && (pair.obstacle !== undefined || !(gap.tested && gap.isBeyondNoise))
  return withReservation(
    found,
    'likely',
    isSaidElsewhere ? undefined : sharedStatement('cost-not-proven', {}),
  )
}

/**
 * True if the subject is proven to be slower in a part that the cause may account for or, if it accounts for no part,
 * in total.
 */
function isCostProven({ maxMs }: Found, { gap, maxCertainty }: ExplainedPair): boolean {
  if (gap === undefined) return maxCertainty === 'proven'
  const affected = gapParts.filter((part) => maxMs[part] !== undefined)
  if (affected.length === 0) return maxCertainty === 'proven' && gap.tested
  return affected.some((part) => gap.proven.has(part) && gap.parts[part] > 0)
}

/**
 * Lowers the certainty of a finding about single configs if a failed audit of one of them shows that the figures behind
 * the metric contradict each other.
 */
export function downgradeIfContradicted<Finding extends Found>(
  found: Finding,
  metric: MetricId,
  configs: readonly ConfigAnalysis[],
): Finding {
  const judged = metricById(metric)
  const contradicted = configs
    .filter((each) => found.configs.includes(keyOf(each)))
    .flatMap((each) => {
      const audit = judged && voidingAudit(judged, each, true)
      return audit === undefined ? [] : [{ key: keyOf(each), audit }]
    })
  const [first] = contradicted
  if (found.certainty !== 'proven' || first === undefined) return found
  return withReservation(
    found,
    'likely',
    sharedStatement('check-failed', { config: config(first.key), audit: literal(first.audit) }),
  )
}

function withReservation<Finding extends Found>(
  found: Finding,
  certainty: Certainty,
  reservation: Statement | undefined,
): Finding {
  return { ...found, certainty, reservations: onlyDefined(...found.reservations, reservation) }
}
