/** Variables that the server reads and that could change nothing here, each with why. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { deviceOf } from '../device.ts'
import type { RuleResult, MissingFact } from '../diagnosis.ts'
import { found, ruledOut } from '../examination.ts'
import { parseGoDuration } from '../keep-alive.ts'
import { loadsOf } from '../loads.ts'
import { endedTrials, numberOf, parseNumber, slotsOf, usersOf } from '../config-facts.ts'
import { config, count, literal, ms, statement, tokens, type Statement } from '../statement.ts'
import { keysOf, ownVariables, type SettingRule, type SetVariable } from './settings.ts'

export const cannotAct: SettingRule = (configs) => {
  const variables = ownVariables(configs)
  const known = variables.flatMap((variable) => {
    const reason = reasons[variable.name]
    return reason === undefined ? [] : [{ variable, why: reason(variable, saidOf(variable)) }]
  })
  const idle = known.flatMap(({ variable, why }) =>
    typeof why === 'object' ? [{ variable, why }] : [],
  )
  if (idle.length === 0) return notIdle(known)
  return found('cannot-act', {
    configs: keysOf(idle.map(({ variable }) => variable)),
    certainty: 'proven',
    evidence: idle.map(({ why }) => why),
    against: variables.flatMap(couldAct),
    fixes: idle.map(({ variable: { side, name } }) => ({
      code: 'take-out',
      config: side.config.key,
      settings: [{ kind: 'variable', name }],
      ...(otherLoads.has(name) ? { needsExperiment: true as const } : {}),
    })),
  })
}

/** Idle under this load only: a client that pauses, that sets no `num_ctx`, or more users would miss them. */
const otherLoads: ReadonlySet<string> = new Set([
  'OLLAMA_KEEP_ALIVE',
  'OLLAMA_CONTEXT_LENGTH',
  'OLLAMA_LOAD_TIMEOUT',
  'OLLAMA_NUM_PARALLEL',
])

interface Known {
  readonly variable: SetVariable
  readonly why: ReturnType<Why>
}

/** Nothing says that one of them could not act, or of some it is not known. */
function notIdle(known: readonly Known[]): RuleResult {
  const measured = known.filter(({ variable }) => variable.side.state !== 'pending')
  const missing = measured.flatMap(({ variable, why }) =>
    typeof why === 'string' ? [{ config: variable.side.config.key, fact: why }] : [],
  )
  if (missing.length > 0) return { outcome: 'unchecked', cause: 'cannot-act', missing }
  if (measured.length === 0) return undefined
  return ruledOut(
    'cannot-act',
    ...measured.map(({ variable }) => statement('setting.may-act', saidOf(variable))),
  )
}

/** Why it cannot act; what one would have to know to say; or undefined where it may. */
type Why = (variable: SetVariable, said: Said) => Statement | MissingFact | undefined

/** The config and its setting, as all these statements have them. */
interface Said {
  readonly config: ReturnType<typeof config>
  readonly setting: ReturnType<typeof literal>
}

function saidOf({ side, name, value }: SetVariable): Said {
  return { config: config(side.config.key), setting: literal(`${name}=${value}`) }
}

const noGpu: Why = ({ side }, said) => {
  const device = deviceOf(side)
  if (device === undefined) return 'computeDevice'
  return device.kind === 'cpu' ? statement('setting.no-gpu', said) : undefined
}

