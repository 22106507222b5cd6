/** What each request costs whatever it asks for: with a small model and short answers, most of the latency. */
import { keyOf } from '../case.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import { loadsOf } from '../loads.ts'
import type { Rule } from '../rule.ts'
import { computeOf, figureOf, latencyOf, slotsOf, usersOf } from '../config-facts.ts'
import { config, ms, percent, statement, tokens } from '../statement.ts'
import { outside } from './outside.ts'

/** Of the latency, from which on overhead is what a request mostly pays. */
const leastShare = 0.4

export const overhead: Rule = (given) => {
  const { subject, gap } = given
  const key = keyOf(subject)
  const [load, wait, away, latency, compute] = [
    figureOf(subject, 'load'),
    figureOf(subject, 'wait'),
    figureOf(subject, 'outside'),
    latencyOf(subject),
    computeOf(subject),
  ]
  if (
    load === undefined ||
    wait === undefined ||
    away === undefined ||
    latency === undefined ||
    compute === undefined
  )
    return unchecked('overhead', key, 'requests')
  const [places, users] = [slotsOf(subject), usersOf(subject)]
  // Waiting for others, for a load or on the way is no overhead of the request: those have causes of their own.
  const queues = places === undefined || users === undefined || users > places
  const parts = {
    load: (loadsOf(subject)?.requests ?? 0) > 0 ? 0 : load,
    wait: queues ? 0 : wait,
    outside: outside(given)?.outcome === 'found' ? 0 : away,
  }
  const sum = parts.load + parts.wait + parts.outside
  const share = percent((sum / latency) * 100)
  if (sum < leastShare * latency)
    return ruledOut('overhead', statement('overhead.small', { config: config(key), share }))
  const outputTokens = figureOf(subject, 'outputTokens')
  return found('overhead', {
    configs: [key],
    certainty: 'proven',
    evidence: onlyDefined(
      statement('overhead.share', { config: config(key), overhead: ms(sum), share }),
      outputTokens !== undefined &&
        statement('overhead.compute', {
          config: config(key),
          compute: ms(compute),
          outputTokens: tokens(outputTokens),
        }),
    ),
    share: 'at-most',
    claims:
      gap === undefined
        ? {}
        : {
            load: parts.load > 0 ? gap.parts.load : 0,
            wait: parts.wait > 0 ? gap.parts.wait : 0,
            outside: parts.outside > 0 ? gap.parts.outside : 0,
          },
    fixes: [{ code: 'longer-answers', config: key, settings: [] }],
  })
}
