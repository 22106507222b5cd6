/** The server computes more requests at once than the machine can use: each is slower, and throughput does not rise. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { maxMsOfSlowCompute, computesSlower, deviceOf } from '../compute.ts'
import { computeOf, figureOf, keyOf, slotsOf, targetOf, textOf, usersOf } from '../config-facts.ts'
import { applyFix } from '../next-plan.ts'
import {
  defineRule,
  found,
  hasReference,
  ruledOut,
  unchecked,
  type PairInput,
  type RuleInput,
  type RuleResult,
} from '../rule.ts'
import { config, count, ms, speed, statementOf } from '../statement.ts'

/** Throughput counts as higher only if it rises by at least this share. */
const minGain = 0.05

const statements = {
  'saturation.running': ['config', 'running', 'reference', 'referenceRunning'],
  'saturation.throughput': ['from', 'to'],
  'saturation.compute': ['from', 'to'],
  'saturation.gained': ['from', 'to'],
  'saturation.no-slower': ['from', 'to'],
} as const
const statement = statementOf(statements)

export const saturation = defineRule({
  id: 'saturation',
  references: ['ollama/ollama#11335'],
  statements,
  next: applyFix,
  examine,
})

function examine(input: RuleInput): RuleResult {
  if (!hasReference(input) || !isSameMachine(input)) return undefined
  const { subject, reference } = input
  const [subjectRunning, referenceRunning] = [runningOf(subject), runningOf(reference)]
  if (subjectRunning === undefined) return unchecked(keyOf(subject), 'slots')
  if (referenceRunning === undefined) return unchecked(keyOf(reference), 'slots')
  if (subjectRunning <= referenceRunning) return undefined
  const [referenceThroughput, subjectThroughput] = [
    figureOf(reference, 'throughput'),
    figureOf(subject, 'throughput'),
  ]
  const [referenceCompute, subjectCompute] = [computeOf(reference), computeOf(subject)]
  if (
    referenceThroughput === undefined ||
    subjectThroughput === undefined ||
    referenceCompute === undefined ||
    subjectCompute === undefined
  )
    return unchecked(keyOf(subject), 'requests')
  const throughput = { from: speed(referenceThroughput), to: speed(subjectThroughput) }
  const compute = { from: ms(referenceCompute), to: ms(subjectCompute) }
  if (subjectThroughput > referenceThroughput * (1 + minGain))
    return ruledOut(statement('saturation.gained', throughput))
  if (!computesSlower(input)) return ruledOut(statement('saturation.no-slower', compute))
  return found({
    configs: [keyOf(subject)],
    certainty: 'likely',
    evidence: [
      statement('saturation.running', {
        config: config(keyOf(subject)),
        running: count(subjectRunning),
        reference: config(keyOf(reference)),
        referenceRunning: count(referenceRunning),
      }),
      statement('saturation.compute', compute),
      statement('saturation.throughput', throughput),
    ],
    cost: 'at-most',
    maxMs: maxMsOfSlowCompute(input),
    fixes: [
      {
        code: 'fewer-slots',
        config: keyOf(subject),
        settings: [{ kind: 'variable', name: 'OLLAMA_NUM_PARALLEL', value: referenceRunning }],
      },
    ],
  })
}

/**
 * True for the same kind of server, machine, device and model. Otherwise parallel requests do not explain the
 * difference.
 */
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

/** How many requests the server computes at once. */
function runningOf(side: ConfigAnalysis): number | undefined {
  const [slots, users] = [slotsOf(side), usersOf(side)]
  if (users === 1) return users
  return slots === undefined || users === undefined ? undefined : Math.min(slots, users)
}
