/** How each cause is put to the test: one config more, or the same ones under another workload. */
import type { Analysis, ConfigAnalysis } from '../analysis/analysis.ts'
import { kindFacts, nativeTarget, withVersion, type Target } from '../experiment/target-kinds.ts'
import { keyOf } from './case.ts'
import type { Cause } from './cause.ts'
import type { Finding } from './diagnosis.ts'
import type { Setting } from './fix.ts'
import type { ConfigChange, NextClaim, NextTrial, WorkloadChange } from './next-trial.ts'
import { figureOf, latencyOf, numberOf, textOf } from './config-facts.ts'

/** Changes that are no larger are noise; so close are two latencies that are alike. */
const leastPercent = 2
const alikePercent = 5
/** A cause that is one brings back at least this share of what it can account for. */
const worthShare = 0.5
/** Answers that are so many times longer spread out what each request costs. */
const longerAnswers = 4
/** So that the model is loaded, and each user has asked once. */
const leastWarmup = 3
const restMs = 60_000

interface Subjects {
  readonly finding: Finding
  readonly subject: ConfigAnalysis
  readonly reference?: ConfigAnalysis
  readonly analysis: Analysis
}

type Plan = (given: Subjects) => Omit<NextTrial, 'cause' | 'subject' | 'reference'> | undefined

/** A config of its own with the settings that the finding's fix has. */
const withFix: Plan = (given) => {
  const change = changeOf(
    given.finding.fixes.find(({ config }) => config === keyOf(given.subject))?.settings ?? [],
  )
  return change && withChange(given, change)
}

/** What runs at a URL reads no variables of ours. */
function withChange(given: Subjects, change: ConfigChange): ReturnType<Plan> {
  const variables = Object.keys(change.env ?? {}).length
  const target = targetOf(given.subject)
  if (variables > 0 && target && !kindFacts(target.kind).startsServer) return undefined
  return { trial: { from: 'subject', change }, everywhere: {}, claim: faster(given) }
}

/** Without other clients, and with nothing on the way; where the reference is such a server, that was measured. */
const onServerOfItsOwn: Plan = (given) => {
  const [own, other] = [given.subject, given.reference].map((side) => side && targetOf(side)?.kind)
  const isShared = own !== undefined && !kindFacts(own).startsServer
  const isNative = other !== undefined && kindFacts(other).isNative
  return isShared && !isNative ? withChange(given, { target: nativeTarget }) : undefined
}

/** The other side's version, in the place of the one that a process or an image names. */
const sameVersion: Plan = (given) => {
  const target = targetOf(given.subject)
  const version = given.reference && textOf(given.reference, 'serverVersion')
  if (version === undefined || given.subject.config.kind === 'recorded') return undefined
  const changed = target && withVersion(target, version)
  return changed && withChange(given, { target: changed })
}

/** Both sides alike in one thing more: what is left of the difference. */
const alike =
  (everywhere: (given: Subjects) => WorkloadChange | undefined): Plan =>
  (given) => {
    const change = everywhere(given)
    if (change === undefined || given.reference === undefined) return undefined
    return {
      everywhere: change,
      claim: { config: 'subject', versus: 'reference', kind: 'same', percent: alikePercent },
    }
  }

/** The subject's settings where the reference runs, without its GPU: what is left between the two is the place. */
const onCpuAlone: Plan = ({ reference }) =>
  reference && {
    trial: { from: 'subject', on: 'reference', change: { options: { num_gpu: 0 } } },
    everywhere: {},
    claim: { config: 'subject', versus: 'trial', kind: 'same', percent: alikePercent },
  }

const sameLimit = alike(({ subject, reference }) => {
  const limits = [subject, reference].flatMap((side) => side?.config.options['num_predict'] ?? [])
  const known = limits.filter((each) => typeof each === 'number' && each > 0)
  const shorter = reference && figureOf(reference, 'outputTokens')
  const limit = known.length > 0 ? Math.max(...known.map(Number)) : shorter && Math.ceil(shorter)
  return limit === undefined ? undefined : { options: { num_predict: limit } }
})

const sameContext = (factor: number) =>
  alike(({ subject, reference }) => {
    const contexts = [subject, reference].flatMap(
      (side) => (side && numberOf(side, 'contextLength')) ?? [],
    )
    return contexts.length === 0
      ? undefined
      : { options: { num_ctx: Math.max(...contexts) * factor } }
  })

