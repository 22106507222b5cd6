/** Another model on the same server takes the memory, so that the measured model has to be loaded again. */
import { hasExpired, keepAliveOf, loadsOf, loadStatements } from '../loads.ts'
import { keyOf, otherModelLoads } from '../config-facts.ts'
import { useSeparateServer } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, count, statementOf } from '../statement.ts'

const statements = {
  'evicted.others': ['config', 'loads'],
  'evicted.none': ['config'],
} as const
const statement = statementOf(statements)

export const evicted = defineRule({
  id: 'evicted',
  references: ['Ollama server/sched.go findRunnerToUnload', 'ollama/ollama#4720'],
  statements,
  next: useSeparateServer,
  examine,
})

function examine({ subject, gap }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  // If no request waited for a load, or if nothing is known about requests, the rule `reload` reports this.
  if (loads?.minIdleMs === undefined) return undefined
  const { minIdleMs } = loads
  const others = otherModelLoads(subject)
  if (others === undefined) return unchecked(key, 'otherModelLoads')
  if (others === 0) return ruledOut(statement('evicted.none', { config: config(key) }))
  const keepAliveMs = keepAliveOf(subject)
  if (keepAliveMs !== undefined && hasExpired(minIdleMs, keepAliveMs)) return undefined
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: [
      ...loadStatements(subject, loads),
      statement('evicted.others', { config: config(key), loads: count(others) }),
    ],
    cost: 'measured',
    maxMs: gap === undefined ? {} : { load: gap.parts.load },
    fixes: [{ code: 'separate-models', config: key, settings: [] }],
  })
}
