/** Variables that the server reads and that have no effect here, each with the reason. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { parseKeepAlive } from '../../analysis/setting-value.ts'
import { endedTrials, keyOf, numberOf, parseNumber, slotsOf, usersOf } from '../config-facts.ts'
import { deviceOf } from '../compute.ts'
import { keepAliveOf, loadsOf } from '../loads.ts'
import { changeOf, unchangedBy } from '../next-plan.ts'
import { defineRule, found, ruledOut, type MissingFact, type RuleResult } from '../rule.ts'
import { keysOf, ownVariables, type SetVariable } from '../setting-variables.ts'
import { config, count, literal, ms, statementOf, tokens, type Statement } from '../statement.ts'

const statements = {
  'setting.one-model': ['config', 'setting'],
  'setting.queue-unused': ['config', 'setting'],
  'setting.queue-large': ['config', 'setting', 'users'],
  'setting.queue-large-if': ['config', 'setting', 'users', 'base'],
  'setting.overridden': ['config', 'setting', 'option'],
  'setting.never-idle': ['config', 'setting', 'idle'],
  'setting.enough-slots': ['config', 'setting', 'users'],
  'setting.no-gpu': ['config', 'setting'],
  'setting.no-load': ['config', 'setting'],
  'setting.unchanged': ['config', 'setting', 'effective'],
  'setting.may-act': ['config', 'setting'],
} as const
const statement = statementOf(statements)

export const cannotAct = defineRule({
  id: 'cannot-act',
  references: ['ollama/ollama#7758'],
  statements,
  next: ({ finding, subject }) => {
    const settings = finding.fixes.flatMap((fix) =>
      fix.config === keyOf(subject) ? fix.settings : [],
    )
    const change = changeOf(settings)
    return change && unchangedBy(change)
  },
  examineSettings,
})

function examineSettings(configs: readonly ConfigAnalysis[]): RuleResult {
  const variables = ownVariables(configs)
  const known = variables.flatMap((variable) => {
    const reason = reasons[variable.name]
    return reason === undefined
      ? []
      : [{ variable, why: reason(variable, settingValues(variable)) }]
  })
  const inactive = known.flatMap(({ variable, why }) =>
    typeof why === 'object' ? [{ variable, why }] : [],
  )
  if (inactive.length === 0) return mayAct(known)
  return found({
    configs: keysOf(inactive.map(({ variable }) => variable)),
    // what was not measured only follows from how Ollama works
    certainty: inactive.every(({ variable }) => endedTrials(variable.side).length > 0)
      ? 'proven'
      : 'likely',
    evidence: inactive.map(({ why }) => why),
    fixes: inactive.map(({ variable: { side, name } }) => ({
      code: 'take-out',
      config: side.config.key,
      settings: [{ kind: 'variable', name }],
      ...(neededByOtherLoads.has(name) ? { needsExperiment: true as const } : {}),
    })),
  })
}

/** Variables that have no effect under this load, but may have one under another: with pauses, without `num_ctx`, or with more users. */
const neededByOtherLoads: ReadonlySet<string> = new Set([
  'OLLAMA_KEEP_ALIVE',
  'OLLAMA_CONTEXT_LENGTH',
  'OLLAMA_LOAD_TIMEOUT',
  'OLLAMA_NUM_PARALLEL',
])

interface Known {
  readonly variable: SetVariable
  readonly why: ReturnType<Reason>
}

/** The result if no variable was found to have no effect. */
function mayAct(known: readonly Known[]): RuleResult {
  const measured = known.filter(({ variable }) => variable.side.state !== 'pending')
  const missing = measured.flatMap(({ variable, why }) =>
    typeof why === 'string' ? [{ config: variable.side.config.key, fact: why }] : [],
  )
  if (missing.length > 0) return { outcome: 'unchecked', missing }
  if (measured.length === 0) return undefined
  return ruledOut(
    ...measured.map(({ variable }) => statement('setting.may-act', settingValues(variable))),
  )
}

/** Why the variable has no effect, or the missing fact that would decide; `undefined` if the variable may have an effect. */
type Reason = (variable: SetVariable, setting: SettingValues) => Statement | MissingFact | undefined

/** The values that all these statements have. */
interface SettingValues {
  readonly config: ReturnType<typeof config>
  readonly setting: ReturnType<typeof literal>
}

function settingValues({ side, name, value }: SetVariable): SettingValues {
  return { config: config(side.config.key), setting: literal(`${name}=${value}`) }
}

