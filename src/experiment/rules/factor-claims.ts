/** The rule for claims that name a factor of `vary` instead of two configs. */
import { didYouMean } from '../../errors/did-you-mean.ts'
import { quoted } from '../../errors/quote.ts'
import { scorePrefix } from '../../metrics/catalog.ts'
import type { Draft } from '../draft.ts'
import { cellPairOf, type Factor } from '../grid.ts'
import type { Problem, ProblemDetails } from '../problem.ts'
import { kindsOf } from '../resolve/resolve-experiment.ts'
import type { WrittenClaim } from '../schema/written-hypothesis.ts'
import type { Path } from '../source/source.ts'

/** @param path of the claim */
export function factorClaimProblems(
  { source, grid, top }: Draft,
  path: Path,
  claim: WrittenClaim,
): readonly Problem[] {
  const at = (key: string, details: ProblemDetails, part?: 'key') =>
    source.problem([...path, key], details, part)
  const named = (['config', 'versus'] as const).filter((key) => claim[key] !== undefined)
  const factors = top.tune === undefined ? (grid?.factors ?? []) : []
  const factor = factors.find(({ name }) => name === claim.factor)
  return [
    ...named.map((key) =>
      at(
        key,
        {
          code: 'unknown-key',
          message: `a claim about a factor compares its levels, so that it has no ${quoted(key)}`,
          hint: 'remove it, or remove `factor` and `between`',
        },
        'key',
      ),
    ),
    ...(kindsOf(claim)[0] === 'value'
      ? [
          at(
            'value',
            {
              code: 'unknown-key',
              message: 'a claim about a factor compares two levels, so that it has no `value`',
              hint: 'write `change`, `ratio` or `same`; for one cell, write `config`',
            },
            'key',
          ),
        ]
      : []),
    ...(claim.metric.startsWith(scorePrefix)
      ? [
          at('metric', {
            code: 'no-figure',
            message:
              'scores are compared between two configs, sample by sample, not between levels',
            hint: 'name two cells: `config: …, versus: …`',
          }),
        ]
      : []),
    ...(factor === undefined
      ? [at('factor', unknownFactor(claim.factor, factors))]
      : levelProblems(factor, claim.between, at)),
    ...(factor !== undefined && grid !== undefined && hasNoCells(grid, claim)
      ? [at('between', noCells)]
      : []),
  ]
}

const noCells: ProblemDetails = {
  code: 'nothing-to-compare',
  message: 'no combination of the other factors is measured with both levels',
  hint: 'exclude fewer combinations',
}

function hasNoCells(grid: NonNullable<Draft['grid']>, { factor, between }: WrittenClaim): boolean {
  const [from, to] = between ?? []
  const levels = grid.factors.find(({ name }) => name === factor)?.levels ?? []
  const areKnown = [from, to].every((level) => levels.includes(String(level))) && from !== to
  return (
    areKnown &&
    cellPairOf(grid, { name: String(factor), from: String(from), to: String(to) }) === undefined
  )
}

function unknownFactor(name: string | undefined, factors: readonly Factor[]): ProblemDetails {
  const names = factors.map((factor) => factor.name)
  if (name === undefined)
    return {
      code: 'missing-key',
      message: '`between` needs the factor whose levels it names',
      hint: `add \`factor: ${names[0] ?? 'NAME'}\``,
    }
  return {
    code: 'wrong-value',
    message: `${quoted(name)} is not a factor of \`vary\` with at least two levels`,
    hint: didYouMean(
      name,
      names,
      names.length === 0 ? 'add `vary`, or name two configs' : `factors: ${names.join(', ')}`,
    ),
  }
}

function levelProblems(
  { levels, name }: Factor,
  between: WrittenClaim['between'],
  at: (key: string, details: ProblemDetails) => Problem,
): readonly Problem[] {
  const [first = '', second = ''] = levels
  const example = `between: [${first}, ${second}]`
  if (between === undefined)
    return [
      at('factor', {
        code: 'missing-key',
        message: `the claim does not say which levels of ${quoted(name)} it compares`,
        hint: `add \`${example}\`: the second is compared with the first`,
      }),
    ]
  const unknown = between.map(String).find((level) => !levels.includes(level))
  if (unknown !== undefined)
    return [
      at('between', {
        code: 'wrong-value',
        message: `${quoted(unknown)} is not a level of ${quoted(name)}`,
        hint: `write two of: ${levels.join(', ')}`,
      }),
    ]
  return String(between[0]) === String(between[1])
    ? [
        at('between', {
          code: 'self-comparison',
          message: 'a level is compared with itself',
          hint: `name two levels: \`${example}\``,
        }),
      ]
    : []
}
