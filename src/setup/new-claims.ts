/** The hypotheses of a new experiment: a starting point that its author then edits. */
import type { WrittenHypothesis } from '../experiment/schema/written-hypothesis.ts'
import type { Words } from '../templates/words.ts'
import { hasLevelsOrSearch, type Choices } from './choices.ts'
import type { NewConfig } from './new-configs.ts'
import type { NewGrid } from './new-grid.ts'

/** The check of the example prompts. */
export const exampleCheck = 'category'

/**
 * Claims that compare each other config with the first one. If the experiment has objectives and several levels, also
 * claims about how much load each config can serve.
 */
export function claimsOfConfigs(
  [first, ...others]: readonly [NewConfig, ...NewConfig[]],
  choices: Choices,
  words: Words<'init'>,
): readonly WrittenHypothesis[] {
  const hasCapacity = hasLevelsOrSearch(choices) && Object.keys(choices.objectives).length > 0
  const capacityClaims = hasCapacity
    ? [first, ...others].map((config) => capacityClaim(config, choices, words))
    : []
  // The levels that a search compares are not known beforehand.
  return choices.capacity === undefined
    ? [
        ...capacityClaims,
        ...others.flatMap((config) => claimsOfPair(config, first, choices, words)),
      ]
    : capacityClaims
}

/** If there are several levels, the claims compare the highest one, because load matters most there. */
function claimsOfPair(
  { key, label }: NewConfig,
  base: NewConfig,
  { users, prompts }: Choices,
  words: Words<'init'>,
): readonly WrittenHypothesis[] {
  const most = Math.max(...users)
  const isAtLevel = users.length > 1
  const config = isAtLevel ? `${key}-users-${most}` : key
  const names = { config: label, base: base.label }
  const rate = {
    statement: isAtLevel
      ? words.text('statement.rateAt', { ...names, users: most })
      : words.text('statement.rate', names),
    claim: { metric: 'qps', config, change: '>= 10%' },
  }
  const quality = {
    statement: words.text('statement.quality', names),
    claim: { metric: `score.${exampleCheck}`, config, same: '5pp' },
  }
  return prompts.kind === 'example' ? [rate, quality] : [rate]
}

function capacityClaim(
  { key, label }: NewConfig,
  { users, capacity }: Choices,
  words: Words<'init'>,
): WrittenHypothesis {
  const most = capacity ?? Math.max(...users)
  return {
    statement: words.text('statement.capacity', { config: label, users: most }),
    claim: { metric: 'capacity', config: key, value: `>= ${most} users` },
  }
}

/** A claim about each factor of a grid, between its first and its last level. */
export function claimsOfFactors(
  { factors }: NewGrid,
  words: Words<'init'>,
): readonly WrittenHypothesis[] {
  return factors.map(({ name: factor, values }) => {
    const [from, to] = [String(values[0]), String(values.at(-1))]
    return {
      statement: words.text('statement.factor', { factor, from, to }),
      claim: {
        metric: 'qps',
        factor,
        between: [values[0] ?? from, values.at(-1) ?? to],
        change: '>= 10%',
      },
    }
  })
}
