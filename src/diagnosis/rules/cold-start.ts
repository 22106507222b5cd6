/** The first requests of a trial find no model in memory and wait until it is loaded. */
import { keyOf } from '../case.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import { loadsOf, loadStatements, noLoadsStatement } from '../loads.ts'
import type { Rule } from '../rule.ts'
import { config, count, statement } from '../statement.ts'

export const coldStart: Rule = ({ subject, gap }) => {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked('cold-start', key, 'requests')
  if (loads.requests === 0) return ruledOut('cold-start', noLoadsStatement(subject))
  const later = loads.requests - loads.atStart
  if (later > 0)
    return ruledOut(
      'cold-start',
      statement('loads.not-at-start', { config: config(key), later: count(later) }),
    )
  return found('cold-start', {
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