const noGpu: Reason = ({ side }, setting) => {
  const device = deviceOf(side)
  if (device === undefined) return 'computeDevice'
  return device.kind === 'cpu' ? statement('setting.no-gpu', setting) : undefined
}

const reasons: Readonly<Record<string, Reason>> = {
  OLLAMA_MAX_LOADED_MODELS: (_, setting) => statement('setting.one-model', setting),
  OLLAMA_MAX_QUEUE: ({ side, base, value }, setting) => {
    if (wasRefused(side)) return undefined
    const loads = loadsOf(side)
    if (loads?.requests === 0) return statement('setting.queue-unused', setting)
    const [users, length] = [usersIn(side, base), parseNumber(value)]
    if (users !== undefined && length !== undefined && length >= users) {
      const values = { ...setting, users: count(users) }
      return usersOf(side) === undefined && base !== undefined
        ? statement('setting.queue-large-if', { ...values, base: config(keyOf(base)) })
        : statement('setting.queue-large', values)
    }
    return loads === undefined ? 'requests' : undefined
  },
  OLLAMA_CONTEXT_LENGTH: ({ side, base }, setting) => {
    const requested = side.config.options['num_ctx']
    if (typeof requested === 'number')
      return statement('setting.overridden', {
        ...setting,
        option: literal(`num_ctx: ${requested}`),
      })
    if (base === undefined) return undefined
    const [sideContext, baseContext] = [side, base].map((each) => numberOf(each, 'contextLength'))
    if (sideContext === undefined || baseContext === undefined) return 'contextLength'
    return sideContext === baseContext
      ? statement('setting.unchanged', { ...setting, effective: tokens(sideContext) })
      : undefined
  },
  OLLAMA_KEEP_ALIVE: ({ side, base, value }, setting) => {
    const requested = side.config.kind === 'measured' ? side.config.workload.keepAlive : undefined
    if (requested !== undefined)
      return statement('setting.overridden', {
        ...setting,
        option: literal(`keep_alive: ${requested}`),
      })
    const sides = [side, ...(base === undefined ? [] : [base])]
    const [idle, loads] = [longestIdle(sides), sides.map(loadsOf)]
    if (idle === undefined || loads.includes(undefined)) return 'requests'
    const before = base === undefined ? defaultKeepAliveMs : keepAliveOf(base)
    if (before === undefined) return 'keepAlive'
    const shortest = Math.min(parseKeepAlive(value) ?? 0, before)
    return loads.every((each) => each?.requests === 0) && idle * 2 < shortest
      ? statement('setting.never-idle', { ...setting, idle: ms(idle) })
      : undefined
  },
  OLLAMA_NUM_PARALLEL: ({ side, base, value }, setting) => {
    // Each slot caches one prompt, so more slots help the cache even if few requests run at once.
    if (side.config.kind === 'measured' && side.config.workload.cache !== 'cold') return undefined
    const [users, slots] = [usersIn(side, base), slotsOf(side) ?? parseNumber(value)]
    const before = slotsBefore(base)
    return users !== undefined && slots !== undefined && users <= Math.min(slots, before)
      ? statement('setting.enough-slots', { ...setting, users: count(users) })
      : undefined
  },
  OLLAMA_LOAD_TIMEOUT: ({ side }, setting) => {
    const loads = loadsOf(side)
    if (loads === undefined) return 'requests'
    return loads.requests === 0 ? statement('setting.no-load', setting) : undefined
  },
  OLLAMA_SCHED_SPREAD: noGpu,
  OLLAMA_GPU_OVERHEAD: noGpu,
}

/** True if a request was refused because the queue was full. */
function wasRefused(side: ConfigAnalysis): boolean {
  return endedTrials(side).some(({ refusals }) => refusals !== undefined)
}

/** The slots of the base config; Ollama's default is one since 0.10. */
function slotsBefore(base: ConfigAnalysis | undefined): number {
  const before =
    base === undefined
      ? undefined
      : (slotsOf(base) ?? parseNumber(base.config.env['OLLAMA_NUM_PARALLEL']))
  return before ?? 1
}

/** The users of the config or, because a document may name them only for its first config, of its base. */
function usersIn(side: ConfigAnalysis, base: ConfigAnalysis | undefined): number | undefined {
  return usersOf(side) ?? (base && usersOf(base))
}

/** How long Ollama keeps an idle model by default. */
const defaultKeepAliveMs = 5 * 60_000

function longestIdle(sides: readonly ConfigAnalysis[]): number | undefined {
  const idle = sides.flatMap(endedTrials).map(({ profile }) => profile.longestIdleMs)
  return idle.length === 0 ? undefined : Math.max(...idle)
}
