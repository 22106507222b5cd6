/** More inference threads than there are CPUs for them: they wait for each other in every step. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { hasReference, keyOf, type RuleInput } from '../case.ts'
import { computeClaims, computesSlower, speedStatements } from '../compute.ts'
import { cpuQuotaOf, mayRunElsewhere } from '../container.ts'
import { deviceOf } from '../device.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { numberOf, slotsOf, targetOf, textOf } from '../config-facts.ts'
import { config, count, exact, statement, type Statement } from '../statement.ts'

export const threads: Rule = (given) => {
  const { subject, reference } = given
  const key = keyOf(subject)
  const own = numberOf(subject, 'threads')
  if (own === undefined) return unchecked('threads', key, 'threads')
  const room = roomOf(subject, own)
  if (room === undefined) return unchecked('threads', key, 'cpuCount')
  if (own === 1 && room.cpus < 1)
    return ruledOut('threads', statement('threads.one', { config: config(key) }))
  if (own <= room.cpus)
    return ruledOut('threads', statement('threads.enough', seen(key, own, room.cpus)))
  const others = reference && numberOf(reference, 'threads')
  if (
    others === own &&
    reference &&
    cpuQuotaOf(reference) === cpuQuotaOf(subject) &&
    targetOf(reference) === targetOf(subject)
  )
    return ruledOut('threads', statement('threads.alike', { threads: count(own) }))
  const isOnlyDifference = others !== undefined && others < own && differInThreadsOnly(given)
  const sure = isOnlyDifference && computesSlower(given)
  return found('threads', {
    configs: [key],
    certainty: sure ? 'proven' : 'possible',
    evidence: onlyDefined(
      room.statement,
      others !== undefined &&
        reference &&
        statement('threads.reference', {
          config: config(keyOf(reference)),
          threads: count(others),
        }),
      ...(sure ? speedStatements(given) : []),
    ),
    reservations: onlyDefined(!sure && statement('threads.not-separated', {})),
    share: sure ? 'at-most' : 'unknown',
    claims: computeClaims(given),
    fixes: [
      {
        code: 'fewer-threads',
        config: key,
        settings: [
          { kind: 'option', name: 'num_thread', value: Math.max(1, Math.floor(room.cpus)) },
        ],
      },
    ],
  })
}

function seen(key: string, threads: number, cpus: number) {
  return { config: config(key), threads: count(threads), cpus: count(cpus) }
}

interface Room {
  /** CPUs that the threads can have to themselves. */
  readonly cpus: number
  readonly statement: Statement
}

/** The quota; else the performance cores of a chip that has two kinds; else all cores but one, where the load generator runs beside. */
function roomOf(subject: ConfigAnalysis, own: number): Room | undefined {
  const key = config(keyOf(subject))
  const quota = cpuQuotaOf(subject)
  if (quota !== undefined)
    return {
      cpus: quota,
      statement: statement('threads.quota', {
        config: key,
        threads: count(own),
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
        threads: count(own),
        performance: count(performance),
        efficiency: count(efficiency),
      }),
    }
  const all = numberOf(subject, 'cpuCount')
  if (all === undefined) return undefined
  const cpus = Math.max(1, all - 1)
  return { cpus, statement: statement('threads.above', seen(keyOf(subject), own, all)) }
}

/** Of all that computing depends on, the sides differ in nothing else that is known. */
function differInThreadsOnly(given: RuleInput): boolean {
  if (!hasReference(given)) return false
  const { subject, reference } = given
  const alike = (valueOf: (side: ConfigAnalysis) => unknown) =>
    valueOf(subject) === valueOf(reference)
  return (
    given.comparison.sameHost &&
    alike(targetOf) &&
    alike((side) => deviceOf(side)?.kind) &&
    alike(slotsOf) &&
    alike((side) => textOf(side, 'modelDigest')) &&
    alike((side) => textOf(side, 'serverVersion')) &&
    alike((side) => numberOf(side, 'contextLength'))
  )
}
