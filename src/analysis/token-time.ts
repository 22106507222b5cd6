/** The time that a server takes for one output token, and how it changes over a trial. */
import { seriesTrend, type Trend } from '../stats/trend.ts'
import {
  largest,
  mean,
  rowsWhere,
  smallerOf,
  smallest,
  valuesIn,
  type MeasuredRequests,
} from './measured-requests.ts'

export interface TokenTime {
  /** Mean of the logs of milliseconds per output token. */
  readonly logMs: number
  /** The trend of the log of milliseconds per output token over the trial. */
  readonly trend: Trend
}

/**
 * The time per output token without waiting: the server's decode time or, if the server does not report it, the
 * client's time from the first to the last token. Uses only requests that ran under the full load from start to end:
 * sent after the first request had ended, and ended before the last one was sent. `undefined` if fewer than 4 of these
 * have a known time.
 */
export function tokenTime({ table, ok, sent }: MeasuredRequests): TokenTime | undefined {
  const [sentAt, endAt] = [table.numbers('sentMs'), table.numbers('endMs')]
  const firstEnd = smallest(valuesIn(sent, endAt), Infinity)
  const lastSent = largest(valuesIn(sent, sentAt), -Infinity)
  const loaded = rowsWhere(
    ok,
    (row) => (sentAt[row] ?? NaN) >= firstEnd && (endAt[row] ?? NaN) <= lastSent,
  )
  const times = valuesIn(loaded, logTokenTimes(table))
  const trend = seriesTrend(times)
  return trend && { logMs: mean(times), trend }
}

/** The logarithm of the time per output token of each row; `NaN` if it is unknown. */
function logTokenTimes(table: MeasuredRequests['table']): Float64Array {
  const [tokens, endAt] = [table.numbers('outputTokens'), table.numbers('endMs')]
  const firstAt = smallerOf(table.numbers('firstThinkingMs'), table.numbers('firstContentMs'))
  return table.numbers('evalMs').map((decode, row) => {
    const [count = NaN, streamed] = [tokens[row], (endAt[row] ?? NaN) - (firstAt[row] ?? NaN)]
    const ms = Number.isNaN(decode) ? streamed / (count - 1) : decode / count
    return ms > 0 && ms < Infinity ? Math.log(ms) : NaN
  })
}
