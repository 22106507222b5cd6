/** Audits whether times are possible, and whether the server's state stayed the same throughout the trial. */
import type { StoredTrial } from '../../results/store.ts'
import {
  largest,
  orZero,
  sum,
  sumIn,
  valuesIn,
  type MeasuredRequests,
} from '../measured-requests.ts'
import { standingOutMs } from '../load-times.ts'
import type { MeasuredTrial } from '../measured-trial.ts'
import { passOrFail, unchecked, type Audit } from './audit.ts'

const driftTolerancePercent = 10
/** Number of standard errors that a difference due to chance exceeds once in a thousand trials. */
const chanceLimit = 3.29
/** Cached tokens of a request up to this number come from the chat template alone. */
export const templateTokens = 16
const cachedTolerancePercent = 5
/** If prefill of repeated samples is more than this many times shorter, they came from the cache. */
const collapseLimit = 5

/** load + prefill + decode ≤ total ≤ latency, for every request. */
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
 * The token rate of the last third of the window differs from that of the first third by no more than chance. Spreads
 * the tokens of a request evenly over its time, so that the wait for the first answers does not look like drift.
 */
export function drift({ window }: StoredTrial, { table, ok }: MeasuredRequests): Audit {
  if (window === undefined || ok.length === 0) return unchecked('drift')
  const third = (window.closeMs - window.openMs) / 3
  const first = tokensIn(window.openMs, window.openMs + third, { table, ok })
  const last = tokensIn(window.closeMs - third, window.closeMs, { table, ok })
  if (first.tokens === 0) return unchecked('drift')
  const changePercent = (last.tokens / first.tokens - 1) * 100
  const errors = Math.abs(last.tokens - first.tokens) / Math.sqrt(first.variance + last.variance)
  const holds = Math.abs(changePercent) <= driftTolerancePercent || errors <= chanceLimit
  const perSecond = (tokens: number) => (tokens / third) * 1000
  return passOrFail('drift', holds, {
    first: perSecond(first.tokens),
    last: perSecond(last.tokens),
    changePercent,
  })
}

/** Output tokens generated between two times, and the variance of their sum if requests arrive at random. */
function tokensIn(
  from: number,
  to: number,
  { table, ok }: Pick<MeasuredRequests, 'table' | 'ok'>,
): { readonly tokens: number; readonly variance: number } {
  const [sentAt, endAt] = [table.numbers('sentMs'), table.numbers('endMs')]
  const outputTokens = table.numbers('outputTokens')
  let [tokens, variance] = [0, 0]
  for (const row of ok) {
    const [sent, end] = [sentAt[row] ?? NaN, endAt[row] ?? NaN]
    const share = Math.max(0, Math.min(end, to) - Math.max(sent, from)) / (end - sent)
    const output = outputTokens[row] ?? NaN
    if (Number.isNaN(share * output)) continue
    tokens += share * output
    variance += share * output ** 2
  }
  return { tokens, variance }
}

/** No request of the measured phase waited for the model to be loaded. */
export function coldStart({ table, ok }: MeasuredRequests): Audit {
  const loads = valuesIn(ok, orZero(table.numbers('loadMs')))
  const minMs = standingOutMs(loads)
  const coldLoads = loads.filter((ms) => ms >= minMs).length
  return passOrFail('coldStart', coldLoads === 0, { longestLoadMs: largest(loads, 0), coldLoads })
}

/** Under `cache: cold`, no prompt tokens were cached, and prefill of a repeated sample takes as long as the first time. */
export function cache(measured: MeasuredTrial): Audit | undefined {
  if (measured.workload?.cache !== 'cold') return undefined
  const { table, ok, prefillCollapse: collapse } = measured
  const cached = valuesIn(ok, table.numbers('cachedTokens'))
  const promptTokens = sumIn(ok, table.numbers('promptTokens'))
  if (cached.length === 0 && collapse === undefined) return unchecked('cache')
  const cachedPercent = promptTokens === 0 ? 0 : (sum(cached) / promptTokens) * 100
  const hits = sum(cached) > templateTokens * ok.length && cachedPercent > cachedTolerancePercent
  return passOrFail('cache', !hits && (collapse ?? 1) <= collapseLimit, {
    cachedPercent,
    ...(collapse === undefined ? {} : { collapse }),
  })
}
