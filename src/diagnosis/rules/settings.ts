/** Which settings of each config change nothing, and why: what rules about settings have in common. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import type { RuleResult, Unchecked } from '../diagnosis.ts'
import { effectiveVariablesOf } from '../config-facts.ts'
import type { Cause } from '../cause.ts'

/** All configs of an experiment, in the file's order. Undefined where none of them sets anything that is meant. */
export type SettingRule = (configs: readonly ConfigAnalysis[]) => RuleResult

export interface SetVariable {
  readonly side: ConfigAnalysis
  readonly name: string
  readonly value: string
  /** The config that it inherits from, where that is one of the experiment. */
  readonly base?: ConfigAnalysis
}

/** What each config sets otherwise than the one it inherits from; what it merely inherits was said there. */
export function ownVariables(configs: readonly ConfigAnalysis[]): readonly SetVariable[] {
  return configs.flatMap((side) => {
    const base = configs.find(({ config }) => config.key === side.config.from)
    return Object.entries(side.config.env)
      .filter(([name, value]) => base?.config.env[name] !== value)
      .map(([name, value]) => ({ side, name, value, ...(base === undefined ? {} : { base }) }))
  })
}

/** The log is missing of each config that has results and no log; undefined where there is none of them. */
export function unlogged(cause: Cause, variables: readonly SetVariable[]): Unchecked | undefined {
  const dark = keysOf(
    variables.filter(
      ({ side }) => side.state !== 'pending' && effectiveVariablesOf(side) === undefined,
    ),
  )
  if (dark.length === 0) return undefined
  const missing = dark.map((config) => ({ config, fact: 'serverConfig' as const }))
  return { outcome: 'unchecked', cause, missing }
}

export function keysOf(variables: readonly SetVariable[]): readonly string[] {
  return [...new Set(variables.map(({ side }) => side.config.key))]
}
