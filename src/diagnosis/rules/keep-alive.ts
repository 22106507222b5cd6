/** The model leaves memory after a pause that is longer than it is kept, and the next request loads it again. */
import { keyOf } from '../case.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import { hasExpired, keepAliveOf, notIdleStatement } from '../keep-alive.ts'
import { loadsOf, loadStatements, noLaterLoadsStatement } from '../loads.ts'
import type { Rule } from '../rule.ts'
import { config, ms, statement } from '../statement.ts'

export const keepAlive: Rule = ({ subject, gap }) => {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked('keep-alive', key, 'requests')
  const { leastIdleMs } = loads
  if (leastIdleMs === undefined)
    return ruledOut('keep-alive', noLaterLoadsStatement(subject, loads))
  const kept = keepAliveOf(subject)
  if (kept === undefined) return unchecked('keep-alive', key, 'keepAlive')
  if (!hasExpired(leastIdleMs, kept))
    return ruledOut('keep-alive', notIdleStatement(key, leastIdleMs, kept))
  const idle = { config: config(key), idle: ms(leastIdleMs), keepAlive: ms(kept) }
  return found('keep-alive', {
    configs: [key],
    certainty: loads.logged === undefined ? 'likely' : 'proven',
    evidence: [
      ...loadStatements(subject, loads),
      ...onlyDefined(
        kept > 0
          ? statement('loads.idle', idle)
          : statement('loads.at-once', { config: idle.config, keepAlive: idle.keepAlive }),
      ),
    ],
    share: 'measured',
    claims: gap === undefined ? {} : { load: gap.parts.load },
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