const reasons: Readonly<Record<string, Why>> = {
  OLLAMA_MAX_LOADED_MODELS: (_, said) => statement('setting.one-model', said),
  OLLAMA_MAX_QUEUE: ({ side, base, value }, said) => {
    if (wasRefused(side)) return undefined
    const loads = loadsOf(side)
    if (loads?.requests === 0) return statement('setting.queue-unused', said)
    const [users, length] = [usersIn(side, base), parseNumber(value)]
    if (users !== undefined && length !== undefined && length >= users)
      return statement('setting.queue-large', { ...said, users: count(users) })
    return loads === undefined ? 'requests' : undefined
  },
  OLLAMA_CONTEXT_LENGTH: ({ side, base }, said) => {
    const asked = side.config.options['num_ctx']
    if (typeof asked === 'number')
      return statement('setting.overridden', { ...said, option: literal(`num_ctx: ${asked}`) })
    if (base === undefined) return undefined
    const [own, other] = [side, base].map((each) => numberOf(each, 'contextLength'))
    if (own === undefined || other === undefined) return 'contextLength'
    return own === other
      ? statement('setting.unchanged', { ...said, effective: tokens(own) })
      : undefined
  },
  OLLAMA_KEEP_ALIVE: ({ side, base, value }, said) => {
    const asked = side.config.kind === 'measured' ? side.config.workload.keepAlive : undefined
    if (asked !== undefined)
      return statement('setting.overridden', { ...said, option: literal(`keep_alive: ${asked}`) })
    const [idle, kept] = [longestIdle(side), parseGoDuration(value)]
    const loads = [side, ...(base === undefined ? [] : [base])].map(loadsOf)
    if (idle === undefined || loads.includes(undefined)) return 'requests'
    const loaded = loads.some((each) => each?.requests !== 0)
    return kept !== undefined && !loaded && (kept < 0 || kept > idle)
      ? statement('setting.never-idle', { ...said, idle: ms(idle) })
      : undefined
  },
  OLLAMA_NUM_PARALLEL: ({ side, base, value }, said) => {
    // each slot remembers a prompt of its own, however few ask at once
    if (side.config.kind === 'measured' && side.config.workload.cache !== 'cold') return undefined
    const [users, slots] = [usersIn(side, base), parseNumber(value)]
    const before = slotsBefore(base)
    return users !== undefined && slots !== undefined && users <= Math.min(slots, before)
      ? statement('setting.enough-slots', { ...said, users: count(users) })
      : undefined
  },
  OLLAMA_LOAD_TIMEOUT: ({ side }, said) => {
    const loads = loadsOf(side)
    if (loads === undefined) return 'requests'
    return loads.requests === 0 ? statement('setting.no-load', said) : undefined
  },
  OLLAMA_SCHED_SPREAD: noGpu,
  OLLAMA_GPU_OVERHEAD: noGpu,
}

/** A request found the queue full. */
function wasRefused(side: ConfigAnalysis): boolean {
  return endedTrials(side).some(({ failures }) =>
    failures.some(({ error }) => error?.includes('server busy') === true),
  )
}

/** Ollama's default is one slot since 0.10. */
function slotsBefore(base: ConfigAnalysis | undefined): number {
  const before =
    base === undefined
      ? undefined
      : (slotsOf(base) ?? parseNumber(base.config.env['OLLAMA_NUM_PARALLEL']))
  return before ?? 1
}

/** A document says it once, of the first of its configs. */
function usersIn(side: ConfigAnalysis, base: ConfigAnalysis | undefined): number | undefined {
  return usersOf(side) ?? (base && usersOf(base))
}

function longestIdle(side: ConfigAnalysis): number | undefined {
  const idle = endedTrials(side).map(({ profile }) => profile.longestIdleMs)
  return idle.length === 0 ? undefined : Math.max(...idle)
}

/** Of a document's settings, the one that may have done something: more slots for users who had to share one. */
function couldAct({ side, base, name, value }: SetVariable): readonly Statement[] {
  if (side.config.kind !== 'recorded' || name !== 'OLLAMA_NUM_PARALLEL') return []
  const [from, to] = [slotsBefore(base), parseNumber(value)]
  const users = usersIn(side, base)
  if (users === undefined || to === undefined || to <= from || users <= from) return []
  return [
    statement('setting.could-act', {
      config: config(side.config.key),
      name: literal(name),
      from: count(from),
      to: count(to),
      users: count(users),
    }),
  ]
}
