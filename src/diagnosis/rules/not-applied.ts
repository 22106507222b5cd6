/**
 * Settings that are not in effect: variables that did not reach the server (set in another shell, or without a
 * restart), and settings that the server read but does not follow, because the model or the device does not allow them.
 */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import {
  effectiveSetting,
  isApplied,
  isForever,
  setByLauncher,
} from '../../analysis/setting-value.ts'
import { effectiveVariablesOf, factOf, keyOf, numberOf, warningsOf } from '../config-facts.ts'
import type { Fix } from '../fix.ts'
import { defineRule, found, ruledOut, type RuleResult } from '../rule.ts'
import {
  keysOf,
  changedVariables,
  uncheckedWithoutLog,
  type SetVariable,
} from '../setting-variables.ts'
import { config, literal, never, statementOf, tokens, type Statement } from '../statement.ts'

const statements = {
  'setting.not-applied': ['config', 'setting', 'effective'],
  'setting.not-followed': ['config', 'setting', 'effective'],
  'setting.context-too-large': ['config', 'setting', 'context'],
  'setting.flash-attention-unsupported': ['config', 'setting'],
  'setting.cache-type-ignored': ['config', 'setting'],
  'setting.no-parallel-requests': ['config', 'setting'],
  'setting.applied': ['config', 'setting', 'effective'],
  'setting.in-effect': ['config', 'setting', 'effective'],
} as const
const statement = statementOf(statements)

export const notApplied = defineRule({
  id: 'not-applied',
  references: ['Ollama docs/faq.mdx', 'ollama/ollama#3581', 'Ollama llm/server.go'],
  statements,
  next: { instead: 'set the variable where the server is started, and restart it' },
  examineSettings,
})

function examineSettings(configs: readonly ConfigAnalysis[]): RuleResult {
  const variables = changedVariables(configs).filter(({ name }) => !setByLauncher.has(name))
  const checks = [
    ...variables.flatMap((variable) => checkVariable(variable) ?? []),
    ...configs.flatMap((side) => checkContextOption(side, configs) ?? []),
  ]
  const notInEffect = checks.filter(({ inEffect }) => !inEffect)
  if (notInEffect.length === 0) {
    const withoutLog = uncheckedWithoutLog(variables)
    if (withoutLog !== undefined || checks.length === 0) return withoutLog
    return ruledOut(...checks.map((check) => check.statement))
  }
  return found({
    configs: keysOf(notInEffect),
    certainty: 'proven',
    evidence: notInEffect.map((check) => check.statement),
    fixes: notInEffect.flatMap(({ fix }) => fix ?? []),
  })
}

interface Check {
  readonly side: ConfigAnalysis
  readonly inEffect: boolean
  readonly statement: Statement
  readonly fix?: Fix | undefined
}

/** `undefined` if the variable's value in effect is not known. */
function checkVariable(variable: SetVariable): Check | undefined {
  const { side, name, value } = variable
  const listed = effectiveVariablesOf(side)?.get(name)
  const isRead = listed === undefined ? undefined : isApplied(name, value, listed)
  const effect = effectiveSetting(name, value, side.config.options, {
    listed,
    factOf: (id) => factOf(side, id),
  })
  const values = { config: config(keyOf(side)), setting: literal(`${name}=${value}`) }
  const shown = (text: unknown) => ({
    ...values,
    effective: isForever(name, String(text)) ? never : literal(String(text)),
  })
  if (effect === undefined)
    return isRead === true
      ? { side, inEffect: true, statement: statement('setting.applied', shown(listed)) }
      : undefined
  if (effect.applied) {
    const code = effect.shownBy === 'engine' ? 'setting.in-effect' : 'setting.applied'
    return { side, inEffect: true, statement: statement(code, shown(effect.value)) }
  }
  const reason = warningCheck(variable, values)
  if (reason !== undefined) return reason
  const isListed = listed !== undefined && isRead !== true
  return {
    side,
    inEffect: false,
    statement: isListed
      ? statement('setting.not-applied', shown(listed))
      : statement('setting.not-followed', shown(effect.value)),
    ...(isRead === true ? {} : { fix: setWhereStarted(variable) }),
  }
}

function setWhereStarted({ side, name, value }: SetVariable): Fix {
  return {
    code: 'set-where-started',
    config: keyOf(side),
    settings: [{ kind: 'variable', name, value }],
  }
}

type SettingValues = Readonly<Record<'config' | 'setting', ReturnType<typeof literal>>>

/**
 * The reason why the server does not follow a variable that it has read, from its warnings; `undefined` without a
 * warning.
 */
function warningCheck({ side, name }: SetVariable, values: SettingValues): Check | undefined {
  const warnings = warningsOf(side)
  const check = (text: Statement, fix?: Fix) => ({ side, inEffect: false, statement: text, fix })
  switch (name) {
    case 'OLLAMA_CONTEXT_LENGTH':
      return warnings.includes('context-too-large')
        ? contextCheck(side, { kind: 'variable', name }, values)
        : undefined
    case 'OLLAMA_FLASH_ATTENTION':
      return warnings.includes('flash-attention-unsupported')
        ? check(statement('setting.flash-attention-unsupported', values), removeSetting(side, name))
        : undefined
    case 'OLLAMA_KV_CACHE_TYPE':
      return warnings.includes('cache-type-ignored')
        ? check(
            statement('setting.cache-type-ignored', values),
            warnings.includes('flash-attention-unsupported')
              ? removeSetting(side, name)
              : withFlashAttention(side),
          )
        : undefined
    case 'OLLAMA_NUM_PARALLEL':
      return warnings.includes('no-parallel-requests')
        ? check(statement('setting.no-parallel-requests', values))
        : undefined
    default:
      return undefined
  }
}

/**
 * Checks a `num_ctx` that is larger than the server accepts. `undefined` if the config inherits the option, or if the
 * option is in effect.
 */
function checkContextOption(
  side: ConfigAnalysis,
  configs: readonly ConfigAnalysis[],
): Check | undefined {
  const requested = side.config.options['num_ctx']
  const base = configs.find((each) => keyOf(each) === side.config.from)
  const context = numberOf(side, 'contextLength')
  if (typeof requested !== 'number' || base?.config.options['num_ctx'] === requested)
    return undefined
  if (!warningsOf(side).includes('context-too-large') || context === undefined) return undefined
  if (context >= requested) return undefined
  const values = { config: config(keyOf(side)), setting: literal(`num_ctx: ${requested}`) }
  return contextCheck(side, { kind: 'option', name: 'num_ctx' }, values)
}

/** The result for a requested context that is too large: the server uses the context that the model was trained for. */
function contextCheck(
  side: ConfigAnalysis,
  setting: Pick<Fix['settings'][number], 'kind' | 'name'>,
  values: SettingValues,
): Check | undefined {
  const context = numberOf(side, 'contextLength')
  if (context === undefined) return undefined
  return {
    side,
    inEffect: false,
    statement: statement('setting.context-too-large', { ...values, context: tokens(context) }),
    fix: {
      code: 'trained-context',
      config: keyOf(side),
      settings: [{ ...setting, value: context }],
    },
  }
}

function removeSetting(side: ConfigAnalysis, name: string): Fix {
  return { code: 'take-out', config: keyOf(side), settings: [{ kind: 'variable', name }] }
}

function withFlashAttention(side: ConfigAnalysis): Fix {
  return {
    code: 'with-flash-attention',
    config: keyOf(side),
    settings: [{ kind: 'variable', name: 'OLLAMA_FLASH_ATTENTION', value: 1 }],
  }
}
