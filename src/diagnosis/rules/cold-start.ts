/** Cold start: the first requests of a trial find no model in memory and wait until it is loaded. */
import { keyOf } from '../config-facts.ts'
import { loadsOf, loadStatements, noLoadsStatement } from '../loads.ts'
import { configuredUsers, sameOnBothSides } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, count, ms, statementOf } from '../statement.ts'

/** Enough to load the model and to send a first request for each user. */
const minWarmupRequests = 3

const statements = {
  'loads.not-at-start': ['config', 'later'],
  'loads.alike': ['config', 'load', 'reference', 'referenceLoad'],
} as const
const statement = statementOf(statements)

export const coldStart = defineRule({
  id: 'cold-start',
  references: ['Ollama docs/faq.mdx'],
  statements,
  next: sameOnBothSides(({ subject }) => {
    const { config } = subject
    const warmupRequests = Math.max(minWarmupRequests, configuredUsers(subject) ?? 0)
    const isWarm = config.kind === 'measured' && config.workload.warmupRequests >= warmupRequests
    return isWarm ? undefined : { warmupRequests }
  }),
  examine,
})

/** Mean load times count as equal if that of the subject is at most this many times that of the reference. */
const alikeRatio = 1.1

function examine({ subject, reference, gap }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked(key, 'requests')
  if (loads.requests === 0) return ruledOut(noLoadsStatement(subject))
  const later = loads.requests - loads.atStart
  if (later > 0)
    return ruledOut(statement('loads.not-at-start', { config: config(key), later: count(later) }))
  const others = reference && loadsOf(reference)
  // If there is a gap, its part `load` shows whether the sides differ.
  if (gap === undefined && others && loads.meanMs <= alikeRatio * others.meanMs)
    return ruledOut(
      statement('loads.alike', {
        config: config(key),
        load: ms(loads.meanMs),
        reference: config(keyOf(reference)),
        referenceLoad: ms(others.meanMs),
      }),
    )
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: loadStatements(subject, loads),
    cost: 'measured',
    maxMs: gap === undefined ? {} : { load: gap.parts.load },
    fixes: [
      {
        code: 'keep-loaded',
        config: key,
        settings: [{ kind: 'variable', name: 'OLLAMA_KEEP_ALIVE', value: '-1' }],
      },
    ],
  })
}
