/** Time between client and server: network, proxies, buffering, and what the server does after it has stopped its clock. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf } from '../case.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { endedTrials, figureOf, latencyOf } from '../config-facts.ts'
import { config, ms, percent, statement, type Statement } from '../statement.ts'
import { client } from './client.ts'

const leastMs = 20
const leastShare = 0.05
/** An answer whose decoding takes so much longer than its stream was held back on the way. */
const bufferedShare = 0.2

export const outside: Rule = (given) => {
  const { subject, reference, gap } = given
  const key = keyOf(subject)
  const [own, latency] = [figureOf(subject, 'outside'), latencyOf(subject)]
  if (own === undefined || latency === undefined) return unchecked('outside', key, 'requests')
  if (own <= Math.max(leastMs, leastShare * latency))
    return ruledOut(
      'outside',
      statement('outside.small', { config: config(key), outside: ms(own) }),
    )
  // A client that was late in most trials explains it; one disturbed trial does not.
  const late = client(given)
  if (late?.outcome === 'found' && late.certainty === 'likely') return undefined
  const other = reference && figureOf(reference, 'outside')
  const measured = subject.config.kind === 'measured' ? subject.config : undefined
  return found('outside', {
    configs: [key],
    certainty: 'proven',
    evidence: onlyDefined(
      statement('outside.share', {
        config: config(key),
        outside: ms(own),
        share: percent((own / latency) * 100),
      }),
      other !== undefined &&
        reference &&
        statement('outside.seen', {
          config: config(key),
          outside: ms(own),
          reference: config(keyOf(reference)),
          referenceOutside: ms(other),
        }),
      buffered(subject),
    ),
    reservations: onlyDefined(
      measured?.workload.api === 'generate' && statement('outside.generate', {}),
    ),
    share: 'measured',
    claims: gap === undefined ? {} : { outside: gap.parts.outside },
    fixes: [{ code: 'bypass-proxy', config: key, settings: [] }],
  })
}

/** The stream came in much less time than the server took to write it. */
function buffered(subject: ConfigAnalysis): Statement | undefined {
  const streams = endedTrials(subject).flatMap(({ profile }) => profile.streamMs ?? [])
  const decode = figureOf(subject, 'decode')
  if (streams.length === 0 || decode === undefined || decode < leastMs) return undefined
  const stream = streams.reduce((sum, each) => sum + each, 0) / streams.length
  return stream < decode * bufferedShare
    ? statement('outside.buffered', {
        config: config(keyOf(subject)),
        stream: ms(stream),
        decode: ms(decode),
      })
    : undefined
}
