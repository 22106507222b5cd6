/** Rules for claims about the capacity of a config with levels of a load. */
import { alternatives, quoted } from '../../errors/quote.ts'
import { metricById } from '../../metrics/catalog.ts'
import type { Draft, FileRule } from '../draft.ts'
import type { Problem, ProblemDetails } from '../problem.ts'
import { kindsOf } from '../resolve/resolve-experiment.ts'
import type { WrittenClaim } from '../schema/written-hypothesis.ts'
import type { Path } from '../source/source.ts'
import { isRead } from '../values/reading.ts'
import { claimAmount, parseThreshold } from '../values/threshold.ts'

/**
 * A claim about a capacity needs a config with levels, the metric for these levels, objectives, and a value that is a
 * measured level.
 */
export const capacityClaims: FileRule = ({ draft }) => {
  const { source, top, hypotheses } = draft
  const notOfSingleConfig = (path: Path, id: string): readonly Problem[] =>
    metricById(id)?.family === 'capacity'
      ? [
          source.problem(path, {
            code: 'no-figure',
            message: `no single config has a ${quoted(id)}: it is found from several levels of a load`,
            hint: 'remove it: the report shows the capacity of each config with levels',
          }),
        ]
      : []
  return [
    ...(top.until === undefined ? [] : notOfSingleConfig(['until', 'metric'], top.until.metric)),
    ...(top.show ?? []).flatMap((id, index) => notOfSingleConfig(['show', index], id)),
    ...[...hypotheses].flatMap(([index, { claim }]) => {
      const found = problemOf(draft, claim)
      if (found === undefined) return []
      const { key, ...details } = found
      return [source.problem(['hypotheses', index, 'claim', key], details)]
    }),
  ]
}

function problemOf(
  { top, series = [] }: Draft,
  claim: WrittenClaim,
): (ProblemDetails & { readonly key: 'metric' | 'config' | 'value' }) | undefined {
  const metric = metricById(claim.metric)
  if (metric?.family !== 'capacity') return undefined
  const own = series.find(({ key }) => key === claim.config)
  const names = series.map(({ key }) => key)
  if (own === undefined)
    return {
      key: 'config',
      code: 'no-figure',
      message: `${quoted(claim.config)} is not measured at several levels of its load, so that it has no capacity`,
      hint:
        names.length === 0
          ? 'write the levels to measure: `load: {users: [1, 2, 4, 8], duration: 20s}`'
          : `name a config with levels: ${alternatives(names)}`,
    }
  const right = own.of === 'users' ? 'capacity' : 'rateCapacity'
  if (claim.metric !== right)
    return {
      key: 'metric',
      code: 'no-figure',
      message: `the levels of ${quoted(own.key)} are ${own.of === 'users' ? 'users' : 'rates'}`,
      hint: `write \`metric: ${right}\``,
    }
  if (top.slo === undefined)
    return {
      key: 'metric',
      code: 'no-figure',
      message: 'a capacity needs objectives, and the file states none',
      hint: 'add objectives at the top: `slo: {latencyP95: "<= 2s"}`',
    }
  if (kindsOf(claim)[0] !== 'value') return undefined
  const threshold = parseThreshold(claim.value ?? '')
  const amount = isRead(threshold) && claimAmount(threshold.value.amount, 'value', metric)
  if (amount === false || !isRead(amount)) return undefined
  const measured = own.levels.map(({ value }) => String(value))
  return measured.includes(String(amount.value))
    ? undefined
    : {
        key: 'value',
        code: 'wrong-value',
        message: `${quoted(claim.value ?? '')} names a level that is not measured`,
        hint: `name a level of ${quoted(own.key)}, ${alternatives(measured)}, or add it to the list`,
      }
}
