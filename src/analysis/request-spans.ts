/** Times from one event of a request to another. */
import { LogHistogram } from '../stats/log-histogram.ts'
import { sorted, thinned } from '../stats/quantile.ts'
import { type MeasuredRequests, rowsWhere, smallerOf, spansIn, sumIn } from './measured-requests.ts'

export type SpanId = 'latency' | 'latencyFromSchedule' | 'firstToken' | 'firstOutput'

/** Times from one event of a request to another in ms, over ok requests that have both. */
export interface Spans {
  readonly values: Float64Array
  /** The same values in ascending order. */
  readonly allAscending: Float64Array
  /** At most `maxSample` of these values, for the summary. */
  readonly ascendingValues: Float64Array
}

/** Enough for a P99: of 2,000 values 20 lie above it. */
const maxSample = 2000
/** For gaps between tokens: fewer, because a histogram has no more detail. */
const maxGapSample = 200

export function requestSpans(measured: MeasuredRequests): Readonly<Record<SpanId, Spans>> {
  const spans = (id: SpanId): Spans => {
    const [from, to] = eventsOf(id, measured)
    const values = spansIn(measured.ok, from, to)
    const ascending = sorted(values)
    return { values, allAscending: ascending, ascendingValues: thinned(ascending, maxSample) }
  }
  return {
    latency: spans('latency'),
    latencyFromSchedule: spans('latencyFromSchedule'),
    firstToken: spans('firstToken'),
    firstOutput: spans('firstOutput'),
  }
}

/** When the first and the last event of the span happened, one time per row; `NaN` if it did not. */
export function eventsOf(
  id: SpanId,
  { table }: Pick<MeasuredRequests, 'table'>,
): readonly [from: Float64Array, to: Float64Array] {
  const [sent, end] = [table.numbers('sentMs'), table.numbers('endMs')]
  switch (id) {
    case 'latency':
      return [sent, end]
    case 'latencyFromSchedule':
      return [table.numbers('scheduledMs'), end]
    case 'firstToken':
      return [sent, firstTokens({ table })]
    case 'firstOutput':
      return [sent, table.numbers('firstContentMs')]
  }
}

/** The time at which the first token of each request arrived, thinking or content. */
function firstTokens({ table }: Pick<MeasuredRequests, 'table'>): Float64Array {
  return smallerOf(table.numbers('firstThinkingMs'), table.numbers('firstContentMs'))
}

/** The time per output token after the first, one per row; `NaN` for answers of one token and if it is not known. */
export function timesPerToken({ table }: Pick<MeasuredRequests, 'table'>): Float64Array {
  const [end, tokens] = [table.numbers('endMs'), table.numbers('outputTokens')]
  return firstTokens({ table }).map((first, row) => {
    const further = (tokens[row] ?? NaN) - 1
    return further > 0 ? ((end[row] ?? NaN) - first) / further : NaN
  })
}

/** The times between two arrivals of tokens, over all ok requests. */
export interface TokenGaps {
  readonly histogram: LogHistogram
  readonly ascendingValues: Float64Array
  /** The mean number of tokens that arrive together. */
  readonly tokensPerArrival: number
}

export function tokenGapsOf({ table, ok }: MeasuredRequests): TokenGaps {
  const histogram = new LogHistogram()
  const streamed = rowsWhere(ok, (row) => table.tokenGaps(row).length > 0)
  for (const row of streamed) histogram.add(table.tokenGaps(row))
  return {
    histogram,
    ascendingValues: histogram.ascending(maxGapSample),
    tokensPerArrival:
      sumIn(streamed, table.numbers('outputTokens')) / (histogram.total + streamed.length),
  }
}
