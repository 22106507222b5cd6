/** Audits whether times are possible, and whether loads and caches disturbed the trial. */
import { largest, sum, sumIn, valuesIn, withoutLaterTurns } from '../measured-requests.ts'
import { minColdLoadMs } from '../request-profile.ts'
import type { MeasuredTrial } from '../measured-trial.ts'
import { passOrFail, unchecked, type Audit } from './audit.ts'

/** Cached tokens of a request up to this number come from the chat template alone. */
export const templateTokens = 16
const cachedTolerancePercent = 5
/** Above this speed-up of prefill, the prompts of repeated samples came from the cache. */
const maxRepeatSpeedup = 5

/** Checks that load + prefill + decode ≤ total ≤ latency for every request. */
export function timeBudget({ parts, ok }: MeasuredTrial): Audit {
  const { means, violations, worstExcessMs } = parts
  if (means === undefined) return unchecked('timeBudget')
  return passOrFail('timeBudget', violations === 0, {
    violations,
    worstExcessMs,
    requests: ok.length,
  })
}

/**
 * Checks that no request of the measured phase waited for the model to be loaded.
 * @param logged loads in the server's log, if it is known
 */
export function coldStart(
  { table, ok, workload }: MeasuredTrial,
  logged: number | undefined,
): Audit | undefined {
  const loads = valuesIn(ok, table.numbers('loadMs'))
  if (ok.length > 0 && loads.length === 0) return unchecked('coldStart')
  const minMs = minColdLoadMs(loads)
  const coldLoads = loads.filter((ms) => ms >= minMs).length
  // The models of a mix may evict each other: such loads belong to the measurement.
  if (workload?.mix !== undefined && logged !== 0) return undefined
  return passOrFail('coldStart', coldLoads === 0, { longestLoadMs: largest(loads, 0), coldLoads })
}

/**
 * For `cache: cold`: checks that no prompt tokens were cached, and that prefill of repeated samples is not much faster.
 * Later turns of a conversation are not checked, because they should find the earlier turns in the cache.
 */
export function cache(measured: MeasuredTrial): Audit | undefined {
  if (measured.workload?.cache !== 'cold') return undefined
  const { table, repeatSpeedup } = measured
  const ok = withoutLaterTurns(measured.ok, table)
  const cached = valuesIn(ok, table.numbers('cachedTokens'))
  const promptTokens = sumIn(ok, table.numbers('promptTokens'))
  if (cached.length === 0 && repeatSpeedup === undefined) return unchecked('cache')
  const cachedPercent = promptTokens === 0 ? 0 : (sum(cached) / promptTokens) * 100
  const hits = sum(cached) > templateTokens * ok.length && cachedPercent > cachedTolerancePercent
  return passOrFail('cache', !hits && (repeatSpeedup ?? 1) <= maxRepeatSpeedup, {
    cachedPercent,
    ...(repeatSpeedup === undefined ? {} : { repeatSpeedup }),
  })
}
