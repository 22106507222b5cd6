/** The container uses up its CPU quota, so the kernel stops the whole container until the next period. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import type { TrialSummary } from '../../analysis/trial-summary.ts'
import { computesSlower, speedStatements } from '../compute.ts'
import { endedTrials, keyOf, numberOf, threadsOf, cpuQuotaOf } from '../config-facts.ts'
import type { Fix } from '../fix.ts'
import { applyFix } from '../next-plan.ts'
import {
  defineRule,
  found,
  ruledOut,
  unchecked,
  type Found,
  type RuleInput,
  type RuleResult,
} from '../rule.ts'
import {
  config,
  count,
  exact,
  ms,
  onlyDefined,
  percent,
  statementOf,
  type Statement,
} from '../statement.ts'

/** The quota matters if the kernel stops the container in more than this share of scheduling periods, in percent. */
const minThrottledShare = 10

const statements = {
  'quota.seen': ['config', 'quota'],
  'quota.threads': ['config', 'quota', 'threads'],
  'quota.throttled': ['config', 'throttled', 'periods', 'share', 'time'],
  'quota.none': ['config'],
  'quota.reference': ['config', 'quota'],
  'quota.no-less': ['quota', 'referenceQuota'],
} as const
const statement = statementOf(statements)

export const cpuQuota = defineRule({
  id: 'cpu-quota',
  references: ['Linux Documentation/scheduler/sched-bwc.rst', 'ollama/ollama#17916'],
  statements,
  next: applyFix,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, reference } = input
  const key = keyOf(subject)
  const quota = cpuQuotaOf(subject)
  if (quota === undefined) return undefined
  const otherQuota = reference && cpuQuotaOf(reference)
  if (otherQuota !== undefined && otherQuota <= quota)
    return ruledOut(
      statement('quota.no-less', { quota: exact(quota), referenceQuota: exact(otherQuota) }),
    )
  const throttling = throttlingOf(subject)
  if (throttling === undefined) return unchecked(key, 'containerThrottledPeriods')
  const share = (throttling.throttled / throttling.periods) * 100
  if (share <= minThrottledShare) return ruledOut(throttledStatement(key, throttling))
  const isSlower = computesSlower(input)
  return found({
    configs: [key],
    certainty: isSlower ? 'proven' : 'possible',
    evidence: onlyDefined(
      quotaStatement(subject, quota),
      throttledStatement(key, throttling),
      reference && referenceStatement(reference, otherQuota),
      ...(isSlower ? speedStatements(input) : []),
    ),
    cost: 'at-most',
    maxMs: allButLongerAnswers(input),
    fixes: fixesOf(subject, quota, otherQuota),
  })
}

function quotaStatement(subject: ConfigAnalysis, quota: number): Statement {
  const values = { config: config(keyOf(subject)), quota: exact(quota) }
  const threads = threadsOf(subject)
  return threads === undefined
    ? statement('quota.seen', values)
    : statement('quota.threads', { ...values, threads: count(threads) })
}

function throttledStatement(key: string, { periods, throttled, ms: time }: Throttling): Statement {
  return statement('quota.throttled', {
    config: config(key),
    throttled: count(throttled),
    periods: count(periods),
    share: percent((throttled / periods) * 100),
    time: ms(time),
  })
}

function referenceStatement(reference: ConfigAnalysis, quota: number | undefined): Statement {
  const values = { config: config(keyOf(reference)) }
  return quota === undefined
    ? statement('quota.none', values)
    : statement('quota.reference', { ...values, quota: exact(quota) })
}

/** All parts except the time of longer answers, because a stopped container delays everything. */
function allButLongerAnswers({ gap }: RuleInput): Found['maxMs'] {
  if (gap === undefined) return {}
  const { wait, load, prefill, slowerTokens, outside } = gap.parts
  return { wait, load, prefill, slowerTokens, outside }
}

/** Two alternatives: raise the quota to the CPUs of the other side, or limit the threads to the quota. */
function fixesOf(
  subject: ConfigAnalysis,
  quota: number,
  otherQuota: number | undefined,
): readonly Fix[] {
  const key = keyOf(subject)
  const cpus = otherQuota ?? numberOf(subject, 'cpuCount')
  const maxThreads = Math.max(1, Math.floor(quota))
  return [
    {
      code: 'larger-quota',
      config: key,
      settings: [
        {
          kind: 'container',
          name: 'cpus',
          ...(cpus !== undefined && cpus > quota && { value: cpus }),
        },
      ],
    },
    ...((threadsOf(subject) ?? 0) > maxThreads
      ? [
          {
            code: 'fewer-threads',
            config: key,
            settings: [{ kind: 'option', name: 'num_thread', value: maxThreads }],
          } as const,
        ]
      : []),
  ]
}

interface Throttling {
  /** Scheduling periods. */
  readonly periods: number
  /** Periods in which the kernel stopped the container. */
  readonly throttled: number
  /** Time stopped, added up over CPUs. */
  readonly ms: number
}

/**
 * How many times and how long the kernel stopped a container for its CPU quota. `undefined` if no trial has counters.
 */
function throttlingOf(subject: ConfigAnalysis): Throttling | undefined {
  const perTrial = endedTrials(subject).flatMap((trial) => {
    const counters = countersOf(trial)
    const [first, last] = [counters[0], counters.at(-1)]
    if (first === undefined || last === undefined || last.periods <= first.periods) return []
    return [
      {
        periods: last.periods - first.periods,
        throttled: last.throttled - first.throttled,
        ms: last.ms - first.ms,
      },
    ]
  })
  if (perTrial.length === 0) return undefined
  const sum = (key: keyof Throttling) => perTrial.reduce((total, each) => total + each[key], 0)
  return { periods: sum('periods'), throttled: sum('throttled'), ms: sum('ms') }
}

function countersOf({ evidence }: TrialSummary): readonly Throttling[] {
  return evidence.flatMap(({ facts }) => {
    const { containerPeriods, containerThrottledPeriods, containerThrottledMs } = facts
    return typeof containerPeriods === 'number' &&
      typeof containerThrottledPeriods === 'number' &&
      typeof containerThrottledMs === 'number'
      ? [
          {
            periods: containerPeriods,
            throttled: containerThrottledPeriods,
            ms: containerThrottledMs,
          },
        ]
      : []
  })
}
