/** Variables that the server reads and that did not reach it: set in another shell, or before a restart that never came. */
import { found } from '../examination.ts'
import { durationOf } from '../keep-alive.ts'
import { numeric, variablesOf } from '../seen.ts'
import { config, literal, statement } from '../statement.ts'
import { keysOf, ownVariables, type SettingRule, type SetVariable } from './settings.ts'

/** Chosen by whoever starts the server; what the log says of them is left out of the results. */
const ours: readonly string[] = ['OLLAMA_HOST', 'OLLAMA_MODELS']

export const notApplied: SettingRule = (configs) => {
  const variables = ownVariables(configs).flatMap((variable) => {
    const effective = otherValue(variable)
    return effective === undefined ? [] : [{ ...variable, effective }]
  })
  if (variables.length === 0) return undefined
  return found('not-applied', {
    configs: keysOf(variables),
    sureness: 'proven',
    evidence: variables.map(({ side, name, value, effective }) =>
      statement('setting.not-applied', {
        config: config(side.config.key),
        setting: literal(`${name}=${value}`),
        effective: literal(effective),
      }),
    ),
    fixes: variables.map(({ side, name, value }) => ({
      code: 'set-where-started',
      config: side.config.key,
      settings: [{ kind: 'variable', name, value }],
    })),
  })
}

/** The effective value, where it surely is another: numbers and durations only, which have one meaning. */
function otherValue({ side, name, value }: SetVariable): string | undefined {
  const effective = variablesOf(side)?.get(name)
  if (effective === undefined || ours.includes(name)) return undefined
  const [asked, seen] = [meaning(name, value), meaning(name, effective)]
  return asked === undefined || seen === undefined || asked === seen ? undefined : effective
}

/** Negative durations all mean for ever, which Go prints as 292 years. */
function meaning(name: string, value: string): number | undefined {
  if (!/KEEP_ALIVE|TIMEOUT/.test(name)) return numeric(value)
  const duration = durationOf(value)
  const longest = 100 * 365 * 24 * 3_600_000
  return duration !== undefined && (duration < 0 || duration > longest) ? Infinity : duration
}
