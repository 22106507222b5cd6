/** Variables that the server reads and that have no effect here, each with the reason. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { parseKeepAlive } from '../../analysis/setting-value.ts'
import {
  endedTrials,
  keyOf,
  modelsIn,
  numberOf,
  parseNumber,
  slotsOf,
  usersOf,
} from '../config-facts.ts'
import { deviceOf } from '../compute.ts'
import { keepAliveOf, loadsOf } from '../loads.ts'
import { changeOf, unchangedBy } from '../next-plan.ts'
import {
  defineRule,
  found,
  ruledOut,
  type Design,
  type MissingFact,
  type RuleResult,
} from '../rule.ts'
import { changedVariables, keysOf, type SetVariable } from '../setting-variables.ts'
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
  'setting.may-have-effect': ['config', 'setting'],
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

function examineSettings(configs: readonly ConfigAnalysis[], design: Design): RuleResult {
  // A factor of a grid is set to find out whether it has an effect; the section on factors says so.
  const factors = new Set(design.grid?.factors.map(({ name }) => name))
  const variables = changedVariables(configs).filter(({ name }) => !factors.has(name))
  const known = variables.flatMap((variable) => {
    const effectOf = effects[variable.name]
    return effectOf === undefined
      ? []
      : [{ variable, effect: effectOf(variable, settingValues(variable)) }]
  })
  const ineffective = known.flatMap(({ variable, effect }) =>
    effect.kind === 'none' && !hasEffectAtOtherLevel(variable, known, design)
      ? [{ variable, why: effect.why }]
      : [],
  )
  if (ineffective.length === 0) return withoutIneffective(known)
  return found({
    configs: keysOf(ineffective.map(({ variable }) => variable)),
    // Without measurements, the conclusion follows only from how Ollama works.
    certainty: ineffective.every(({ variable }) => endedTrials(variable.side).length > 0)
      ? 'proven'
      : 'likely',
    evidence: ineffective.map(({ why }) => why),
    fixes: ineffective.map(({ variable: { side, name } }) => ({
      code: 'take-out',
      config: side.config.key,
      settings: [{ kind: 'variable', name }],
      ...(neededByOtherLoads.has(name) ? { needsExperiment: true as const } : {}),
    })),
  })
}

/** Variables that may have an effect under another load: one with pauses, without `num_ctx`, or with more users. */
const neededByOtherLoads: ReadonlySet<string> = new Set([
  'OLLAMA_KEEP_ALIVE',
  'OLLAMA_CONTEXT_LENGTH',
  'OLLAMA_LOAD_TIMEOUT',
  'OLLAMA_NUM_PARALLEL',
])

interface Known {
  readonly variable: SetVariable
  readonly effect: Effect
}

/** True if the config is measured at several levels of its load, and the variable may have an effect at one of them. */
function hasEffectAtOtherLevel(
  { side, name, value }: SetVariable,
  known: readonly Known[],
  { series = [] }: Design,
): boolean {
  const levels = series.find((each) => each.levels.some(({ config }) => config === keyOf(side)))
  const keys = new Set(levels?.levels.map(({ config }) => config))
  return known.some(
    ({ variable, effect }) =>
      keys.has(keyOf(variable.side)) &&
      variable.name === name &&
      variable.value === value &&
      effect.kind !== 'none',
  )
}

/** The result if every variable may have an effect. */
function withoutIneffective(known: readonly Known[]): RuleResult {
  const measured = known.filter(
    ({ variable, effect }) => variable.side.state !== 'pending' && effect.kind !== 'none',
  )
  const missing = measured.flatMap(({ variable, effect }) =>
    effect.kind === 'unknown' ? [{ config: variable.side.config.key, fact: effect.missing }] : [],
  )
  if (missing.length > 0) return { outcome: 'unchecked', missing }
  if (measured.length === 0) return undefined
  return ruledOut(
    ...measured.map(({ variable }) =>
      statement('setting.may-have-effect', settingValues(variable)),
    ),
  )
}

/**
 * Whether a variable has an effect: none, with the reason; a possible one; or unknown, with the fact that is missing.
 */
type Effect =
  | { readonly kind: 'none'; readonly why: Statement }
  | { readonly kind: 'possible' }
  | { readonly kind: 'unknown'; readonly missing: MissingFact }
type EffectOf = (variable: SetVariable, setting: SettingValues) => Effect

const noEffect = <Code extends keyof typeof statements>(
  code: Code,
  values: Parameters<typeof statement<Code>>[1],
): Effect => ({ kind: 'none', why: statement(code, values) })
const possible: Effect = { kind: 'possible' }
const unknownWithout = (missing: MissingFact): Effect => ({ kind: 'unknown', missing })

