/** The model is loaded repeatedly although it was not idle: another client requests other options. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { contextPerSlot } from '../../analysis/trial-facts.ts'
import { endedTrials, keyOf, modelsIn, otherModelLoads, warningsOf } from '../config-facts.ts'
import {
  hasExpired,
  keepAliveOf,
  loadsOf,
  loadStatements,
  noLaterLoadsStatement,
  notIdleStatement,
} from '../loads.ts'
import { useSeparateServer } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import {
  config,
  count,
  ms,
  onlyDefined,
  statementOf,
  tokens,
  sharedStatement,
  type Statement,
} from '../statement.ts'

const statements = {
  'reload.context': ['config', 'asked', 'seen'],
  'reload.context-unasked': ['config', 'seen'],
  'reload.other-client': [],
  'reload.other-model': ['config', 'loads'],
  'reload.mix': ['config', 'models'],
} as const
const statement = statementOf(statements)

export const reload = defineRule({
  id: 'reload',
  references: ['Ollama server/sched.go needsReload', 'ollama/ollama#12783', 'ollama/ollama#6148'],
  statements,
  next: useSeparateServer,
  examine,
})

function examine({ subject, gap }: RuleInput): RuleResult {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked(key, 'requests')
  const { minIdleMs } = loads
  if (minIdleMs === undefined) return ruledOut(noLaterLoadsStatement(subject, loads))
  if (modelsIn(subject) > 1)
    return ruledOut(
      statement('reload.mix', { config: config(key), models: count(modelsIn(subject)) }),
    )
  const [keepAliveMs, context] = [keepAliveOf(subject), otherContext(subject)]
  const others = otherModelLoads(subject)
  // If the context is the same, the model may simply have been idle for too long, so the keep-alive time is needed.
  if (keepAliveMs === undefined && context === undefined) return unchecked(key, 'keepAlive')
  if (keepAliveMs !== undefined && hasExpired(minIdleMs, keepAliveMs))
    return ruledOut(
      sharedStatement('loads.idle', {
        config: config(key),
        idle: ms(minIdleMs),
        keepAlive: ms(keepAliveMs),
      }),
    )
  if (context === undefined && others !== undefined && others > 0)
    return ruledOut(statement('reload.other-model', { config: config(key), loads: count(others) }))
  return found({
    configs: [key],
    certainty: context === undefined ? 'likely' : 'proven',
    evidence: [
      ...loadStatements(subject, loads),
      ...onlyDefined(
        keepAliveMs !== undefined && notIdleStatement(key, minIdleMs, keepAliveMs),
        context,
      ),
    ],
    reservations: onlyDefined(
      context === undefined && others === undefined && statement('reload.other-client', {}),
    ),
    cost: 'measured',
    maxMs: gap === undefined ? {} : { load: gap.parts.load },
    fixes: [{ code: 'same-options', config: key, settings: contextSetting(subject) }],
  })
}

/**
 * Says that the server used a context that this trial did not request, so that another client must have requested it.
 * If the trial requests no context, only the log can show the context of another client.
 */
function otherContext(subject: ConfigAnalysis): Statement | undefined {
  const requested = subject.config.options['num_ctx']
  const facts = endedTrials(subject).flatMap(({ evidence }) => evidence.map((each) => each.facts))
  const key = config(keyOf(subject))
  if (typeof requested !== 'number') {
    const seen = facts.map(({ otherContext: other }) => other).find((one) => one !== undefined)
    return typeof seen === 'number'
      ? statement('reload.context-unasked', { config: key, seen: tokens(seen) })
      : undefined
  }
  // If the model was trained for a smaller context than requested, the server uses the smaller one, and logs a warning.
  const trialContext = warningsOf(subject).includes('context-too-large')
    ? facts.map(contextPerSlot).find((length) => length !== undefined)
    : undefined
  const foreignContext = facts
    .flatMap(({ contextLength, otherContext: logged }) => [contextLength, logged])
    .find((length) => typeof length === 'number' && length !== requested && length !== trialContext)
  return typeof foreignContext === 'number'
    ? statement('reload.context', {
        config: key,
        asked: tokens(requested),
        seen: tokens(foreignContext),
      })
    : undefined
}

function contextSetting(subject: ConfigAnalysis) {
  const requested = subject.config.options['num_ctx']
  return typeof requested === 'number'
    ? [{ kind: 'option' as const, name: 'num_ctx', value: requested }]
    : []
}
