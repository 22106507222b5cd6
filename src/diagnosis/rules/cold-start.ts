/** Cold start: the first requests of a trial find no model in memory and wait until it is loaded. */
import { keyOf } from '../config-facts.ts'
import { loadsOf, loadStatements, noLoadsStatement } from '../loads.ts'
import { configuredUsers, sameOnBothSides } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, count, statementOf } from '../statement.ts'

/** Enough to load the model and to send a first request for each user. */
const minWarmupRequests = 3

const statements = {
  'loads.not-at-start': ['config', 'later'],
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

function examine({ subject, gap }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked(key, 'requests')
  if (loads.requests === 0) return ruledOut(noLoadsStatement(subject))
  const later = loads.requests - loads.atStart
  if (later > 0)
    return ruledOut(statement('loads.not-at-start', { config: config(key), later: count(later) }))
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: loadStatements(subject, loads),
    share: 'measured',
    claims: gap === undefined ? {} : { load: gap.parts.load },
    fixes: [
      {
        code: 'keep-loaded',
        config: key,
        settings: [{ kind: 'variable', name: 'OLLAMA_KEEP_ALIVE', value: '-1' }],
      },
    ],
  })
}
