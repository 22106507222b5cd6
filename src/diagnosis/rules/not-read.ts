/** Variables that the server does not read, and what it reads in their place. */
import { found, ruledOut } from '../examination.ts'
import type { Fix } from '../fix.ts'
import { numberOf, parseNumber, effectiveVariablesOf } from '../config-facts.ts'
import { config, count, literal, statement, tokens, type Statement } from '../statement.ts'
import { keysOf, ownVariables, unlogged, type SettingRule, type SetVariable } from './settings.ts'

/** In no version of Ollama's source, with the request option that does what the name promises. */
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

export const notRead: SettingRule = (configs) => {
  // Others, such as `LLAMA_ARG_…`, reach the engine without being listed.
  const all = ownVariables(configs).filter(({ name }) => name.startsWith('OLLAMA_'))
  const variables = all.filter(isNotRead)
  if (all.length === 0) return undefined
  if (variables.length === 0) {
    const dark = unlogged('not-read', all)
    const listed = all.filter(({ side }) => effectiveVariablesOf(side) !== undefined)
    if (dark !== undefined || listed.length === 0) return dark
    return ruledOut('not-read', statement('setting.all-read', { variables: count(listed.length) }))
  }
  const names = [...new Set(variables.map(({ name }) => name))]
  return found('not-read', {
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
    fixes: [...variables.map(takenOut), ...variables.flatMap(instead)],
  })
}

/** The server lists what it recognises; without its log, what no version reads is known. */
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

/** What the server ran with all the same. */
function inEffect({ side, name }: SetVariable): readonly Statement[] {
  const key = config(side.config.key)
  const [threads, context] = [numberOf(side, 'threads'), numberOf(side, 'contextLength')]
  if (neverRead[name] === 'num_thread' && threads !== undefined)
    return [statement('setting.threads', { config: key, threads: count(threads) })]
  if (neverRead[name] === 'num_ctx' && context !== undefined)
    return [statement('setting.context', { config: key, context: tokens(context) })]
  return []
}

function takenOut({ side, name }: SetVariable): Fix {
  return { code: 'take-out', config: side.config.key, settings: [{ kind: 'variable', name }] }
}

/** What was wished for, in the form that is read. */
function instead({ side, name, value }: SetVariable): readonly Fix[] {
  const [option, number] = [neverRead[name], parseNumber(value)]
  if (option === undefined || number === undefined) return []
  const settings: Fix['settings'] = [
    { kind: 'variable', name },
    { kind: 'option', name: option, value: number },
  ]
  return [{ code: 'use-option', config: side.config.key, settings, needsExperiment: true }]
}
