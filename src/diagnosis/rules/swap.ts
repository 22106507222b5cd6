/** The machine read swapped memory back from disk while measuring. */
import { claimsOfSlowCompute } from '../compute.ts'
import {
  endedTrials,
  isMeasured,
  keyOf,
  isOnMac,
  mayRunElsewhere,
  runsInContainer,
} from '../config-facts.ts'
import { smallerContext } from '../fix.ts'
import { applyFix } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, count, statementOf } from '../statement.ts'

/** Fewer pages over all trials have no visible effect. */
const minPages = 1000

const statements = {
  'swap.pages': ['config', 'pages'],
  'swap.few': ['config', 'pages'],
  'swap.none': ['config'],
} as const
const statement = statementOf(statements)

export const swap = defineRule({
  id: 'swap',
  references: [],
  statements,
  next: applyFix,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject } = input
  const key = keyOf(subject)
  if (!isMeasured(subject)) return unchecked(key, 'swapInPages')
  // The counters belong to this machine, so they say nothing about a virtual machine or another machine.
  const runsElsewhere =
    mayRunElsewhere(subject) || (runsInContainer(subject) && isOnMac(subject) !== false)
  const counted = endedTrials(subject).map(({ evidence }) => {
    const counters = evidence.flatMap(({ facts }) => facts.swapInPages ?? [])
    const [first, last] = [counters[0], counters.at(-1)]
    return typeof first === 'number' && typeof last === 'number' && counters.length > 1
      ? last - first
      : undefined
  })
  const known = counted.filter((each) => each !== undefined)
  if (runsElsewhere || known.length === 0) return unchecked(key, 'swapInPages')
  const pages = known.reduce((sum, each) => sum + each, 0)
  if (pages < minPages)
    return ruledOut(
      pages === 0
        ? statement('swap.none', { config: config(key) })
        : statement('swap.few', { config: config(key), pages: count(pages) }),
    )
  return found({
    configs: [key],
    certainty: 'likely',
    evidence: [statement('swap.pages', { config: config(key), pages: count(pages) })],
    claims: claimsOfSlowCompute(input),
    fixes: [smallerContext(subject)],
  })
}