/** By cause, what would test it; a plan is undefined on configs on which nothing would. */
export const plans = {
  'cold-start': alike(({ subject }) => {
    const { config } = subject
    const warmupRequests = Math.max(leastWarmup, usersIn(subject) ?? 0)
    const isWarm = config.kind === 'measured' && config.workload.warmupRequests >= warmupRequests
    return isWarm ? undefined : { warmupRequests }
  }),
  'keep-alive': withFix,
  reload: onServerOfItsOwn,
  thinking: alike(() => ({ think: false })),
  'cut-answers': sameLimit,
  'answer-length': sameLimit,
  truncated: sameContext(2),
  cache: alike(({ subject: { config } }) =>
    config.kind === 'measured' && config.workload.cache === 'cold' ? undefined : { cache: 'cold' },
  ),
  slots: withFix,
  client: alike(({ subject }) => {
    const users = usersIn(subject) ?? 0
    return users < 2 ? undefined : { users: Math.floor(users / 2) }
  }),
  outside: onServerOfItsOwn,
  'mac-container': onCpuAlone,
  'gpu-request': withFix,
  'cpu-only': onCpuAlone,
  'partial-offload': withFix,
  emulation: withFix,
  'cpu-quota': withFix,
  threads: withFix,
  saturation: withFix,
  swap: withFix,
  context: sameContext(1),
  version: sameVersion,
  decay: alike(() => ({ settleMs: restMs })),
  overhead: ({ subject }) => {
    const tokens = figureOf(subject, 'outputTokens')
    const longer = tokens === undefined ? 256 : Math.ceil(tokens * longerAnswers)
    return {
      trial: { from: 'subject', change: { options: { num_predict: longer } } },
      everywhere: {},
      claim: { config: 'trial', versus: 'subject', kind: 'same', percent: 25 },
    }
  },
  'not-read': (given) => {
    const wish = given.finding.fixes.find(
      ({ code, config }) => code === 'use-option' && config === keyOf(given.subject),
    )
    const change = wish && changeOf(wish.settings)
    return change && withChange(given, change)
  },
  'cannot-act': ({ finding, subject }) => {
    const settings = finding.fixes.flatMap((fix) =>
      fix.config === keyOf(subject) ? fix.settings : [],
    )
    const change = changeOf(settings)
    return change && { trial: { from: 'subject', change }, everywhere: {}, claim: unchanged }
  },
} as const satisfies Partial<Record<Cause, Plan>>

const unchanged: NextClaim = {
  config: 'trial',
  versus: 'subject',
  kind: 'same',
  percent: alikePercent,
}

/** At least half of what the finding can account for, or more than noise where that is not known. */
function faster({ finding, subject }: Subjects): NextClaim {
  const latency = latencyOf(subject)
  const most = latency === undefined ? 0 : (finding.totalMs / latency) * 100
  const percent = Math.max(leastPercent, Math.round(most * worthShare))
  return { config: 'trial', versus: 'subject', kind: 'change', percent: -percent }
}

function usersIn({ config }: ConfigAnalysis): number | undefined {
  return config.kind === 'measured' && 'users' in config.workload.load
    ? config.workload.load.users
    : undefined
}

function targetOf({ config }: ConfigAnalysis): Target | undefined {
  return config.kind === 'measured' ? config.target : undefined
}

/** Undefined where the settings are nothing that one config can have. */
function changeOf(settings: readonly Setting[]): ConfigChange | undefined {
  const of = (kind: Setting['kind']) => settings.filter((each) => each.kind === kind)
  const env = Object.fromEntries(
    of('variable').map(({ name, value }) => [
      name,
      value === undefined ? undefined : String(value),
    ]),
  )
  const options = Object.fromEntries(of('option').map(({ name, value }) => [name, value]))
  const target = of('container')
  if (settings.length === 0 || target.length > 0) return containerChange(target)
  return { env, options }
}

/** Of the container that the subject runs in; what it is, `next-experiment` knows. */
function containerChange(settings: readonly Setting[]): ConfigChange | undefined {
  const of = (name: string) => settings.find((each) => each.name === name)?.value
  const [image, gpus, platform] = [of('image'), of('gpus'), of('platform')].map((value) =>
    value === undefined ? undefined : String(value),
  )
  const cpus = of('cpus')
  const known = [image, gpus, platform, cpus]
  if (known.every((value) => value === undefined)) return undefined
  return {
    target: {
      kind: 'docker',
      image: image ?? '',
      pull: false,
      ...(typeof cpus === 'number' ? { cpus } : {}),
      ...(gpus === undefined ? {} : { gpus }),
      ...(platform === undefined ? {} : { platform }),
    },
  }
}
