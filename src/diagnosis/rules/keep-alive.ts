/** The server unloads the model after a pause longer than the keep-alive time, and the next request loads it again. */
import { keyOf } from '../config-facts.ts'
import {
  hasExpired,
  keepAliveOf,
  loadsOf,
  loadStatements,
  noLaterLoadsStatement,
  notIdleStatement,
} from '../loads.ts'
import { applyFix } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, ms, onlyDefined, statementOf, sharedStatement } from '../statement.ts'

const statements = {
  'loads.at-once': ['config', 'keepAlive'],
} as const
const statement = statementOf(statements)

export const keepAlive = defineRule({
  id: 'keep-alive',
  references: ['Ollama docs/faq.mdx'],
  statements,
  next: applyFix,
  examine,
})

function examine({ subject, gap }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked(key, 'requests')
  const { minIdleMs } = loads
  if (minIdleMs === undefined) return ruledOut(noLaterLoadsStatement(subject, loads))
  const keepAliveMs = keepAliveOf(subject)
  if (keepAliveMs === undefined) return unchecked(key, 'keepAlive')
  if (!hasExpired(minIdleMs, keepAliveMs))
    return ruledOut(notIdleStatement(key, minIdleMs, keepAliveMs))
  const idle = { config: config(key), idle: ms(minIdleMs), keepAlive: ms(keepAliveMs) }
  return found({
    configs: [key],
    certainty: loads.logged === undefined ? 'likely' : 'proven',
    evidence: [
      ...loadStatements(subject, loads),
      ...onlyDefined(
        keepAliveMs > 0
          ? sharedStatement('loads.idle', idle)
          : statement('loads.at-once', { config: idle.config, keepAlive: idle.keepAlive }),
      ),
    ],
    cost: 'measured',
    maxMs: gap === undefined ? {} : { load: gap.parts.load },
    fixes: [
      {
        code: 'keep-loaded',
        config: key,
        settings:
          subject.config.kind === 'measured' && subject.config.workload.keepAlive !== undefined
            ? [{ kind: 'request', name: 'keep_alive', value: -1 }]
            : [{ kind: 'variable', name: 'OLLAMA_KEEP_ALIVE', value: '-1' }],
      },
    ],
  })
}
