/** A server uses more inference threads than it has CPUs, so they wait for each other in every step. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { maxMsOfSlowCompute, computesSlower, speedStatements, deviceOf } from '../compute.ts'
import {
  keyOf,
  numberOf,
  threadsOf,
  slotsOf,
  targetOf,
  textOf,
  cpuQuotaOf,
  mayRunElsewhere,
  runsOnAnotherMachine,
} from '../config-facts.ts'
import { applyFix } from '../next-plan.ts'
import {
  defineRule,
  found,
  hasReference,
  ruledOut,
  unchecked,
  type RuleInput,
  type RuleResult,
} from '../rule.ts'
import { config, count, exact, onlyDefined, statementOf, type Statement } from '../statement.ts'

const statements = {
  'threads.above': ['config', 'threads', 'cpus'],
  'threads.above-elsewhere': ['config', 'threads', 'cpus'],
  'threads.quota': ['config', 'threads', 'quota'],
  'threads.performance': ['config', 'threads', 'performance', 'efficiency'],
  'threads.reference': ['config', 'threads'],
  'threads.not-separated': [],
  'threads.enough': ['config', 'threads', 'cpus'],
  'threads.alike': ['threads'],
  'threads.one': ['config'],
} as const
const statement = statementOf(statements)

export const threads = defineRule({
  id: 'threads',
  references: ['ollama/ollama#17916', 'ollama/ollama#10292'],
  statements,
  next: applyFix,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, reference } = input
  const key = keyOf(subject)
  const threadCount = threadsOf(subject)
  if (threadCount === undefined) return unchecked(key, 'threads')
  const available = availableCpus(subject, threadCount)
  if (available === undefined) return unchecked(key, 'cpuCount')
  if (threadCount === 1 && available.cpus < 1)
    return ruledOut(statement('threads.one', { config: config(key) }))
  if (threadCount <= available.cpus)
    return ruledOut(statement('threads.enough', threadValues(key, threadCount, available.cpus)))
  const referenceThreads = reference && threadsOf(reference)
  if (
    referenceThreads === threadCount &&
    reference &&
    cpuQuotaOf(reference) === cpuQuotaOf(subject) &&
    targetOf(reference) === targetOf(subject)
  )
    return ruledOut(statement('threads.alike', { threads: count(threadCount) }))
  const isOnlyDifference =
    referenceThreads !== undefined && referenceThreads < threadCount && differInThreadsOnly(input)
  const isOnlyCause = isOnlyDifference && computesSlower(input)
  return found({
    configs: [key],
    certainty: isOnlyCause ? 'proven' : 'possible',
    evidence: onlyDefined(
      available.statement,
      referenceThreads !== undefined &&
        reference &&
        statement('threads.reference', {
          config: config(keyOf(reference)),
          threads: count(referenceThreads),
        }),
      ...(isOnlyCause ? speedStatements(input) : []),
    ),
    reservations: onlyDefined(!isOnlyCause && statement('threads.not-separated', {})),
    cost: isOnlyCause ? 'at-most' : 'unknown',
    maxMs: maxMsOfSlowCompute(input),
    fixes: [
      {
        code: 'fewer-threads',
        config: key,
        settings: [
          { kind: 'option', name: 'num_thread', value: Math.max(1, Math.floor(available.cpus)) },
        ],
      },
    ],
  })
}

function threadValues(key: string, threads: number, cpus: number) {
  return { config: config(key), threads: count(threads), cpus: count(cpus) }
}

interface AvailableCpus {
  /** The number of CPUs that the server has for itself. */
  readonly cpus: number
  readonly statement: Statement
}

/**
 * The CPU quota; without one, the performance cores of a chip with two kinds of cores; else all CPUs, minus one for the
 * load generator if it runs on the same machine.
 */
function availableCpus(subject: ConfigAnalysis, threadCount: number): AvailableCpus | undefined {
  const key = config(keyOf(subject))
  const quota = cpuQuotaOf(subject)
  if (quota !== undefined)
    return {
      cpus: quota,
      statement: statement('threads.quota', {
        config: key,
        threads: count(threadCount),
        quota: exact(quota),
      }),
    }
  if (mayRunElsewhere(subject)) return undefined
  const [performance, efficiency] = [
    numberOf(subject, 'performanceCores'),
    numberOf(subject, 'efficiencyCores'),
  ]
  if (performance !== undefined && efficiency !== undefined && efficiency > 0)
    return {
      cpus: performance,
      statement: statement('threads.performance', {
        config: key,
        threads: count(threadCount),
        performance: count(performance),
        efficiency: count(efficiency),
      }),
    }
  const cpuCount = numberOf(subject, 'cpuCount')
  if (cpuCount === undefined) return undefined
  const values = threadValues(keyOf(subject), threadCount, cpuCount)
  if (runsOnAnotherMachine(subject))
    return { cpus: cpuCount, statement: statement('threads.above-elsewhere', values) }
  return { cpus: Math.max(1, cpuCount - 1), statement: statement('threads.above', values) }
}

/** True if, as far as known, the sides are alike in everything else that the speed of computing depends on. */
function differInThreadsOnly(input: RuleInput): boolean {
  if (!hasReference(input)) return false
  const { subject, reference } = input
  const alike = (valueOf: (side: ConfigAnalysis) => unknown) =>
    valueOf(subject) === valueOf(reference)
  return (
    input.comparison.sameHost &&
    alike(targetOf) &&
    alike((side) => deviceOf(side)?.kind) &&
    alike(slotsOf) &&
    alike((side) => textOf(side, 'modelDigest')) &&
    alike((side) => textOf(side, 'serverVersion')) &&
    alike((side) => numberOf(side, 'contextLength'))
  )
}
