/** The machine read memory back from disk while it was measured. */
import { keyOf } from '../case.ts'
import { computeClaims } from '../compute.ts'
import { isOnMac, mayRunElsewhere, runsInContainer } from '../container.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { endedTrials, isMeasured } from '../config-facts.ts'
import { smallerContext } from '../smaller-context.ts'
import { config, count, statement } from '../statement.ts'

/** Pages over all trials below which nobody noticed. */
const leastPages = 1000

export const swap: Rule = (given) => {
  const { subject } = given
  const key = keyOf(subject)
  if (!isMeasured(subject)) return unchecked('swap', key, 'swapInPages')
  // Inside a virtual machine, and on another machine, nobody looked.
  const isElsewhere =
    mayRunElsewhere(subject) || (runsInContainer(subject) && isOnMac(subject) !== false)
  const counted = endedTrials(subject).map(({ evidence }) => {
    const counters = evidence.flatMap(({ facts }) => facts.swapInPages ?? [])
    const [first, last] = [counters[0], counters.at(-1)]
    return typeof first === 'number' && typeof last === 'number' && counters.length > 1
      ? last - first
      : undefined
  })
  const known = counted.filter((each) => each !== undefined)
  if (isElsewhere || known.length === 0) return unchecked('swap', key, 'swapInPages')
  const pages = known.reduce((sum, each) => sum + each, 0)
  if (pages < leastPages)
    return ruledOut(
      'swap',
      pages === 0
        ? statement('swap.none', { config: config(key) })
        : statement('swap.few', { config: config(key), pages: count(pages) }),
    )
  return found('swap', {
    configs: [key],
    certainty: 'likely',
    evidence: [statement('swap.pages', { config: config(key), pages: count(pages) })],
    claims: computeClaims(given),
    fixes: [smallerContext(subject)],
  })
}
