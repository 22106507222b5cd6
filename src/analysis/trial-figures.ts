/** Every metric of one trial, each by its definition in the catalogue. */
import { metricById } from '../metrics/catalog.ts'
import type { StoredTrial } from '../results/stored-trial.ts'
import { quantiles } from '../stats/quantile.ts'
import type { Absence } from './figure.ts'
import { latencyPartIds } from './latency-parts.ts'
import {
  largest,
  smallerOf,
  mean,
  rowsWhere,
  spansIn,
  sum,
  sumIn,
  valuesIn,
  type MeasuredRequests,
} from './measured-requests.ts'
import type { MeasuredTrial } from './measured-trial.ts'
import type { TrialFigure } from './trial-summary.ts'

type Figures = readonly (readonly [id: string, figure: TrialFigure])[]

/** Scores are not among them: they belong to samples, not to requests. */
export function trialFigures(
  trial: StoredTrial,
  measured: MeasuredTrial,
): ReadonlyMap<string, TrialFigure> {
  if (trial.window === undefined) return new Map()
  const windowMs = trial.window.closeMs - trial.window.openMs
  const nothing: Absence =
    measured.ok.length === 0 ? { code: 'none-ok', windowMs } : { code: 'no-evidence' }
  return new Map([
    ...rates(trial.window, measured),
    ...load(trial, measured, windowMs),
    ...counts(measured),
    ...latencies(measured, nothing),
    ...stream(measured, nothing),
    ...tokens(measured, nothing),
    ...speeds(measured, nothing),
    ...parts(measured, nothing),
    ['gpuShare', gpuShare(trial)],
  ])
}

/** A value, or why there is none. */
function figureOf(value: number, n: number, absence: Absence): TrialFigure {
  return Number.isFinite(value) ? { value, n } : { absence, n }
}

function rates(
  { openMs, closeMs }: NonNullable<StoredTrial['window']>,
  { table, ok }: MeasuredRequests,
): Figures {
  const end = table.numbers('endMs')
  const inside = rowsWhere(ok, (row) => (end[row] ?? NaN) <= closeMs)
  const [windowMs, n] = [closeMs - openMs, inside.length]
  const none: Absence = { code: 'none-ok', windowMs }
  const outputTokens = sumIn(inside, table.numbers('outputTokens'))
  const perSecond = (amount: number) => (n === 0 ? NaN : (amount / windowMs) * 1000)
  return [
    ['qps', figureOf(perSecond(n), n, none)],
    ['throughput', figureOf(perSecond(outputTokens), n, none)],
  ]
}

function load(
  { window }: StoredTrial,
  { table, sent, workload }: MeasuredTrial,
  windowMs: number,
): Figures {
  const planned = workload?.load
  if (planned === undefined) return []
  if (planned.kind !== 'open') return [['users', { value: planned.users, n: sent.length }]]
  const sentAt = table.numbers('sentMs')
  const closeMs = window?.closeMs ?? NaN
  const inside = rowsWhere(sent, (row) => (sentAt[row] ?? NaN) <= closeMs).length
  return [
    ['requestedRate', { value: planned.ratePerSecond, n: sent.length }],
    ['achievedRate', figureOf((inside / windowMs) * 1000, inside, { code: 'no-evidence' })],
  ]
}

function counts({ sent, ok }: MeasuredRequests): Figures {
  const whole = sent.length
  return [
    ['requests', { value: whole, n: whole }],
    [
      'okRate',
      {
        ...figureOf((ok.length / whole) * 100, whole, { code: 'no-evidence' }),
        counts: { part: ok.length, whole },
      },
    ],
  ]
}

function latencies({ table, ok }: MeasuredRequests, nothing: Absence): Figures {
  const [sent, end] = [table.numbers('sentMs'), table.numbers('endMs')]
  const fromSchedule = spansIn(ok, table.numbers('scheduledMs'), end)
  const toContent = spansIn(ok, sent, table.numbers('firstContentMs'))
  return [
    ...distribution('latency', '', spansIn(ok, sent, end), nothing),
    ...(fromSchedule.length === 0
      ? []
      : distribution('latency', 'FromSchedule', fromSchedule, nothing)),
    ...distribution('ttft', '', spansIn(ok, sent, firstTokens({ table })), nothing),
    ...distribution('ttfo', '', toContent, nothing),
  ]
}

