/** A proxy holds answers back until they are complete, so that the first token arrives with the last. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { kindFacts } from '../../experiment/target-kinds.ts'
import {
  computeOf,
  endedTrials,
  figureOf,
  isMeasured,
  keyOf,
  targetOf,
  textOf,
} from '../config-facts.ts'
import { useSeparateServer, type Plan } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleResult } from '../rule.ts'
import {
  config,
  literal,
  ms,
  onlyDefined,
  statementOf,
  tokens,
  type Statement,
} from '../statement.ts'

/** A buffer is visible only if answers have several tokens, and if decoding takes a measurable and relevant time. */
const minTokens = 4
const minDecodeMs = 20
const minDecodeShare = 0.1
/** The stream of an answer that was held back takes at most this share of the decode time. */
const maxStreamShare = 0.2
/** Without the buffer, the first token should arrive earlier by at least this share of the delay. */
const minSavedShare = 0.5

const statements = {
  'buffered.first-token': ['config', 'firstToken', 'latency'],
  'buffered.server': ['server', 'decode', 'outputTokens'],
  'buffered.proxy': ['config', 'proxy'],
  'buffered.streams': ['config', 'stream', 'decode'],
} as const
const statement = statementOf(statements)

const withoutProxy: Plan = (input) => {
  const plan = useSeparateServer(input)
  const times = timesOf(input.subject)
  if (plan === undefined || times === undefined) return undefined
  const percent = -Math.max(1, Math.round(delayShare(times) * 100 * minSavedShare))
  return {
    ...plan,
    claim: { metric: 'ttftMean', config: 'added', versus: 'subject', kind: 'change', percent },
  }
}

export const buffered = defineRule({
  id: 'buffered',
  references: [
    'nginx ngx_http_proxy_module proxy_buffering',
    'mostlygeek/llama-swap#236',
    'ggml-org/llama.cpp#24774',
  ],
  statements,
  next: withoutProxy,
  examineDelivery,
})

function examineDelivery(configs: readonly ConfigAnalysis[]): RuleResult {
  const shared = configs.filter(hasSharedServer)
  const known = shared.flatMap((side) => {
    const times = timesOf(side)
    return times === undefined ? [] : [{ side, times }]
  })
  const held = known
    .filter(({ times }) => times.stream < maxStreamShare * times.decode)
    .toSorted((one, other) => delayShare(other.times) - delayShare(one.times))
  const [worst] = held
  if (worst !== undefined)
    return found({
      configs: held.map(({ side }) => keyOf(side)),
      certainty: 'proven',
      evidence: held.flatMap(({ side, times }) => evidenceOf(side, times)),
      fixes: held.map(({ side }) => ({ code: 'bypass-proxy', config: keyOf(side), settings: [] })),
      firstTokenShare: delayShare(worst.times),
    })
  const [lacking] = shared.filter((side) => figureOf(side, 'decode') === undefined)
  if (lacking !== undefined) return unchecked(keyOf(lacking), 'requests')
  if (known.length === 0) return undefined
  return ruledOut(
    ...known.map(({ side, times: { stream, decode } }) =>
      statement('buffered.streams', {
        config: config(keyOf(side)),
        stream: ms(stream),
        decode: ms(decode),
      }),
    ),
  )
}

/** True for a server that `exp` did not start: there is no proxy in front of the others. */
function hasSharedServer(side: ConfigAnalysis): boolean {
  const kind = targetOf(side)
  return isMeasured(side) && kind !== undefined && !kindFacts(kind).startsServer
}

interface Times {
  readonly firstToken: number
  readonly latency: number
  /** The time that the server itself needs until the first token. */
  readonly server: number
  readonly decode: number
  /** From the first byte of an answer to its last. */
  readonly stream: number
  readonly outputTokens: number
}

/** Means in ms; `undefined` if a part of the latency is not known, or if answers are too short to show a buffer. */
function timesOf(side: ConfigAnalysis): Times | undefined {
  const [firstToken, latency, decode, outputTokens, compute] = [
    figureOf(side, 'ttftMean'),
    figureOf(side, 'latencyMean'),
    figureOf(side, 'decode'),
    figureOf(side, 'outputTokens'),
    computeOf(side),
  ]
  const [wait, load] = [figureOf(side, 'wait'), figureOf(side, 'load')]
  const streams = endedTrials(side).flatMap(({ profile }) => profile.streamMs ?? [])
  if (firstToken === undefined || latency === undefined || streams.length === 0) return undefined
  if (decode === undefined || compute === undefined || wait === undefined || load === undefined)
    return undefined
  const minDecode = Math.max(minDecodeMs, minDecodeShare * latency)
  if (outputTokens === undefined || outputTokens < minTokens || decode < minDecode) return undefined
  const stream = streams.reduce((sum, each) => sum + each, 0) / streams.length
  return {
    firstToken,
    latency,
    server: wait + load + compute - decode,
    decode,
    stream,
    outputTokens,
  }
}

/** The share of the time to the first token that is not the server's. */
function delayShare({ firstToken, server }: Times): number {
  return Math.max(0, 1 - server / firstToken)
}

function evidenceOf(side: ConfigAnalysis, times: Times): readonly Statement[] {
  const key = config(keyOf(side))
  const proxy = textOf(side, 'proxy')
  return onlyDefined(
    statement('buffered.first-token', {
      config: key,
      firstToken: ms(times.firstToken),
      latency: ms(times.latency),
    }),
    statement('buffered.server', {
      server: ms(times.server),
      decode: ms(times.decode),
      outputTokens: tokens(times.outputTokens),
    }),
    proxy !== undefined && statement('buffered.proxy', { config: key, proxy: literal(proxy) }),
  )
}
