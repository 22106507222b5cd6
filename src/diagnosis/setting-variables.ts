/** Finds the environment variables that configs set, for the rules about settings. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { effectiveVariablesOf, keyOf } from './config-facts.ts'
import type { Unchecked } from './rule.ts'

export interface SetVariable {
  readonly side: ConfigAnalysis
  readonly name: string
  readonly value: string
  /** The config that `side` inherits from, if the experiment has it. */
  readonly base?: ConfigAnalysis
}

/** The variables that each config sets differently from the config that it inherits from. */
export function changedVariables(configs: readonly ConfigAnalysis[]): readonly SetVariable[] {
  return configs.flatMap((side) => {
    const base = configs.find((each) => keyOf(each) === side.config.from)
    return Object.entries(side.config.env)
      .filter(([name, value]) => base?.config.env[name] !== value)
      .map(([name, value]) => ({ side, name, value, ...(base === undefined ? {} : { base }) }))
  })
}

/** Reports each config whose results lack the server's log; `undefined` if all have it. */
export function uncheckedWithoutLog(variables: readonly SetVariable[]): Unchecked | undefined {
  const keys = keysOf(
    variables.filter(
      ({ side }) => side.state !== 'pending' && effectiveVariablesOf(side) === undefined,
    ),
  )
  if (keys.length === 0) return undefined
  const missing = keys.map((config) => ({ config, fact: 'serverConfig' as const }))
  return { outcome: 'unchecked', missing }
}

/** Keys of the configs that set these variables, each once. */
export function keysOf(variables: readonly Pick<SetVariable, 'side'>[]): readonly string[] {
  return [...new Set(variables.map(({ side }) => keyOf(side)))]
}
