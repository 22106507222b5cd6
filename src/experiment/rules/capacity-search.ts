/** Rules for the search for a capacity. */
import { quoted } from '../../errors/quote.ts'
import { metricById } from '../../metrics/catalog.ts'
import { asRecord, type Draft, type FileRule } from '../draft.ts'
import { levelOf } from '../levels/written-search.ts'
import type { ProblemDetails } from '../problem.ts'
import type { Path } from '../source/source.ts'

type FoundProblem = ProblemDetails & { readonly path: Path; readonly part?: 'key' }

/**
 * A file with a search states its levels and objectives. No other key of the file may name levels or decide when to
 * stop.
 */
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
        message: `${quoted(String(upTo))} is not a ${of === 'users' ? 'number of users' : 'rate'}`,
        hint: of === 'users' ? 'write a whole number, such as `64`' : 'write a rate: `16/s`',
      },
    ]
  const writtenStart = asRecord(asRecord(asRecord(source.value)['workload'])['load'])[of]
  if (writtenStart === undefined)
    return [
      {
        path: ['capacity', 'of'],
        code: 'wrong-value',
        message: `the load of the workload has no \`${of}\` to begin with`,
        hint: of === 'users' ? 'write `users: 1` there, or `of: rate`' : 'write `rate: 1/s` there',
      },
    ]
  const first = levelOf(writtenStart, of)
  if (first === undefined || first < highest) return []
  return [
    {
      path: ['capacity', 'upTo'],
      code: 'wrong-value',
      message: `${quoted(String(upTo))} is not above the load of the workload, ${quoted(typeof writtenStart === 'string' ? writtenStart : String(first))}`,
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
  const forbidden = (['vary', 'tune', 'until', 'baseline'] as const).flatMap(
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
  const nothingToSearch: readonly FoundProblem[] =
    search !== undefined && series.length === 0
      ? [
          {
            path: ['capacity'],
            part: 'key',
            code: 'wrong-value',
            message: 'each config has its own load, so there is nothing to search',
            hint: `remove their \`${search.of}\`, or \`capacity\``,
          },
        ]
      : []
  return [...needsObjectives, ...forbidden, ...nothingToSearch]
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
