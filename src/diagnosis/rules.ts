/** The list of rules, from which all lists of causes are derived. A new cause needs a new file and a line here. */
import type { Plan } from './next-plan.ts'
import { answerLength } from './rules/answer-length.ts'
import { buffered } from './rules/buffered.ts'
import { cache } from './rules/cache.ts'
import { cannotAct } from './rules/cannot-act.ts'
import { client } from './rules/client.ts'
import { coldStart } from './rules/cold-start.ts'
import { context } from './rules/context.ts'
import { cpuOnly } from './rules/cpu-only.ts'
import { cpuQuota } from './rules/cpu-quota.ts'
import { crashed } from './rules/crashed.ts'
import { cutAnswers } from './rules/cut-answers.ts'
import { decay } from './rules/decay.ts'
import { emulation } from './rules/emulation.ts'
import { gpuRequest } from './rules/gpu-request.ts'
import { keepAlive } from './rules/keep-alive.ts'
import { loadFailed } from './rules/load-failed.ts'
import { macContainer } from './rules/mac-container.ts'
import { mixEvictions } from './rules/mix-evictions.ts'
import { model } from './rules/model.ts'
import { notApplied } from './rules/not-applied.ts'
import { notRead } from './rules/not-read.ts'
import { outside } from './rules/outside.ts'
import { overhead } from './rules/overhead.ts'
import { partialOffload } from './rules/partial-offload.ts'
import { quantization } from './rules/quantization.ts'
import { evicted } from './rules/evicted.ts'
import { refused } from './rules/refused.ts'
import { reload } from './rules/reload.ts'
import { saturation } from './rules/saturation.ts'
import { slots } from './rules/slots.ts'
import { swap } from './rules/swap.ts'
import { thinking } from './rules/thinking.ts'
import { threads } from './rules/threads.ts'
import { truncated } from './rules/truncated.ts'
import { version } from './rules/version.ts'
import { sharedStatements, type StatementTable } from './statement.ts'

/**
 * Rules about the difference between two configs. If two causes of the same certainty claim the same milliseconds, the
 * first one in this list gets them. Causes that a single field measures come first (loads, tokens, waiting, the
 * network), then causes of slow computing (device, threads, parallel requests), then other differences between the
 * configs.
 */
export const rules = [
  coldStart,
  keepAlive,
  evicted,
  mixEvictions,
  reload,
  thinking,
  cutAnswers,
  answerLength,
  truncated,
  cache,
  slots,
  client,
  outside,
  macContainer,
  gpuRequest,
  cpuOnly,
  partialOffload,
  emulation,
  cpuQuota,
  threads,
  saturation,
  swap,
  model,
  quantization,
  context,
  version,
  decay,
  overhead,
] as const

/** Rules about failed trials and requests. They explain no milliseconds, and come first in the order of findings. */
export const failureRules = [loadFailed, crashed, refused] as const

/** Rules about how answers reach the client. They explain no milliseconds of the latency. */
export const deliveryRules = [buffered] as const

/** Rules about settings without effect. They explain no milliseconds, and come last in the order. */
export const settingRules = [notRead, notApplied, cannotAct] as const

const allRules = [...failureRules, ...rules, ...deliveryRules, ...settingRules]
type AnyRule = (typeof allRules)[number]
type WithPlan = Extract<AnyRule, { readonly next: Plan }>

/** The id of a cause, which `exp next ID CAUSE` accepts. */
export type Cause = AnyRule['id']
/** A cause that an experiment can test. */
export type TestableCause = WithPlan['id']

export const causes: readonly Cause[] = allRules.map(({ id }) => id)
export const testableCauses: readonly TestableCause[] = causes.filter(isTestable)

export function isCause(text: string): text is Cause {
  return causes.some((each) => each === text)
}

export function isTestable(cause: string): cause is TestableCause {
  return allRules.some((rule) => rule.id === cause && hasPlan(rule))
}

function hasPlan(rule: AnyRule): rule is WithPlan {
  return typeof rule.next === 'function'
}

/** True if the cause is about settings, and not about a difference between two configs. */
export function isSettingCause(cause: Cause): boolean {
  return settingRules.some(({ id }) => id === cause)
}

/** Where the claim about Ollama comes from: documents, source files, issues. */
export function referencesOf(cause: Cause): readonly string[] {
  return allRules.find(({ id }) => id === cause)?.references ?? []
}

/** How an experiment would test the cause; `undefined` if no experiment file can. */
export function planOf(cause: Cause): Plan | undefined {
  return allRules.filter(hasPlan).find(({ id }) => id === cause)?.next
}

/** What to do about a cause that no experiment file can test; `undefined` for the others. */
export function insteadOfPlan(cause: Cause): string | undefined {
  const next = allRules.find(({ id }) => id === cause)?.next
  return typeof next === 'object' ? next.instead : undefined
}

type CodesOf<AnyTable> = AnyTable extends StatementTable ? keyof AnyTable & string : never
/** The codes of all statements. */
export type StatementCode =
  | keyof typeof sharedStatements
  | CodesOf<Extract<AnyRule, { readonly statements: StatementTable }>['statements']>

/** Every statement with its values. */
export const statementValues: StatementTable = Object.fromEntries(
  [
    sharedStatements,
    ...allRules.map((rule) => ('statements' in rule ? rule.statements : {})),
  ].flatMap((table) => Object.entries(table)),
)

export function isStatementCode(code: string): code is StatementCode {
  return Object.hasOwn(statementValues, code)
}