function firstTokens({ table }: Pick<MeasuredRequests, 'table'>): Float64Array {
  return smallerOf(table.numbers('firstThinkingMs'), table.numbers('firstContentMs'))
}

function distribution(
  prefix: string,
  suffix: string,
  values: Float64Array,
  nothing: Absence,
): Figures {
  const shares = quantiles(values, [0.5, 0.95, 0.99])
  const statistics = { Mean: mean(values), P50: shares[0], P95: shares[1], P99: shares[2] }
  const n = values.length
  return Object.entries(statistics).map(([name, value = NaN]) => {
    const id = prefix + name + suffix
    const least = metricById(id)?.minSamples ?? 1
    return [
      id,
      n > 0 && n < least
        ? { absence: { code: 'too-few', n, least }, n }
        : figureOf(value, n, nothing),
    ]
  })
}

function stream({ table, ok }: MeasuredRequests, nothing: Absence): Figures {
  const [end, outputTokens] = [table.numbers('endMs'), table.numbers('outputTokens')]
  const firstToken = firstTokens({ table })
  const several = rowsWhere(ok, (row) => (outputTokens[row] ?? NaN) > 1)
  const perToken = valuesIn(
    several,
    firstToken.map((first, row) => ((end[row] ?? NaN) - first) / ((outputTokens[row] ?? NaN) - 1)),
  )
  const gaps = valuesIn(ok, table.numbers('longestGapMs'))
  return [
    [
      'tpot',
      figureOf(
        mean(perToken),
        perToken.length,
        ok.length > 0 && several.length === 0 ? { code: 'one-token' } : nothing,
      ),
    ],
    ['longestGap', figureOf(largest(gaps, -Infinity), gaps.length, nothing)],
  ]
}

function tokens({ table, ok }: MeasuredRequests, nothing: Absence): Figures {
  return (['outputTokens', 'promptTokens'] as const).map((field) => {
    const values = valuesIn(ok, table.numbers(field))
    return [field, figureOf(mean(values), values.length, nothing)]
  })
}

function speeds({ table, ok, workload }: MeasuredTrial, nothing: Absence): Figures {
  const decoded = sumIn(ok, table.numbers('outputTokens'))
  const decodeMs = sumIn(ok, table.numbers('evalMs'))
  const prefillMs = sumIn(ok, table.numbers('promptEvalMs'))
  const prompt = sumIn(ok, table.numbers('promptTokens'))
  const cached = valuesIn(ok, table.numbers('cachedTokens'))
  // A server that names hits leaves zeros out; under a cold cache there is nothing to hit.
  const tellsHits = sum(cached) > 0 || workload?.cache === 'cold'
  return [
    ['decodeSpeed', figureOf((decoded / decodeMs) * 1000, ok.length, nothing)],
    [
      'prefillSpeed',
      figureOf(
        tellsHits ? ((prompt - sum(cached)) / prefillMs) * 1000 : NaN,
        ok.length,
        ok.length === 0 || tellsHits ? nothing : { code: 'cache-unknown' },
      ),
    ],
  ]
}

function parts({ parts, ok }: MeasuredTrial, nothing: Absence): Figures {
  const { means, violations } = parts
  const absence: Absence = violations > 0 ? { code: 'audit', audit: 'timeBudget' } : nothing
  return latencyPartIds.map((id) => [
    id,
    figureOf(violations > 0 ? NaN : (means?.[id] ?? NaN), ok.length, absence),
  ])
}

function gpuShare({ evidence, requests }: StoredTrial): TrialFigure {
  const seen = evidence.findLast(
    ({ facts }) => typeof facts.vramBytes === 'number' && Number(facts.loadedSizeBytes) > 0,
  )
  const share = (Number(seen?.facts.vramBytes) / Number(seen?.facts.loadedSizeBytes)) * 100
  return figureOf(share, requests.length, { code: 'no-evidence' })
}
