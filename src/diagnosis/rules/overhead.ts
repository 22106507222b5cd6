/** Each request has fixed costs. If the model is small and answers are short, they are most of the latency. */
import { computeOf, figureOf, keyOf, latencyOf, slotsOf, usersOf } from '../config-facts.ts'
import { loadsOf } from '../loads.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, ms, onlyDefined, percent, statementOf, tokens } from '../statement.ts'
import { outside } from './outside.ts'

/** The fixed costs are a cause only if they are at least this share of the latency. */
const minShare = 0.4

/** The test lengthens answers by this factor. The fixed costs of a request do not grow with its answer. */
const longerAnswers = 4

/**
 * If nearly all of the latency is fixed costs, longer answers change it by at most this, in percent. Wider than between
 * two equal latencies, because longer answers take some more computing time.
 */
const maxChangePercent = 25

const statements = {
  'overhead.share': ['config', 'overhead', 'share'],
  'overhead.compute': ['config', 'compute', 'outputTokens'],
  'overhead.small': ['config', 'share'],
} as const
const statement = statementOf(statements)

export const overhead = defineRule({
  id: 'overhead',
  references: ['ollama/ollama#12443', 'ollama/ollama#17943'],
  statements,
  next: ({ subject }) => {
    const tokens = figureOf(subject, 'outputTokens')
    const longer = tokens === undefined ? 256 : Math.ceil(tokens * longerAnswers)
    return {
      addedConfig: { from: 'subject', change: { options: { num_predict: longer } } },
      everywhere: {},
      claim: { config: 'added', versus: 'subject', kind: 'same', percent: maxChangePercent },
    }
  },
  examine,
})

function examine(input: RuleInput): RuleResult {
  const { subject, gap } = input
  const key = keyOf(subject)
  const [parts, latency, compute] = [fixedParts(input), latencyOf(subject), computeOf(subject)]
  if (parts === undefined || latency === undefined || compute === undefined)
    return unchecked(key, 'requests')
  const sum = parts.load + parts.wait + parts.outside
  const share = percent((sum / latency) * 100)
  if (sum < minShare * latency)
    return ruledOut(statement('overhead.small', { config: config(key), share }))
  const outputTokens = figureOf(subject, 'outputTokens')
  return found({
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
    cost: 'at-most',
    maxMs:
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

/**
 * The parts of the subject's latency that are the same for each request, in ms. A part is 0 if another rule is about
 * it: waiting for a slot, waiting for a load, or time outside the server.
 */
function fixedParts(input: RuleInput) {
  const { subject } = input
  const [load, wait, outsideMs] = [
    figureOf(subject, 'load'),
    figureOf(subject, 'wait'),
    figureOf(subject, 'outside'),
  ]
  if (load === undefined || wait === undefined || outsideMs === undefined) return undefined
  const [slots, users, loads] = [slotsOf(subject), usersOf(subject), loadsOf(subject)]
  const mayQueue = slots === undefined || users === undefined || users > slots
  const isFixed = loads === undefined || (loads.requests === 0 && loads.isSimilarForAll)
  return {
    load: isFixed ? load : 0,
    wait: mayQueue ? 0 : wait,
    outside: outside.examine(input)?.outcome === 'found' ? 0 : outsideMs,
  }
}
