/** `from`, `versus`, `baseline` and claims name configs that exist, and `from` does not run in a circle. */
import { didYouMean } from '../../errors/did-you-mean.ts'
import { quoted } from '../../errors/quote.ts'
import type { Rule } from '../draft.ts'
import type { Problem } from '../problem.ts'
import type { Path } from '../source/source.ts'

export const configNames: Rule = ({ draft }) => {
  const { source, configKeys, configs, hypotheses, top } = draft
  const unknown = (path: Path, name: string | undefined): readonly Problem[] =>
    name === undefined || configKeys.includes(name)
      ? []
      : [
          source.problem(path, {
            code: 'unknown-config',
            message: `there is no config ${quoted(name)}`,
            hint: didYouMean(name, configKeys, 'name a key of `configs`'),
          }),
        ]
  return [
    ...unknown(['baseline'], top.baseline),
    ...[...configs].flatMap(([key, { from }]) => unknown(['configs', key, 'from'], from)),
    ...[...hypotheses].flatMap(([index, { claim }]) => [
      ...unknown(['hypotheses', index, 'claim', 'config'], claim.config),
      ...unknown(['hypotheses', index, 'claim', 'versus'], claim.versus),
    ]),
  ]
}

export const fromCycles: Rule = ({ draft: { source, configs } }) =>
  [...configs.keys()].flatMap((key) => {
    const circle = cycleFrom(key, (name) => configs.get(name)?.from)
    // Once a circle, at the one of its configs that comes first in the file.
    if (circle === undefined || first(configs.keys(), circle) !== key) return []
    return [
      source.problem(['configs', key, 'from'], {
        code: 'from-cycle',
        message:
          circle.length === 1
            ? `${quoted(key)} inherits from itself`
            : `${quoted([key, ...circle].join(' → '))} goes round in a circle`,
        hint: 'take out one `from`: somewhere a config must stand by itself',
      }),
    ]
  })

/** The names from the one after `key` round to `key` again; undefined where the way does not lead back to it. */
function cycleFrom(key: string, next: (name: string) => string | undefined) {
  const way: string[] = []
  for (let name = next(key); name !== undefined && !way.includes(name); name = next(name)) {
    way.push(name)
    if (name === key) return way
  }
  return undefined
}

function first(keys: Iterable<string>, among: readonly string[]): string | undefined {
  return [...keys].find((key) => among.includes(key))
}
