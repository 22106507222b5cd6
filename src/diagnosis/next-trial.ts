/** What would test a cause: one config more, or the same ones under another workload. */
import type { Analysis, ConfigAnalysis } from '../analysis/analysis.ts'
import type { MeasuredConfig, OptionValue, Target, Workload } from '../experiment/experiment.ts'
import type { Cause } from './cause.ts'
import type { Diagnosis, Finding } from './diagnosis.ts'
import type { Setting } from './fix.ts'
import { figureOf, latencyOf, numberOf } from './seen.ts'

export interface NextTrial {
  readonly cause: Cause
  /** Key of the config that has the cause, and of what it is compared with. */
  readonly subject: string
  readonly reference?: string
  /** A config to be added, made of one of those two. */
  readonly trial?: { readonly from: 'subject' | 'reference'; readonly change: ConfigChange }
  /** What changes for all configs. */
  readonly everywhere: WorkloadChange
  /** Of mean latency: the first against the second. */
  readonly claim: NextClaim
}

export interface ConfigChange {
  /** Undefined takes it out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly options?: Readonly<Record<string, OptionValue | undefined>>
  readonly target?: Target
  readonly settleMs?: number
}

export interface WorkloadChange extends Partial<Pick<Workload, 'think' | 'cache'>> {
  readonly options?: Readonly<Record<string, OptionValue | undefined>>
  readonly users?: number
}

type Side = 'subject' | 'reference' | 'trial'
export type NextClaim =
  | {
      readonly config: Side
      readonly versus: Side
      readonly kind: 'change'
      readonly percent: number
    }
  | {
      readonly config: Side
      readonly versus: Side
      readonly kind: 'same'
      readonly percent: number
    }

/** Changes that are no larger are noise; so close are two latencies that are alike. */
const leastPercent = 2
const alikePercent = 5
/** A cause that is one brings back at least this share of what it can account for. */
const worthShare = 0.5
/** Answers that are so many times longer spread out what each request costs. */
const longerAnswers = 4

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
  if (change === undefined) return undefined
  return { trial: { from: 'subject', change }, everywhere: {}, claim: faster(given) }
}

const onServerOfItsOwn: Plan = (given) => ({
  trial: { from: 'subject', change: { target: { kind: 'process', pull: false } } },
  everywhere: {},
  claim: faster(given),
})

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

const onCpuAlone: Plan = ({ reference }) =>
  reference && {
    trial: { from: 'reference', change: { options: { num_gpu: 0 } } },
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

const plans = {
  'cold-start': withFix,
  'keep-alive': withFix,
  reload: onServerOfItsOwn,
  thinking: alike(() => ({ think: false })),
  'cut-answers': sameLimit,
  'answer-length': sameLimit,
  truncated: sameContext(2),
  cache: alike(() => ({ cache: 'cold' })),
  slots: withFix,
  client: ({ subject }) => {
    const users = subject.config.kind === 'measured' && usersIn(subject.config)
    if (typeof users !== 'number' || users < 2) return undefined
    return {
      everywhere: { users: Math.floor(users / 2) },
      claim: { config: 'subject', versus: 'reference', kind: 'same', percent: alikePercent },
    }
  },
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
  version: withFix,
  decay: withFix,
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
    return change && { trial: { from: 'subject', change }, everywhere: {}, claim: faster(given) }
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

type TestableCause = keyof typeof plans
const testable: readonly Cause[] = Object.keys(plans).filter(isTestable)
/** Causes that an experiment can test, in the order of `plans`. */
export const testableCauses = testable

export function isTestable(cause: string): cause is TestableCause {
  return Object.hasOwn(plans, cause)
}

/** Undefined where the cause was not found, or no experiment on these configs would test it. */
export function nextTrial(
  analysis: Analysis,
  { explanations, settings }: Diagnosis,
  cause: string,
): NextTrial | undefined {
  if (!isTestable(cause)) return undefined
  const explanation = explanations.find(({ findings }) =>
    findings.some((each) => each.cause === cause),
  )
  const finding = [...(explanation?.findings ?? []), ...settings].find(
    (each) => each.cause === cause,
  )
  if (finding === undefined) return undefined
  const configOf = (key: string | undefined) =>
    analysis.configs.find(({ config }) => config.key === key)
  const subject = configOf(explanation?.subject ?? finding.configs[0])
  const reference = configOf(
    explanation === undefined ? subject?.config.from : explanation.reference,
  )
  if (subject === undefined) return undefined
  const plan = plans[cause]({ finding, subject, analysis, ...(reference && { reference }) })
  return (
    plan && {
      cause,
      subject: keyOf(subject),
      ...(reference && { reference: keyOf(reference) }),
      ...plan,
    }
  )
}

function keyOf({ config }: ConfigAnalysis): string {
  return config.key
}

/** At least half of what the finding can account for, or more than noise where that is not known. */
function faster({ finding, subject }: Subjects): NextClaim {
  const latency = latencyOf(subject)
  const most = latency === undefined ? 0 : (finding.totalMs / latency) * 100
  const percent = Math.max(leastPercent, Math.round(most * worthShare))
  return { config: 'trial', versus: 'subject', kind: 'change', percent: -percent }
}

function usersIn({ workload }: MeasuredConfig): number | undefined {
  return 'users' in workload.load ? workload.load.users : undefined
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
  const rest = of('client').some(({ name }) => name === 'settle') ? { settleMs: 60_000 } : {}
  const target = of('container')
  if (settings.length === 0 || target.length > 0) return containerChange(target)
  return { env, options, ...rest }
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