/** The values that all these statements have. */
interface SettingValues {
  readonly config: ReturnType<typeof config>
  readonly setting: ReturnType<typeof literal>
}

function settingValues({ side, name, value }: SetVariable): SettingValues {
  return { config: config(side.config.key), setting: literal(`${name}=${value}`) }
}

const effectWithoutGpu: EffectOf = ({ side }, setting) => {
  const device = deviceOf(side)
  if (device === undefined) return unknownWithout('computeDevice')
  return device.kind === 'cpu' ? noEffect('setting.no-gpu', setting) : possible
}

const effects: Readonly<Record<string, EffectOf>> = {
  OLLAMA_MAX_LOADED_MODELS: ({ side, base }, setting) =>
    modelsIn(side) > 1 || (base !== undefined && modelsIn(base) > 1)
      ? possible
      : noEffect('setting.one-model', setting),
  OLLAMA_MAX_QUEUE: ({ side, base, value }, setting) => {
    if (wasRefused(side)) return possible
    const loads = loadsOf(side)
    if (loads?.requests === 0) return noEffect('setting.queue-unused', setting)
    const [users, length] = [usersIn(side, base), parseNumber(value)]
    if (users !== undefined && length !== undefined && length >= users) {
      const values = { ...setting, users: count(users) }
      return usersOf(side) === undefined && base !== undefined
        ? noEffect('setting.queue-large-if', { ...values, base: config(keyOf(base)) })
        : noEffect('setting.queue-large', values)
    }
    return loads === undefined ? unknownWithout('requests') : possible
  },
  OLLAMA_CONTEXT_LENGTH: ({ side, base }, setting) => {
    const requested = side.config.options['num_ctx']
    if (typeof requested === 'number')
      return noEffect('setting.overridden', {
        ...setting,
        option: literal(`num_ctx: ${requested}`),
      })
    if (base === undefined) return possible
    const [sideContext, baseContext] = [side, base].map((each) => numberOf(each, 'contextLength'))
    if (sideContext === undefined || baseContext === undefined)
      return unknownWithout('contextLength')
    return sideContext === baseContext
      ? noEffect('setting.unchanged', { ...setting, effective: tokens(sideContext) })
      : possible
  },
  OLLAMA_KEEP_ALIVE: ({ side, base, value }, setting) => {
    const requested = side.config.kind === 'measured' ? side.config.workload.keepAlive : undefined
    if (requested !== undefined)
      return noEffect('setting.overridden', {
        ...setting,
        option: literal(`keep_alive: ${requested}`),
      })
    const sides = [side, ...(base === undefined ? [] : [base])]
    const [idle, loads] = [longestIdle(sides), sides.map(loadsOf)]
    if (idle === undefined || loads.includes(undefined)) return unknownWithout('requests')
    const before = base === undefined ? defaultKeepAliveMs : keepAliveOf(base)
    if (before === undefined) return unknownWithout('keepAlive')
    const shortest = Math.min(parseKeepAlive(value) ?? 0, before)
    return loads.every((each) => each?.requests === 0) && idle * 2 < shortest
      ? noEffect('setting.never-idle', { ...setting, idle: ms(idle) })
      : possible
  },
  OLLAMA_NUM_PARALLEL: ({ side, base, value }, setting) => {
    // Each slot caches one prompt, so more slots help the cache even if few requests run at once.
    if (side.config.kind === 'measured' && side.config.workload.cache !== 'cold') return possible
    const [users, slots] = [usersIn(side, base), slotsOf(side) ?? parseNumber(value)]
    const before = slotsBefore(base)
    return users !== undefined && slots !== undefined && users <= Math.min(slots, before)
      ? noEffect('setting.enough-slots', { ...setting, users: count(users) })
      : possible
  },
  OLLAMA_LOAD_TIMEOUT: ({ side }, setting) => {
    const loads = loadsOf(side)
    if (loads === undefined) return unknownWithout('requests')
    return loads.requests === 0 ? noEffect('setting.no-load', setting) : possible
  },
  OLLAMA_SCHED_SPREAD: effectWithoutGpu,
  OLLAMA_GPU_OVERHEAD: effectWithoutGpu,
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

/** The users of the config. If they are not known, those of its base, because a document may state them only once. */
function usersIn(side: ConfigAnalysis, base: ConfigAnalysis | undefined): number | undefined {
  return usersOf(side) ?? (base && usersOf(base))
}

/** How long Ollama keeps an idle model by default. */
const defaultKeepAliveMs = 5 * 60_000

function longestIdle(sides: readonly ConfigAnalysis[]): number | undefined {
  const idle = sides.flatMap(endedTrials).map(({ profile }) => profile.longestIdleMs)
  return idle.length === 0 ? undefined : Math.max(...idle)
}
