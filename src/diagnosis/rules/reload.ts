/** The model is loaded again and again although it was not idle: other options, or another model, push it out. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf } from '../case.ts'
import { found, ruledOut, those, unchecked } from '../examination.ts'
import { keepAliveOf } from '../keep-alive.ts'
import { loadsOf, loadStatements, noLoads } from '../loads.ts'
import type { Rule } from '../rule.ts'
import { endedTrials } from '../seen.ts'
import { config, ms, statement, tokens, type Statement } from '../statement.ts'

/** Where neither side says how long a model is kept: Ollama's default. */
const defaultKeepAliveMs = 300_000

export const reload: Rule = ({ subject, gap }) => {
  const key = keyOf(subject)
  const loads = loadsOf(subject)
  if (loads === undefined) return unchecked('reload', key, 'requests')
  const { leastIdleMs } = loads
  if (leastIdleMs === undefined) return ruledOut('reload', noLoads(subject))
  const kept = keepAliveOf(subject) ?? defaultKeepAliveMs
  const idle = { config: config(key), idle: ms(leastIdleMs), keepAlive: ms(kept) }
  if (leastIdleMs >= kept) return ruledOut('reload', statement('loads.idle', idle))
  const context = otherContext(subject)
  return found('reload', {
    configs: [key],
    sureness: context === undefined ? 'likely' : 'proven',
    evidence: [
      ...loadStatements(subject, loads),
      statement('loads.not-idle', idle),
      ...those(context),
    ],
    reservations: those(context === undefined && statement('reload.other-client', {})),
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
    .flatMap(({ evidence }) => evidence.map(({ facts }) => facts.contextLength))
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
