/** The machine read swapped memory back from disk while measuring. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { maxMsOfSlowCompute } from '../compute.ts'
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
  'swap.no-more': ['config', 'pages', 'reference', 'referencePages'],
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
  const { subject, reference } = input
  const key = keyOf(subject)
  const pages = pagesOf(subject)
  if (pages === undefined) return unchecked(key, 'swapInPages')
  if (pages < minPages)
    return ruledOut(
      pages === 0
        ? statement('swap.none', { config: config(key) })
        : statement('swap.few', { config: config(key), pages: count(pages) }),
    )
  const referencePages = reference && pagesOf(reference)
  if (reference && referencePages !== undefined && referencePages >= pages)
    return ruledOut(
      statement('swap.no-more', {
        config: config(key),
        pages: count(pages),
        reference: config(keyOf(reference)),
        referencePages: count(referencePages),
      }),
    )
  return found({
    configs: [key],
    certainty: 'likely',
    evidence: [statement('swap.pages', { config: config(key), pages: count(pages) })],
    maxMs: maxMsOfSlowCompute(input),
    fixes: [smallerContext(subject)],
  })
}

/** The pages that were swapped in during all trials; `undefined` if they were not counted on the server's machine. */
function pagesOf(side: ConfigAnalysis): number | undefined {
  // The counters belong to this machine, so they say nothing about a virtual machine or another machine.
  const runsElsewhere = mayRunElsewhere(side) || (runsInContainer(side) && isOnMac(side) !== false)
  if (!isMeasured(side) || runsElsewhere) return undefined
  const known = endedTrials(side).flatMap(({ evidence }) => {
    const counters = evidence.flatMap(({ facts }) => facts.swapInPages ?? [])
    const [first, last] = [counters[0], counters.at(-1)]
    return typeof first === 'number' && typeof last === 'number' && counters.length > 1
      ? [last - first]
      : []
  })
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0)
}
