/** The config sets variables that the server does not read; some have a request option with the intended effect. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { effectiveVariablesOf, keyOf, numberOf, parseNumber } from '../config-facts.ts'
import type { Fix } from '../fix.ts'
import { changeOf, changeSubject } from '../next-plan.ts'
import { defineRule, found, ruledOut, type RuleResult } from '../rule.ts'
import {
  keysOf,
  changedVariables,
  uncheckedWithoutLog,
  type SetVariable,
} from '../setting-variables.ts'
import { config, count, literal, statementOf, tokens, type Statement } from '../statement.ts'

/** Variables that no version of Ollama reads, with the request option that has the intended effect. */
const neverRead: Readonly<Record<string, string | undefined>> = {
  OLLAMA_NUM_THREADS: 'num_thread',
  OLLAMA_NUM_THREAD: 'num_thread',
  OLLAMA_THREADS: 'num_thread',
  OLLAMA_RUNNER_THREADS: 'num_thread',
  OLLAMA_NUM_GPU: 'num_gpu',
  OLLAMA_NUM_CTX: 'num_ctx',
  OLLAMA_NUM_BATCH: 'num_batch',
  OLLAMA_USE_MLOCK: undefined,
  OLLAMA_MODEL_DIR: undefined,
}

const statements = {
  'setting.not-read': ['config', 'setting'],
  'setting.not-read-documented': ['config', 'setting'],
  'setting.threads': ['config', 'threads'],
  'setting.context': ['config', 'context'],
  'setting.read-instead': ['name', 'instead'],
  'setting.all-read': ['variables'],
} as const
const statement = statementOf(statements)

export const notRead = defineRule({
  id: 'not-read',
  references: ['ollama/ollama#10476', 'ollama/ollama#9784'],
  statements,
  next: (input) => {
    const option = input.finding.fixes.find(
      ({ code, config }) => code === 'use-option' && config === keyOf(input.subject),
    )
    const change = option && changeOf(option.settings)
    return change && changeSubject(input, change)
  },
  examineSettings,
})

function examineSettings(configs: readonly ConfigAnalysis[]): RuleResult {
  // Other variables, for example `LLAMA_ARG_…`, reach the engine although the server does not list them.
  const all = changedVariables(configs).filter(({ name }) => name.startsWith('OLLAMA_'))
  const variables = all.filter(isNotRead)
  if (all.length === 0) return undefined
  if (variables.length === 0) {
    const withoutLog = uncheckedWithoutLog(all)
    const listed = all.filter(({ side }) => effectiveVariablesOf(side) !== undefined)
    if (withoutLog !== undefined || listed.length === 0) return withoutLog
    return ruledOut(statement('setting.all-read', { variables: count(listed.length) }))
  }
  const names = [...new Set(variables.map(({ name }) => name))]
  return found({
    configs: keysOf(variables),
    certainty: 'proven',
    evidence: [
      ...variables.flatMap((variable) => [proof(variable), ...inEffect(variable)]),
      ...names.flatMap((name) => {
        const option = neverRead[name]
        return option === undefined
          ? []
          : [statement('setting.read-instead', { name: literal(name), instead: literal(option) })]
      }),
    ],
    fixes: [...variables.map(removeSetting), ...variables.flatMap(useRequestOption)],
  })
}

/** The server lists the variables that it reads. Without its log, only those that no version reads are known. */
function isNotRead({ side, name }: SetVariable): boolean {
  const recognised = effectiveVariablesOf(side)
  return recognised === undefined ? Object.hasOwn(neverRead, name) : !recognised.has(name)
}

function proof({ side, name, value }: SetVariable): Statement {
  const values = { config: config(side.config.key), setting: literal(`${name}=${value}`) }
  return effectiveVariablesOf(side) === undefined
    ? statement('setting.not-read-documented', values)
    : statement('setting.not-read', values)
}

/** The value that the server used instead of the variable's. */
function inEffect({ side, name }: SetVariable): readonly Statement[] {
  const key = config(side.config.key)
  const [threads, context] = [numberOf(side, 'threads'), numberOf(side, 'contextLength')]
  if (neverRead[name] === 'num_thread' && threads !== undefined)
    return [statement('setting.threads', { config: key, threads: count(threads) })]
  if (neverRead[name] === 'num_ctx' && context !== undefined)
    return [statement('setting.context', { config: key, context: tokens(context) })]
  return []
}

function removeSetting({ side, name }: SetVariable): Fix {
  return { code: 'take-out', config: side.config.key, settings: [{ kind: 'variable', name }] }
}

/** Replaces the variable by the request option that has the intended effect. */
function useRequestOption({ side, name, value }: SetVariable): readonly Fix[] {
  const [option, number] = [neverRead[name], parseNumber(value)]
  if (option === undefined || number === undefined) return []
  const settings: Fix['settings'] = [
    { kind: 'variable', name },
    { kind: 'option', name: option, value: number },
  ]
  return [{ code: 'use-option', config: side.config.key, settings, needsExperiment: true }]
}
