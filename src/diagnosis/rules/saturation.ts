/** More requests at once than the machine can use: each is slower, and no more are done in all. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { hasReference, keyOf, type PairInput } from '../case.ts'
import { computeClaims, computesSlower } from '../compute.ts'
import { deviceOf } from '../device.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { computeOf, figureOf, slotsOf, targetOf, textOf, usersOf } from '../config-facts.ts'
import { config, count, ms, speed, statement } from '../statement.ts'

/** Throughput that rises by less has not risen. */
const gainTolerance = 0.05

export const saturation: Rule = (given) => {
  if (!hasReference(given) || !isSameMachine(given)) return undefined
  const { subject, reference } = given
  const [own, other] = [runningOf(subject), runningOf(reference)]
  if (own === undefined) return unchecked('saturation', keyOf(subject), 'slots')
  if (other === undefined) return unchecked('saturation', keyOf(reference), 'slots')
  if (own <= other) return undefined
  const [from, to] = [figureOf(reference, 'throughput'), figureOf(subject, 'throughput')]
  const [before, after] = [computeOf(reference), computeOf(subject)]
  if (from === undefined || to === undefined || before === undefined || after === undefined)
    return unchecked('saturation', keyOf(subject), 'requests')
  const throughput = { from: speed(from), to: speed(to) }
  const compute = { from: ms(before), to: ms(after) }
  if (to > from * (1 + gainTolerance))
    return ruledOut('saturation', statement('saturation.gained', throughput))
  if (!computesSlower(given))
    return ruledOut('saturation', statement('saturation.no-slower', compute))
  return found('saturation', {
    configs: [keyOf(subject)],
    certainty: 'likely',
    evidence: [
      statement('saturation.running', {
        config: config(keyOf(subject)),
        running: count(own),
        reference: config(keyOf(reference)),
        referenceRunning: count(other),
      }),
      statement('saturation.compute', compute),
      statement('saturation.throughput', throughput),
    ],
    share: 'at-most',
    claims: computeClaims(given),
    fixes: [
      {
        code: 'fewer-slots',
        config: keyOf(subject),
        settings: [{ kind: 'variable', name: 'OLLAMA_NUM_PARALLEL', value: other }],
      },
    ],
  })
}

/** One kind of server on one machine with one device and model: only then does more at once explain slower. */
function isSameMachine({ subject, reference, comparison }: PairInput): boolean {
  const alike = (valueOf: (side: ConfigAnalysis) => unknown) =>
    valueOf(subject) === valueOf(reference)
  return (
    comparison.sameHost &&
    (targetOf(subject) !== undefined || subject.config.group === reference.config.group) &&
    alike(targetOf) &&
    alike((side) => deviceOf(side)?.kind) &&
    alike((side) => textOf(side, 'modelDigest'))
  )
}

/** Requests that the server works on at once. */
function runningOf(side: ConfigAnalysis): number | undefined {
  const [slots, users] = [slotsOf(side), usersOf(side)]
  return slots === undefined || users === undefined ? undefined : Math.min(slots, users)
}
