/** Rules for names of configs: `from`, `versus`, `baseline` and claims name existing configs; `from` has no cycle. */
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
            message: `no config is named ${quoted(name)}`,
            hint: didYouMean(name, configKeys, 'write a key of `configs`'),
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
    const cycle = cycleFrom(key, (name) => configs.get(name)?.from)
    // Report each cycle once, at its first config in the file.
    if (cycle === undefined || first(configs.keys(), cycle) !== key) return []
    return [
      source.problem(['configs', key, 'from'], {
        code: 'from-cycle',
        message:
          cycle.length === 1
            ? `${quoted(key)} inherits from itself`
            : `${quoted([key, ...cycle].join(' → '))} is a cycle`,
        hint: 'remove one `from`: a chain must end at a config that does not inherit',
      }),
    ]
  })

/** The keys from the parent of `key` back to `key` itself; undefined if the chain does not return to it. */
function cycleFrom(key: string, next: (name: string) => string | undefined) {
  const visited: string[] = []
  for (let name = next(key); name !== undefined && !visited.includes(name); name = next(name)) {
    visited.push(name)
    if (name === key) return visited
  }
  return undefined
}

function first(keys: Iterable<string>, among: readonly string[]): string | undefined {
  return [...keys].find((key) => among.includes(key))
}
