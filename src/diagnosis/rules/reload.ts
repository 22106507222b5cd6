/** The model is loaded repeatedly although it was not idle: other options or another model push it out of memory. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { endedTrials, keyOf } from '../config-facts.ts'
import {
  hasExpired,
  keepAliveOf,
  loadsOf,
  loadStatements,
  noLaterLoadsStatement,
  notIdleStatement,
} from '../loads.ts'
import { ownServer } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { sharedStatement } from '../shared-statements.ts'
import { config, ms, onlyDefined, statementOf, tokens, type Statement } from '../statement.ts'

const statements = {
  'reload.context': ['config', 'asked', 'seen'],
  'reload.other-client': [],
} as const
const statement = statementOf(statements)

export const reload = defineRule({
  id: 'reload',
  references: ['Ollama server/sched.go needsReload', 'ollama/ollama#12783', 'ollama/ollama#6148'],
  statements,
  next: ownServer,
  examine,
})

function examine({ subject, gap }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked(key, 'requests')
  const { leastIdleMs } = loads
  if (leastIdleMs === undefined) return ruledOut(noLaterLoadsStatement(subject, loads))
  const [kept, context] = [keepAliveOf(subject), otherContext(subject)]
  // If the context is the same, the model may simply have been idle for too long, so the keep-alive time is needed.
  if (kept === undefined && context === undefined) return unchecked(key, 'keepAlive')
  if (kept !== undefined && hasExpired(leastIdleMs, kept))
    return ruledOut(
      sharedStatement('loads.idle', {
        config: config(key),
        idle: ms(leastIdleMs),
        keepAlive: ms(kept),
      }),
    )
  return found({
    configs: [key],
    certainty: context === undefined ? 'likely' : 'proven',
    evidence: [
      ...loadStatements(subject, loads),
      ...onlyDefined(kept !== undefined && notIdleStatement(key, leastIdleMs, kept), context),
    ],
    reservations: onlyDefined(context === undefined && statement('reload.other-client', {})),
    share: 'measured',
    claims: gap === undefined ? {} : { load: gap.parts.load },
    fixes: [{ code: 'same-options', config: key, settings: contextSetting(subject) }],
  })
}

/** Says that the server used a context that these requests do not request, so another client must have requested it. */
function otherContext(subject: ConfigAnalysis): Statement | undefined {
  const requested = subject.config.options['num_ctx']
  if (typeof requested !== 'number') return undefined
  const other = endedTrials(subject)
    .flatMap(({ evidence }) =>
      evidence.flatMap(({ facts }) => [facts.contextLength, facts.otherContext]),
    )
    .find((length) => typeof length === 'number' && length !== requested)
  return typeof other === 'number'
    ? statement('reload.context', {
        config: config(keyOf(subject)),
        asked: tokens(requested),
        seen: tokens(other),
      })
    : undefined
}

function contextSetting(subject: ConfigAnalysis) {
  const requested = subject.config.options['num_ctx']
  return typeof requested === 'number'
    ? [{ kind: 'option' as const, name: 'num_ctx', value: requested }]
    : []
}
