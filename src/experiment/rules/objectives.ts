/** Rules for objectives (`slo`) and for the metrics that need them. */
import { alternatives, quoted } from '../../errors/quote.ts'
import { metricById } from '../../metrics/catalog.ts'
import { boundedSpan, objectiveMetrics } from '../../metrics/objectives.ts'
import type { FileRule, FileRuleInput } from '../draft.ts'
import type { Problem } from '../problem.ts'
import type { Path } from '../source/source.ts'
import { isRead } from '../values/reading.ts'
import { claimAmount, parseThreshold } from '../values/threshold.ts'
import { hintForMetric } from './claims.ts'

/** Each objective names a metric that can be one, in a suitable unit, and bounds it on its worse side. */
export const objectives: FileRule = (input) =>
  Object.entries(input.draft.top.slo ?? {}).flatMap(([id, written]) =>
    objectiveProblems(input, ['slo', id], id, written),
  )

function objectiveProblems(
  { draft: { source }, configs }: FileRuleInput,
  path: Path,
  id: string,
  written: string,
): readonly Problem[] {
  const metric = objectiveMetrics.find((one) => one.id === id)
  if (metric === undefined) {
    const known = objectiveMetrics.map((one) => one.id)
    const isMetric = metricById(id) !== undefined
    return [
      source.problem(
        path,
        {
          code: 'unknown-metric',
          message: isMetric
            ? `${quoted(id)} cannot be an objective`
            : `no metric is named ${quoted(id)}`,
          hint: isMetric
            ? `write a latency, a time to the first token, a rate or a share, such as ${alternatives(['latencyP95', 'ttftP95', 'okRate'])}`
            : hintForMetric(id, known),
        },
        'key',
      ),
    ]
  }
  const loads = configs.flatMap((one) => (one.kind === 'measured' ? [one.workload.load] : []))
  if (metric.appliesTo === 'open' && loads.length > 0 && loads.every(({ kind }) => kind !== 'open'))
    return [
      source.problem(
        path,
        {
          code: 'no-figure',
          message: `a load of users has no ${quoted(id)}, because nothing schedules its requests`,
          hint: `write ${quoted(id.replace('FromSchedule', ''))}, or a load with a \`rate\``,
        },
        'key',
      ),
    ]
  const reading = parseThreshold(written)
  if (!isRead(reading)) return []
  const { comparator, amount } = reading.value
  const value = claimAmount(amount, 'value', metric)
  if (!isRead(value))
    return [
      source.problem(path, { code: 'unit-mismatch', message: value.message, hint: value.hint }),
    ]
  if (comparator.startsWith('>') === (metric.direction === 'higher')) return []
  const side = metric.direction === 'higher' ? '>=' : '<='
  return [
    source.problem(path, {
      code: 'wrong-value',
      message: `${quoted(written)} is not an objective: a ${metric.direction} ${quoted(id)} is better`,
      hint: `write \`"${side} ${written.replace(/^[<>=≤≥≦≧\s]+/, '')}"\``,
    }),
  ]
}

/** Goodput needs an objective that a request can meet. */
export const neededObjectives: FileRule = ({ draft: { source, top, hypotheses, configs } }) => {
  const inDocument = (id: string) =>
    [...configs.values()].some(({ recorded }) => Object.hasOwn(recorded?.metrics ?? {}, id))
  const named: readonly (readonly [Path, string])[] = [
    ...[...hypotheses].map(
      ([index, { claim }]) => [['hypotheses', index, 'claim', 'metric'], claim.metric] as const,
    ),
    ...(top.until === undefined ? [] : [[['until', 'metric'], top.until.metric] as const]),
    ...(top.show ?? []).map((id, index) => [['show', index], id] as const),
  ]
  const bounded = Object.keys(top.slo ?? {}).some((id) => {
    const metric = objectiveMetrics.find((one) => one.id === id)
    return metric !== undefined && (boundedSpan(metric) !== undefined || id === 'okRate')
  })
  if (bounded || (top.slo === undefined && source.has(['slo']))) return []
  return named.flatMap(([path, id]) =>
    metricById(id)?.appliesTo !== 'slo' || inDocument(id)
      ? []
      : [
          source.problem(path, {
            code: 'no-figure',
            message: `${quoted(id)} counts the requests that meet the objectives, and the file states none that a request can meet`,
            hint: 'add objectives at the top: `slo: {latencyP95: "<= 2s"}`',
          }),
        ],
  )
}
