/** Rules for the search for a capacity. */
import { quoted } from '../../errors/quote.ts'
import { metricById } from '../../metrics/catalog.ts'
import { asRecord, type Draft, type FileRule } from '../draft.ts'
import { levelOf } from '../levels/written-search.ts'
import type { ProblemDetails } from '../problem.ts'
import type { Path } from '../source/source.ts'

type FoundProblem = ProblemDetails & { readonly path: Path; readonly part?: 'key' }

/** A search has levels and objectives, and nothing else in the file names levels or chooses when to stop. */
export const capacitySearches: FileRule = ({ draft }) =>
  [...levelProblems(draft), ...otherKeys(draft), ...claims(draft)].map(
    ({ path, part, ...details }) => draft.source.problem(path, details, part),
  )

function levelProblems({ source, top: { capacity } }: Draft): readonly FoundProblem[] {
  if (capacity === undefined) return []
  const { of, upTo } = capacity
  const highest = levelOf(upTo, of)
  if (highest === undefined)
    return [
      {
        path: ['capacity', 'upTo'],
        code: 'wrong-value',
        message: `${quoted(String(upTo))} is no ${of === 'users' ? 'number of users' : 'rate'}`,
        hint: of === 'users' ? 'write a whole number, such as `64`' : 'write a rate: `16/s`',
      },
    ]
  const begins = asRecord(asRecord(asRecord(source.value)['workload'])['load'])[of]
  if (begins === undefined)
    return [
      {
        path: ['capacity', 'of'],
        code: 'wrong-value',
        message: `the load of the workload has no \`${of}\` to begin with`,
        hint: of === 'users' ? 'write `users: 1` there, or `of: rate`' : 'write `rate: 1/s` there',
      },
    ]
  const first = levelOf(begins, of)
  if (first === undefined || first < highest) return []
  return [
    {
      path: ['capacity', 'upTo'],
      code: 'wrong-value',
      message: `${quoted(String(upTo))} is not above the load of the workload, ${quoted(typeof begins === 'string' ? begins : String(first))}`,
      hint: `write a higher level, or a lower \`${of}\` there`,
    },
  ]
}

function otherKeys({ source, top, search, series = [] }: Draft): readonly FoundProblem[] {
  if (top.capacity === undefined) return []
  const needsObjectives: readonly FoundProblem[] =
    top.slo === undefined
      ? [
          {
            path: ['capacity'],
            part: 'key',
            code: 'no-figure',
            message: 'a capacity needs objectives, and the file states none',
            hint: 'add objectives at the top: `slo: {latencyP95: "<= 2s"}`',
          },
        ]
      : []
  const superfluous = (['vary', 'tune', 'until', 'baseline'] as const).flatMap(
    (key): FoundProblem[] =>
      source.has([key])
        ? [
            {
              path: [key],
              part: 'key',
              code: 'wrong-value',
              message: `a search for the capacity has no \`${key}\`: only the search knows which levels are measured`,
              hint: `remove \`${key}\` or \`capacity\``,
            },
          ]
        : [],
  )
  const unsearched: readonly FoundProblem[] =
    search !== undefined && series.length === 0
      ? [
          {
            path: ['capacity'],
            part: 'key',
            code: 'wrong-value',
            message: 'each config has a load of its own, so that none is left to search',
            hint: `remove their \`${search.of}\`, or \`capacity\``,
          },
        ]
      : []
  return [...needsObjectives, ...superfluous, ...unsearched]
}

/** Only a capacity can be claimed, because the measured levels are not known beforehand. */
function claims({ top, hypotheses }: Draft): readonly FoundProblem[] {
  if (top.capacity === undefined) return []
  return [...hypotheses].flatMap(([index, { claim }]): FoundProblem[] =>
    metricById(claim.metric)?.family === 'capacity'
      ? []
      : [
          {
            path: ['hypotheses', index, 'claim', 'metric'],
            code: 'no-figure',
            message: `in a search for the capacity, nothing but the capacity can be claimed`,
            hint: `write \`metric: ${top.capacity?.of === 'rate' ? 'rateCapacity' : 'capacity'}\``,
          },
        ],
  )
}
