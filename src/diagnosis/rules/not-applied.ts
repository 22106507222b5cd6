/** Variables that did not reach the server: set in another shell, or without a restart. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { isApplied, setByLauncher } from '../../analysis/setting-value.ts'
import { effectiveVariablesOf } from '../config-facts.ts'
import { defineRule, found, ruledOut, type RuleResult } from '../rule.ts'
import {
  keysOf,
  ownVariables,
  uncheckedWithoutLog,
  type SetVariable,
} from '../setting-variables.ts'
import { config, literal, statementOf } from '../statement.ts'

const statements = {
  'setting.not-applied': ['config', 'setting', 'effective'],
  'setting.applied': ['config', 'setting', 'effective'],
} as const
const statement = statementOf(statements)

export const notApplied = defineRule({
  id: 'not-applied',
  references: ['Ollama docs/faq.mdx', 'ollama/ollama#3581'],
  statements,
  next: { instead: 'set the variable where the server is started, and restart it' },
  examineSettings,
})

function examineSettings(configs: readonly ConfigAnalysis[]): RuleResult {
  const requested = ownVariables(configs).filter(({ name }) => !setByLauncher.has(name))
  const variables = requested.flatMap((variable) => {
    const effective = effectiveVariablesOf(variable.side)?.get(variable.name)
    if (effective === undefined) return []
    const applied = isApplied(variable.name, variable.value, effective)
    return applied === undefined ? [] : [{ ...variable, effective, applied }]
  })
  const others = variables.filter(({ applied }) => !applied)
  if (others.length === 0) {
    const withoutLog = uncheckedWithoutLog(requested)
    if (withoutLog !== undefined || variables.length === 0) return withoutLog
    return ruledOut(...variables.map(appliedStatement))
  }
  return found({
    configs: keysOf(others),
    certainty: 'proven',
    evidence: others.map((variable) => statement('setting.not-applied', valuesOf(variable))),
    fixes: others.map(({ side, name, value }) => ({
      code: 'set-where-started',
      config: side.config.key,
      settings: [{ kind: 'variable', name, value }],
    })),
  })
}

type EffectiveVariable = SetVariable & { readonly effective: string }

function appliedStatement(variable: EffectiveVariable) {
  return statement('setting.applied', valuesOf(variable))
}

function valuesOf({ side, name, value, effective }: EffectiveVariable) {
  return {
    config: config(side.config.key),
    setting: literal(`${name}=${value}`),
    effective: literal(effective),
  }
}
