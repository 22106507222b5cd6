/** Variables that the server reads and that could change nothing here, each with why. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { deviceOf } from '../device.ts'
import { found } from '../examination.ts'
import { durationOf } from '../keep-alive.ts'
import { loadsOf } from '../loads.ts'
import { endedTrials, isMeasured, numberOf, numeric, slotsOf, usersOf } from '../seen.ts'
import { config, count, literal, ms, statement, tokens, type Statement } from '../statement.ts'
import { keysOf, ownVariables, type SettingRule, type SetVariable } from './settings.ts'

export const cannotAct: SettingRule = (configs) => {
  const variables = ownVariables(configs)
  const idle = variables.flatMap((variable) => {
    const why = whyNot(variable)
    return why === undefined ? [] : [{ variable, why }]
  })
  if (idle.length === 0) return undefined
  return found('cannot-act', {
    configs: keysOf(idle.map(({ variable }) => variable)),
    sureness: 'proven',
    evidence: idle.map(({ why }) => why),
    against: variables.flatMap(couldAct),
    fixes: idle.map(({ variable: { side, name } }) => ({
      code: 'take-out',
      config: side.config.key,
      settings: [{ kind: 'variable', name }],
    })),
  })
}

type Why = (variable: SetVariable, said: Said) => Statement | undefined

/** The config and its setting, as all these statements have them. */
interface Said {
  readonly config: ReturnType<typeof config>
  readonly setting: ReturnType<typeof literal>
}

function whyNot(variable: SetVariable): Statement | undefined {
  const { side, name, value } = variable
  const said = { config: config(side.config.key), setting: literal(`${name}=${value}`) }
  return reasons[name]?.(variable, said)
}

const noGpu: Why = ({ side }, said) =>
  deviceOf(side)?.kind === 'cpu' ? statement('setting.no-gpu', said) : undefined

const reasons: Readonly<Record<string, Why>> = {
  OLLAMA_MAX_LOADED_MODELS: (_, said) => statement('setting.one-model', said),
  OLLAMA_MAX_QUEUE: ({ side, base, value }, said) => {
    const refused = endedTrials(side).some(({ failures }) =>
      failures.some(({ error }) => error?.includes('server busy') === true),
    )
    if (isMeasured(side) && !refused && loadsOf(side)?.requests === 0)
      return statement('setting.queue-unused', said)
    const [users, length] = [usersIn(side, base), numeric(value)]
    return users !== undefined && length !== undefined && length >= users
      ? statement('setting.queue-large', { ...said, users: count(users) })
      : undefined
  },
  OLLAMA_CONTEXT_LENGTH: ({ side, base }, said) => {
    const asked = side.config.options['num_ctx']
    if (typeof asked === 'number')
      return statement('setting.overridden', { ...said, option: literal(`num_ctx: ${asked}`) })
    const [own, other] = [numberOf(side, 'contextLength'), base && numberOf(base, 'contextLength')]
    return own !== undefined && own === other
      ? statement('setting.unchanged', { ...said, effective: tokens(own) })
      : undefined
  },
  OLLAMA_KEEP_ALIVE: ({ side, base, value }, said) => {
    const asked = side.config.kind === 'measured' ? side.config.workload.keepAlive : undefined
    if (asked !== undefined)
      return statement('setting.overridden', { ...said, option: literal(`keep_alive: ${asked}`) })
    const idle = longestIdle(side)
    const kept = durationOf(value)
    const loads = [side, ...(base === undefined ? [] : [base])].some(
      (each) => loadsOf(each)?.requests !== 0,
    )
    return idle !== undefined && kept !== undefined && !loads && (kept < 0 || kept > idle)
      ? statement('setting.never-idle', { ...said, idle: ms(idle) })
      : undefined
  },
  OLLAMA_NUM_PARALLEL: ({ side, base, value }, said) => {
    const [users, slots] = [usersIn(side, base), numeric(value)]
    const before = slotsBefore(base)
    return users !== undefined && slots !== undefined && users <= Math.min(slots, before)
      ? statement('setting.enough-slots', { ...said, users: count(users) })
      : undefined
  },
  OLLAMA_LOAD_TIMEOUT: ({ side }, said) =>
    isMeasured(side) && loadsOf(side)?.requests === 0
      ? statement('setting.no-load', said)
      : undefined,
  OLLAMA_SCHED_SPREAD: noGpu,
  OLLAMA_GPU_OVERHEAD: noGpu,
}

/** Ollama's default is one slot since 0.10. */
function slotsBefore(base: ConfigAnalysis | undefined): number {
  const before =
    base === undefined
      ? undefined
      : (slotsOf(base) ?? numeric(base.config.env['OLLAMA_NUM_PARALLEL']))
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
  const [from, to] = [slotsBefore(base), numeric(value)]
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
