/** Plans how to test a cause: with one more config, or with the same configs under another workload. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Workload } from '../experiment/experiment.ts'
import type { OptionValue } from '../experiment/model.ts'
import {
  kindFacts,
  nativeTarget,
  type ContainerSettings,
  type Target,
} from '../experiment/target-kinds.ts'
import { figureOf, keyOf, latencyOf, numberOf } from './config-facts.ts'
import type { Fix, Setting } from './fix.ts'

/** The changes of an experiment that tests a cause, and its claim. */
export interface NextPlan {
  /** The config that the experiment adds, derived from one of the two compared configs. Absent if it adds none. */
  readonly addedConfig?: {
    readonly from: 'subject' | 'reference'
    /** Set if the added config has the settings of `from` but runs where the reference runs. */
    readonly on?: 'reference'
    readonly change: ConfigChange
  }
  /** Changes to all configs. */
  readonly everywhere: WorkloadChange
  readonly claim: NextClaim
}

export interface ConfigChange {
  /** An undefined value removes the variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly options?: Readonly<Record<string, OptionValue | undefined>>
  readonly target?: Target
  /** Changes these settings of the container, and keeps the others. */
  readonly container?: ContainerSettings
}

export interface WorkloadChange extends Partial<Pick<Workload, 'think' | 'cache'>> {
  readonly options?: Readonly<Record<string, OptionValue | undefined>>
  readonly users?: number
  readonly warmupRequests?: number
  /** Pause before each trial. */
  readonly settleMs?: number
}

type Side = 'subject' | 'reference' | 'added'

/**
 * The claim of the experiment. `change`: the signed change from `versus` to `config`. `same`: the largest difference
 * between the two. In percent for times, in points for the share of ok requests.
 */
export interface NextClaim {
  /** Absent: the mean latency. */
  readonly metric?: 'okRate' | 'ttftMean'
  readonly config: Side
  readonly versus: Side
  readonly kind: 'change' | 'same'
  readonly percent: number
}

export interface PlanInput {
  readonly finding: { readonly fixes: readonly Fix[]; readonly savedMs: number }
  readonly subject: ConfigAnalysis
  readonly reference?: ConfigAnalysis
}

/** `undefined` if no experiment on these configs could test the cause. */
export type Plan = (input: PlanInput) => NextPlan | undefined

/** The smallest change to claim, in percent: smaller ones are noise. */
const minChangePercent = 2
/** Two latencies that differ by at most this are treated as equal, in percent. */
const alikePercent = 5
/** If a cause is real, removing it should save at least this share of the finding's `savedMs`. */
const minRealShare = 0.5

/** Adds a config that has the settings of the finding's fix. */
export const applyFix: Plan = (input) => {
  const fix = input.finding.fixes.find(({ config }) => config === keyOf(input.subject))
  const change = changeOf(fix?.settings ?? [])
  return change && changeSubject(input, change)
}

/** Adds a changed copy of the subject. `undefined` for a variable of a server that `exp` does not start. */
export function changeSubject(input: PlanInput, change: ConfigChange): NextPlan | undefined {
  const variables = Object.keys(change.env ?? {}).length
  const target = configuredTarget(input.subject)
  if (variables > 0 && target && !kindFacts(target.kind).startsServer) return undefined
  return { addedConfig: { from: 'subject', change }, everywhere: {}, claim: claimFaster(input) }
}

/**
 * Adds a server that `exp` starts itself, which has no other clients and no proxy. Planned only if
 * `exp` does not start the server of the subject, and the reference does not run natively already.
 */
export const useSeparateServer: Plan = (input) => {
  const [subjectKind, referenceKind] = [input.subject, input.reference].map(
    (side) => side && configuredTarget(side)?.kind,
  )
  const isSubjectExternal = subjectKind !== undefined && !kindFacts(subjectKind).startsServer
  const isReferenceNative = referenceKind !== undefined && kindFacts(referenceKind).isNative
  return isSubjectExternal && !isReferenceNative
    ? changeSubject(input, { target: nativeTarget })
    : undefined
}

/** Makes one more setting equal on both sides, and claims that the difference then vanishes. */
export const sameOnBothSides =
  (everywhere: (input: PlanInput) => WorkloadChange | undefined): Plan =>
  (input) => {
    const change = everywhere(input)
    if (change === undefined || input.reference === undefined) return undefined
    return {
      everywhere: change,
      claim: { config: 'subject', versus: 'reference', kind: 'same', percent: alikePercent },
    }
  }

