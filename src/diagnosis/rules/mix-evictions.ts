/** The models of a mix evict each other, and have to be loaded again and again. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { effectiveVariablesOf, figureOf, keyOf, modelsIn, parseNumber } from '../config-facts.ts'
import type { Fix } from '../fix.ts'
import {
  hasExpired,
  keepAliveOf,
  loadsOf,
  loadStatements,
  noLaterLoadsStatement,
} from '../loads.ts'
import { applyFix } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, count, literal, onlyDefined, statementOf } from '../statement.ts'

const variable = 'OLLAMA_MAX_LOADED_MODELS'

const statements = {
  'mix-evictions.models': ['config', 'models'],
  'mix-evictions.evicted': ['config', 'evictions'],
  'mix-evictions.limit': ['config', 'setting'],
  'mix-evictions.memory': ['config'],
} as const
const statement = statementOf(statements)

export const mixEvictions = defineRule({
  id: 'mix-evictions',
  references: ['Ollama server/sched.go findRunnerToUnload', 'Ollama docs/faq.mdx'],
  statements,
  next: applyFix,
  examine,
})

function examine({ subject, gap }: RuleInput): RuleResult {
  const models = modelsIn(subject)
  if (models < 2) return undefined
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked(key, 'requests')
  if (loads.requests === 0 || loads.logged === 0)
    return ruledOut(noLaterLoadsStatement(subject, loads))
  const keepAliveMs = keepAliveOf(subject)
  const { minIdleMs } = loads
  if (minIdleMs !== undefined && keepAliveMs !== undefined && hasExpired(minIdleMs, keepAliveMs))
    return undefined
  const limit = limitOf(subject)
  const isLimited = limit !== undefined && limit > 0 && limit < models
  const evictions = figureOf(subject, 'evictions')
  return found({
    configs: [key],
    certainty: isLimited && loads.logged !== undefined ? 'proven' : 'likely',
    evidence: [
      ...loadStatements(subject, loads),
      statement('mix-evictions.models', { config: config(key), models: count(models) }),
      ...onlyDefined(
        evictions !== undefined &&
          evictions > 0 &&
          statement('mix-evictions.evicted', { config: config(key), evictions: count(evictions) }),
        isLimited &&
          statement('mix-evictions.limit', {
            config: config(key),
            setting: literal(`${variable}=${String(limit)}`),
          }),
      ),
    ],
    reservations: isLimited ? [] : [statement('mix-evictions.memory', { config: config(key) })],
    cost: 'measured',
    maxMs: gap === undefined ? {} : { load: gap.parts.load },
    fixes: [fixOf(key, models, isLimited)],
  })
}

function fixOf(key: string, models: number, isLimited: boolean): Fix {
  return isLimited
    ? {
        code: 'more-loaded-models',
        config: key,
        settings: [{ kind: 'variable', name: variable, value: models }],
      }
    : { code: 'separate-models', config: key, settings: [] }
}

/**
 * The limit in effect according to the server's log or, without a log, the limit that the config sets; 0 for automatic.
 */
function limitOf(subject: ConfigAnalysis): number | undefined {
  return parseNumber(effectiveVariablesOf(subject)?.get(variable) ?? subject.config.env[variable])
}
