/** Prompts longer than the context are cut to about half of it: the other side reads all of its own. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf } from '../case.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { endedTrials, numberOf, total } from '../config-facts.ts'
import { config, count, statement, tokens, type Statement } from '../statement.ts'

export const truncated: Rule = ({ subject, reference, gap }) => {
  const sides = reference === undefined ? [subject] : [subject, reference]
  for (const side of sides) {
    const proof = proofOf(side)
    if (proof === undefined) continue
    return found('truncated', {
      configs: [keyOf(side)],
      certainty: 'proven',
      evidence: [proof],
      share: 'at-most',
      // A truncated subject reads less, not more: only a truncated reference makes it the slower one.
      claims: gap === undefined || side === subject ? {} : { prefill: gap.parts.prefill },
      fixes: [{ code: 'larger-context', config: keyOf(side), settings: largerContext(side) }],
    })
  }
  const dark = sides.find(
    (side) => longestPrompt(side) === undefined || contextOf(side) === undefined,
  )
  if (dark !== undefined)
    return unchecked('truncated', keyOf(dark), longestPrompt(dark) ? 'contextLength' : 'requests')
  return ruledOut(
    'truncated',
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
  const most = Math.max(...prompts.map(({ tokens }) => tokens))
  const requests = prompts
    .filter(({ tokens }) => tokens === most)
    .reduce((sum, each) => sum + each.requests, 0)
  return prompts.length === 0 ? undefined : { tokens: most, requests }
}

/** The log says so; or more than one prompt has exactly the length that truncation leaves. */
function proofOf(side: ConfigAnalysis): Statement | undefined {
  const logged = total(side, ({ evidence }) => {
    const seen = evidence.flatMap(({ facts }) => facts.truncatedPrompts ?? [])
    return Math.max(0, ...seen.filter((each) => typeof each === 'number'))
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

/** Half of what is not kept goes (0.30.9 and later, with or without the token that begins a prompt), or all above the context. */
function truncatedLengths({ config: { options } }: ConfigAnalysis, context: number) {
  const asked = options['num_keep']
  const keep = typeof asked === 'number' ? asked : 4
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
