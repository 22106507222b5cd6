/** How long answers are on both sides of a pair. */
import type { PairInput } from './case.ts'
import { keyOf } from './case.ts'
import { figureOf } from './config-facts.ts'
import { config, statement, tokens, type Statement } from './statement.ts'

/** Mean tokens of both sides; nothing where either is not known. */
export function tokenStatement({ subject, reference }: PairInput): readonly Statement[] {
  const [own, other] = [subject, reference].map((each) => figureOf(each, 'outputTokens'))
  if (own === undefined || other === undefined) return []
  return [
    statement('tokens.longer', {
      config: config(keyOf(subject)),
      tokens: tokens(own),
      reference: config(keyOf(reference)),
      referenceTokens: tokens(other),
    }),
  ]
}