/**
 * Adds a config that runs where the reference runs, with the subject's settings and without a GPU. It differs from the
 * subject only in the place of its server.
 */
export const onCpuOnly: Plan = ({ reference }) =>
  reference && {
    addedConfig: { from: 'subject', on: 'reference', change: { options: { num_gpu: 0 } } },
    everywhere: {},
    claim: { config: 'subject', versus: 'added', kind: 'same', percent: alikePercent },
  }

/**
 * Sets the larger answer limit of the two sides on both. If neither side has a limit, the mean answer length of the
 * reference becomes the limit.
 */
export const sameAnswerLimit = sameOnBothSides(({ subject, reference }) => {
  const limits = [subject, reference].flatMap((side) => side?.config.options['num_predict'] ?? [])
  const known = limits.filter((each) => typeof each === 'number' && each > 0)
  const referenceTokens = reference && figureOf(reference, 'outputTokens')
  const limit =
    known.length > 0
      ? Math.max(...known.map(Number))
      : referenceTokens && Math.ceil(referenceTokens)
  return limit === undefined ? undefined : { options: { num_predict: limit } }
})

/** Sets the larger context of the two sides, times the factor, on both. */
export const sameContext = (factor: number): Plan =>
  sameOnBothSides(({ subject, reference }) => {
    const contexts = [subject, reference].flatMap(
      (side) => (side && numberOf(side, 'contextLength')) ?? [],
    )
    return contexts.length === 0
      ? undefined
      : { options: { num_ctx: Math.max(...contexts) * factor } }
  })

/** Adds a copy of the subject with these changes, and claims that its latency is the same. */
export function unchangedBy(change: ConfigChange): NextPlan {
  return {
    addedConfig: { from: 'subject', change },
    everywhere: {},
    claim: { config: 'added', versus: 'subject', kind: 'same', percent: alikePercent },
  }
}

/** Claims at least half of what removing the cause can save, or more than noise if that is not known. */
function claimFaster({ finding, subject }: PlanInput): NextClaim {
  const latency = latencyOf(subject)
  const possible = latency === undefined ? 0 : (finding.savedMs / latency) * 100
  const percent = Math.max(minChangePercent, Math.round(possible * minRealShare))
  return { config: 'added', versus: 'subject', kind: 'change', percent: -percent }
}

/** Users of a closed loop, as the experiment file sets them; `undefined` for a recorded config. */
export function configuredUsers({ config }: ConfigAnalysis): number | undefined {
  return config.kind === 'measured' && 'users' in config.workload.load
    ? config.workload.load.users
    : undefined
}

/** The target that the experiment file names; `undefined` for a recorded config. */
export function configuredTarget({ config }: ConfigAnalysis): Target | undefined {
  return config.kind === 'measured' ? config.target : undefined
}

/** `undefined` if a config cannot have any of the settings. */
export function changeOf(settings: readonly Setting[]): ConfigChange | undefined {
  const settingsOf = (kind: Setting['kind']) => settings.filter((each) => each.kind === kind)
  if (settings.length === 0) return undefined
  const container = settingsOf('container')
  if (container.length > 0) return containerChange(container)
  const env = Object.fromEntries(
    settingsOf('variable').map(({ name, value }) => [
      name,
      value === undefined ? undefined : String(value),
    ]),
  )
  return {
    env,
    options: Object.fromEntries(settingsOf('option').map(({ name, value }) => [name, value])),
  }
}

/** `undefined` if a container cannot have any of the settings. */
function containerChange(settings: readonly Setting[]): ConfigChange | undefined {
  const valueOf = (name: string) => settings.find((each) => each.name === name)?.value
  const [image, gpus, platform] = [valueOf('image'), valueOf('gpus'), valueOf('platform')].map(
    (value) => (value === undefined ? undefined : String(value)),
  )
  const cpus = valueOf('cpus')
  const container = {
    ...(image !== undefined && { image }),
    ...(typeof cpus === 'number' && { cpus }),
    ...(gpus !== undefined && { gpus }),
    ...(platform !== undefined && { platform }),
  }
  return Object.keys(container).length === 0 ? undefined : { container }
}
