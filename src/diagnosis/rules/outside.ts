/**
 * Time is spent between client and server: network, proxies, buffering, and what the server does after
 * `total_duration`.
 */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { endedTrials, figureOf, keyOf, latencyOf } from '../config-facts.ts'
import { useSeparateServer } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, ms, onlyDefined, percent, statementOf, type Statement } from '../statement.ts'
import { client } from './client.ts'

const minMs = 20
const minShare = 0.05
/** A stream shorter than this share of the decode time was buffered on the way. */
const maxBufferedShare = 0.2

const statements = {
  'outside.seen': ['config', 'outside', 'reference', 'referenceOutside'],
  'outside.share': ['config', 'outside', 'share'],
  'outside.buffered': ['config', 'stream', 'decode'],
  'outside.generate': [],
  'outside.small': ['config', 'outside'],
} as const
const statement = statementOf(statements)

export const outside = defineRule({
  id: 'outside',
  references: ['Ollama server/routes.go'],
  statements,
  next: useSeparateServer,
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, reference, gap } = input
  const key = keyOf(subject)
  const [subjectOutside, latency] = [figureOf(subject, 'outside'), latencyOf(subject)]
  if (subjectOutside === undefined || latency === undefined) return unchecked(key, 'requests')
  if (subjectOutside <= Math.max(minMs, minShare * latency))
    return ruledOut(
      statement('outside.small', { config: config(key), outside: ms(subjectOutside) }),
    )
  // A client that was late in most trials explains this time; one disturbed trial does not.
  const late = client.examine(input)
  if (late?.outcome === 'found' && late.certainty === 'likely') return undefined
  const referenceOutside = reference && figureOf(reference, 'outside')
  const measured = subject.config.kind === 'measured' ? subject.config : undefined
  return found({
    configs: [key],
    certainty: 'proven',
    evidence: onlyDefined(
      statement('outside.share', {
        config: config(key),
        outside: ms(subjectOutside),
        share: percent((subjectOutside / latency) * 100),
      }),
      referenceOutside !== undefined &&
        reference &&
        statement('outside.seen', {
          config: config(key),
          outside: ms(subjectOutside),
          reference: config(keyOf(reference)),
          referenceOutside: ms(referenceOutside),
        }),
      bufferedStream(subject),
    ),
    reservations: onlyDefined(
      measured?.workload.api === 'generate' && statement('outside.generate', {}),
    ),
    cost: 'measured',
    maxMs: gap === undefined ? {} : { outside: gap.parts.outside },
    fixes: [{ code: 'bypass-proxy', config: key, settings: [] }],
  })
}

/** Says that the stream arrived in much less time than the server took to decode it. */
function bufferedStream(subject: ConfigAnalysis): Statement | undefined {
  const streams = endedTrials(subject).flatMap(({ profile }) => profile.streamMs ?? [])
  const decode = figureOf(subject, 'decode')
  if (streams.length === 0 || decode === undefined || decode < minMs) return undefined
  const stream = streams.reduce((sum, each) => sum + each, 0) / streams.length
  return stream < decode * maxBufferedShare
    ? statement('outside.buffered', {
        config: config(keyOf(subject)),
        stream: ms(stream),
        decode: ms(decode),
      })
    : undefined
}
