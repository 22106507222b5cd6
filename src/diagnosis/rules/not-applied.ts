/** Variables that the server reads and that did not reach it: set in another shell, or before a restart that never came. */
import { found, ruledOut } from '../examination.ts'
import { parseGoDuration } from '../keep-alive.ts'
import { parseNumber, effectiveVariablesOf } from '../config-facts.ts'
import { config, literal, statement } from '../statement.ts'
import { keysOf, ownVariables, unlogged, type SettingRule, type SetVariable } from './settings.ts'

/** Chosen by whoever starts the server; what the log says of them is left out of the results. */
const ours: readonly string[] = ['OLLAMA_HOST', 'OLLAMA_MODELS']

export const notApplied: SettingRule = (configs) => {
  const asked = ownVariables(configs).filter(isMeaningful)
  const variables = asked.flatMap((variable) => {
    const effective = effectiveVariablesOf(variable.side)?.get(variable.name)
    return effective === undefined ? [] : [{ ...variable, effective }]
  })
  const others = variables.filter(differs)
  if (others.length === 0) {
    const dark = unlogged('not-applied', asked)
    if (dark !== undefined || variables.length === 0) return dark
    return ruledOut('not-applied', ...variables.map(arrived))
  }
  return found('not-applied', {
    configs: keysOf(others),
    certainty: 'proven',
    evidence: others.map((variable) => statement('setting.not-applied', said(variable))),
    fixes: others.map(({ side, name, value }) => ({
      code: 'set-where-started',
      config: side.config.key,
      settings: [{ kind: 'variable', name, value }],
    })),
  })
}

type Seen = SetVariable & { readonly effective: string }

function arrived(variable: Seen) {
  return statement('setting.applied', said(variable))
}

function said({ side, name, value, effective }: Seen) {
  return {
    config: config(side.config.key),
    setting: literal(`${name}=${value}`),
    effective: literal(effective),
  }
}

/** Numbers and durations only: what else there is can be written in many ways. */
function isMeaningful({ name, value }: SetVariable): boolean {
  return !ours.includes(name) && meaning(name, value) !== undefined
}

function differs({ name, value, effective }: Seen): boolean {
  const seen = meaning(name, effective)
  return seen !== undefined && seen !== meaning(name, value)
}

/** Negative durations all mean for ever, which Go prints as 292 years. */
function meaning(name: string, value: string): number | undefined {
  if (!/KEEP_ALIVE|TIMEOUT/.test(name)) return parseNumber(value)
  const duration = parseGoDuration(value)
  const longest = 100 * 365 * 24 * 3_600_000
  return duration !== undefined && (duration < 0 || duration > longest) ? Infinity : duration
}
