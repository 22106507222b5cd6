/** Goodput: the requests of a trial that meet the objectives of the file, as a rate and as a share of all requests. */
import type { Objective, Threshold } from '../experiment/threshold.ts'
import { boundedSpan, objectiveMetrics, type RequestSpan } from '../metrics/objectives.ts'
import type { Absence } from './figure.ts'
import { type MeasuredRequests, rowsWhere } from './measured-requests.ts'
import { eventsOf, timesPerToken } from './request-spans.ts'
import type { TrialFigure } from './trial-summary.ts'

interface JudgedRequests extends MeasuredRequests {
  readonly objectives: readonly Objective[]
}

/**
 * The rate of requests that meet the objectives; 0 if requests succeeded, but none meets the objectives.
 * @param rateOf computes the rate of the requests in these rows
 */
export function goodput(
  input: JudgedRequests,
  rateOf: (rows: Uint32Array) => TrialFigure,
): TrialFigure | undefined {
  const meeting = requestsMeeting(input)
  if (meeting === undefined || 'absence' in meeting) return meeting
  const all = rateOf(input.ok)
  if (all.absence !== undefined) return all
  const { value = 0, n } = rateOf(meeting.rows)
  return { value, n }
}

/** The share of all measured requests that meet the objectives. Failed requests do not. */
export function goodputShare(input: JudgedRequests): TrialFigure | undefined {
  const meeting = requestsMeeting(input)
  if (meeting === undefined || 'absence' in meeting) return meeting
  const counts = { part: meeting.rows.length, whole: input.sent.length }
  return { value: (counts.part / counts.whole) * 100, n: counts.whole, counts }
}

type RowsMeetingObjectives =
  { readonly rows: Uint32Array } | { readonly absence: Absence; readonly n: number }

/**
 * The ok requests whose own values are within the bounds of all objectives that bound a request (`boundedSpan`). An
 * objective on the success rate requires only that a request succeeds. `undefined` without objectives; absent if no
 * objective bounds a request, or if the record lacks times that an objective needs.
 */
function requestsMeeting({
  objectives,
  ...measured
}: JudgedRequests): RowsMeetingObjectives | undefined {
  if (objectives.length === 0) return undefined
  const { ok } = measured
  const bounds = objectives.flatMap(({ metric: id, threshold }) => {
    const metric = objectiveMetrics.find((one) => one.id === id)
    const span = metric && boundedSpan(metric)
    return span === undefined ? [] : [{ span, threshold, values: valuesOf(span, measured) }]
  })
  if (bounds.length === 0 && objectives.every(({ metric }) => metric !== 'okRate'))
    return { absence: { code: 'no-request-objective' }, n: 0 }
  const isUnknown = bounds.some(
    ({ span, values }) =>
      alwaysPresent.has(span) && ok.some((row) => Number.isNaN(values[row] ?? NaN)),
  )
  if (isUnknown) return { absence: { code: 'no-evidence' }, n: ok.length }
  const meetsAll = (row: number) =>
    bounds.every(({ span, threshold, values }) => {
      const value = values[row] ?? NaN
      return Number.isNaN(value) ? metWithoutValue.has(span) : meetsThreshold(value, threshold)
    })
  return { rows: rowsWhere(ok, meetsAll) }
}

/** Every ok request has these times. If a record lacks one, it is not known whether the request meets the objective. */
const alwaysPresent: ReadonlySet<RequestSpan> = new Set([
  'latency',
  'latencyFromSchedule',
  'firstToken',
])
/** An answer of one token has no such time, and so meets every objective on it. */
const metWithoutValue: ReadonlySet<RequestSpan> = new Set(['tpot', 'longestGap'])

/** The values of a span, one per row. */
function valuesOf(span: RequestSpan, { table }: MeasuredRequests): Float64Array {
  if (span === 'tpot') return timesPerToken({ table })
  if (span === 'longestGap') return table.numbers('longestGapMs')
  const [from, to] = eventsOf(span, { table })
  return to.map((at, row) => at - (from[row] ?? NaN))
}

/** True if the value, in the unit of the threshold, meets it. */
export function meetsThreshold(
  value: number,
  { comparator, value: bound }: Pick<Threshold, 'comparator' | 'value'>,
): boolean {
  switch (comparator) {
    case '<=':
      return value <= bound
    case '<':
      return value < bound
    case '>=':
      return value >= bound
    case '>':
      return value > bound
  }
}
