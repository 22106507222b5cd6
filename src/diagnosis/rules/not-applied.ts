/** Variables that did not reach the server: set in another shell, or without a restart. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { effectiveVariablesOf, parseNumber } from '../config-facts.ts'
import { parseGoDuration } from '../loads.ts'
import { defineRule, found, ruledOut, type RuleResult } from '../rule.ts'
import {
  keysOf,
  ownVariables,
  uncheckedWithoutLog,
  type SetVariable,
} from '../setting-variables.ts'
import { config, literal, statementOf } from '../statement.ts'

/** `exp` sets these itself when it starts a server, and stores nothing about them. */
const setByExp: readonly string[] = ['OLLAMA_HOST', 'OLLAMA_MODELS']

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
  const requested = ownVariables(configs).filter(isComparable)
  const variables = requested.flatMap((variable) => {
    const effective = effectiveVariablesOf(variable.side)?.get(variable.name)
    return effective === undefined ? [] : [{ ...variable, effective }]
  })
  const others = variables.filter(differs)
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

/** True for numbers and durations: other values can be written in several ways. */
function isComparable({ name, value }: SetVariable): boolean {
  return !setByExp.includes(name) && comparable(name, value) !== undefined
}

function differs({ name, value, effective }: EffectiveVariable): boolean {
  const applied = comparable(name, effective)
  return applied !== undefined && applied !== comparable(name, value)
}

/** A number, or a duration in ms. Negative durations mean forever, which Go prints as 292 years. */
function comparable(name: string, value: string): number | undefined {
  if (!/KEEP_ALIVE|TIMEOUT/.test(name)) return parseNumber(value)
  const duration = parseGoDuration(value)
  const foreverMs = 100 * 365 * 24 * 3_600_000
  return duration !== undefined && (duration < 0 || duration > foreverMs) ? Infinity : duration
}
