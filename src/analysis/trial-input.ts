/** The input of the figures of one trial: its measured requests, and derived values that several metrics need. */
import type { Objective } from '../experiment/threshold.ts'
import type { StoredTrial } from '../results/store.ts'
import type { Absence } from './figure.ts'
import { largest, valuesIn } from './measured-requests.ts'
import type { MeasuredTrial } from './measured-trial.ts'
import {
  requestSpans,
  tokenGapsOf,
  type SpanId,
  type Spans,
  type TokenGaps,
} from './request-spans.ts'
import { shareInside, type TrialWindow } from './trial-window.ts'

/** A measured trial with derived values that several metrics need. */
export interface TrialInput extends MeasuredTrial {
  readonly window: TrialWindow
  readonly evidence: StoredTrial['evidence']
  readonly objectives: readonly Objective[]
  /** The share of each request inside the window, one per row. */
  readonly shares: Float64Array
  /** The reason for absence if no ok request has the values that a figure needs. */
  readonly noData: Absence
  readonly spans: Readonly<Record<SpanId, Spans>>
  readonly tokenGaps: TokenGaps
}

export function inputOf(
  { evidence }: StoredTrial,
  measured: MeasuredTrial,
  window: TrialWindow,
  objectives: readonly Objective[],
): TrialInput {
  const { table, ok, serviceStarts } = measured
  const end = table.numbers('endMs')
  return {
    ...measured,
    window,
    evidence,
    objectives,
    shares: serviceStarts.map((start, row) => shareInside(window, start, end[row] ?? NaN)),
    noData:
      ok.length === 0
        ? { code: 'none-ok', windowMs: watchedMs(measured, window) }
        : { code: 'no-evidence' },
    spans: requestSpans(measured),
    tokenGaps: tokenGapsOf(measured),
  }
}

/**
 * From the first send to the close of the window or, if the load is a number of requests, to the end of the last one.
 */
function watchedMs({ table, sent, workload }: MeasuredTrial, window: TrialWindow): number {
  const { firstSentMs, closeMs } = window
  const ends = workload?.load.kind === 'closed-requests' ? table.numbers('endMs') : undefined
  return (ends === undefined ? closeMs : largest(valuesIn(sent, ends), closeMs)) - firstSentMs
}
