/** One side cuts prompts that are longer than its context, and the other side processes them completely. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { endedTrials, keyOf, numberOf, total } from '../config-facts.ts'
import { sameContext } from '../next-plan.ts'
import { defineRule, found, ruledOut, unchecked, type RuleInput, type RuleResult } from '../rule.ts'
import { config, count, statementOf, tokens, type Statement } from '../statement.ts'

const statements = {
  'truncated.logged': ['config', 'prompts'],
  'truncated.exact': ['config', 'tokens', 'requests', 'of', 'context'],
  'truncated.none': ['config', 'tokens', 'context'],
} as const
const statement = statementOf(statements)

export const truncated = defineRule({
  id: 'truncated',
  references: ['ollama/ollama#17427', 'ollama/ollama#3839'],
  statements,
  next: sameContext(2),
  examine,
})

function examine({ subject, reference, gap }: RuleInput): RuleResult {
  const sides = reference === undefined ? [subject] : [subject, reference]
  for (const side of sides) {
    const proof = proofOf(side)
    if (proof === undefined) continue
    return found({
      configs: [keyOf(side)],
      certainty: 'proven',
      evidence: [proof],
      cost: 'at-most',
      // A truncated subject reads less, so only a truncated reference makes the subject slower.
      maxMs: gap === undefined || side === subject ? {} : { prefill: gap.parts.prefill },
      fixes: [{ code: 'larger-context', config: keyOf(side), settings: largerContext(side) }],
    })
  }
  const unknown = sides.find(
    (side) => longestPrompt(side) === undefined || contextOf(side) === undefined,
  )
  if (unknown !== undefined)
    return unchecked(keyOf(unknown), longestPrompt(unknown) ? 'contextLength' : 'requests')
  return ruledOut(
    statement('truncated.none', {
      config: config(keyOf(subject)),
      tokens: tokens(longestPrompt(subject)?.tokens ?? NaN),
      context: tokens(contextOf(subject) ?? NaN),
    }),
  )
}

function contextOf(side: ConfigAnalysis): number | undefined {
  return numberOf(side, 'contextLength')
}

function longestPrompt(side: ConfigAnalysis) {
  const prompts = endedTrials(side).flatMap(({ profile }) => profile.longestPrompt ?? [])
  const longest = Math.max(...prompts.map(({ tokens }) => tokens))
  const requests = prompts
    .filter(({ tokens }) => tokens === longest)
    .reduce((sum, each) => sum + each.requests, 0)
  return prompts.length === 0 ? undefined : { tokens: longest, requests }
}

/** Proof of truncation: the log says so, or several prompts have exactly the length that truncation leaves. */
function proofOf(side: ConfigAnalysis): Statement | undefined {
  const logged = total(side, ({ evidence }) => {
    const counts = evidence.flatMap(({ facts }) => facts.truncatedPrompts ?? [])
    return Math.max(0, ...counts.filter((each) => typeof each === 'number'))
  })
  if (logged > 0)
    return statement('truncated.logged', { config: config(keyOf(side)), prompts: count(logged) })
  const [longest, context] = [longestPrompt(side), contextOf(side)]
  if (longest === undefined || context === undefined || longest.requests < 2) return undefined
  if (!truncatedLengths(side, context).includes(longest.tokens)) return undefined
  return statement('truncated.exact', {
    config: config(keyOf(side)),
    tokens: tokens(longest.tokens),
    requests: count(longest.requests),
    of: count(total(side, ({ tallies }) => tallies.ok)),
    context: tokens(context),
  })
}

/**
 * The lengths that a truncated prompt can have, in tokens. Since 0.30.9 the server keeps the first tokens (`num_keep`,
 * possibly plus the token that begins a prompt) and removes half of the others. Earlier versions cut off only the
 * excess.
 */
function truncatedLengths({ config: { options } }: ConfigAnalysis, context: number) {
  const requested = options['num_keep']
  const keep = typeof requested === 'number' ? requested : 4
  return [
    ...[keep, keep + 1].map((kept) => context - Math.max(Math.floor((context - kept) / 2), 1)),
    context,
  ]
}

function largerContext(side: ConfigAnalysis) {
  const context = contextOf(side)
  return context === undefined
    ? []
    : [{ kind: 'option' as const, name: 'num_ctx', value: context * 2 }]
}
