/** The model is loaded again and again although it was not idle: other options, or another model, push it out. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf } from '../case.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import { hasExpired, keepAliveOf, notIdleStatement } from '../keep-alive.ts'
import { loadsOf, loadStatements, noLaterLoadsStatement } from '../loads.ts'
import type { Rule } from '../rule.ts'
import { endedTrials } from '../config-facts.ts'
import { config, ms, statement, tokens, type Statement } from '../statement.ts'

export const reload: Rule = ({ subject, gap }) => {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked('reload', key, 'requests')
  const { leastIdleMs } = loads
  if (leastIdleMs === undefined) return ruledOut('reload', noLaterLoadsStatement(subject, loads))
  const [kept, context] = [keepAliveOf(subject), otherContext(subject)]
  // A load that no other context explains may as well be of a model that was not kept.
  if (kept === undefined && context === undefined) return unchecked('reload', key, 'keepAlive')
  if (kept !== undefined && hasExpired(leastIdleMs, kept))
    return ruledOut(
      'reload',
      statement('loads.idle', { config: config(key), idle: ms(leastIdleMs), keepAlive: ms(kept) }),
    )
  return found('reload', {
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

/** The server was seen with another context than these requests ask for: others ask for it. */
function otherContext(subject: ConfigAnalysis): Statement | undefined {
  const asked = subject.config.options['num_ctx']
  if (typeof asked !== 'number') return undefined
  const seen = endedTrials(subject)
    .flatMap(({ evidence }) =>
      evidence.flatMap(({ facts }) => [facts.contextLength, facts.otherContext]),
    )
    .find((length) => typeof length === 'number' && length !== asked)
  return typeof seen === 'number'
    ? statement('reload.context', {
        config: config(keyOf(subject)),
        asked: tokens(asked),
        seen: tokens(seen),
      })
    : undefined
}

function contextSetting(subject: ConfigAnalysis) {
  const asked = subject.config.options['num_ctx']
  return typeof asked === 'number'
    ? [{ kind: 'option' as const, name: 'num_ctx', value: asked }]
    : []
}
