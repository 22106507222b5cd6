/** Statements that several rules make. A statement of one rule only is declared in that rule's file. */
import { figureOf, keyOf } from './config-facts.ts'
import type { PairInput } from './rule.ts'
import { config, statementOf, tokens, type Statement } from './statement.ts'

export const sharedStatements = {
  'costs-nothing': [],
  'cost-not-proven': [],
  'ratio-small': [],
  'loads.waited': ['config', 'requests', 'of', 'longest'],
  'loads.logged': ['config', 'loads'],
  'loads.others': ['config', 'other'],
  'loads.none': ['config', 'longest'],
  'loads.at-start': ['config', 'requests'],
  'loads.idle': ['config', 'idle', 'keepAlive'],
  'loads.not-idle': ['config', 'idle', 'keepAlive'],
  'loads.kept-forever': ['config', 'idle'],
  'tokens.longer': ['config', 'tokens', 'reference', 'referenceTokens'],
  'device.cpu': ['config', 'device'],
  'device.no-vram': ['config'],
  'device.gpu': ['config', 'device'],
  'device.layers': ['config', 'layers', 'total'],
  'device.vram': ['config', 'share'],
  'device.alike': ['device'],
  'device.full': ['config'],
  'speed.slower': ['prefillFrom', 'prefillTo', 'decodeFrom', 'decodeTo'],
  'speed.decode': ['decodeFrom', 'decodeTo'],
  differs: ['config', 'value', 'reference', 'referenceValue'],
  'differs.accepted': [],
  'differs.effect-unknown': [],
  alike: ['value'],
} as const

export const sharedStatement = statementOf(sharedStatements)

/** The mean tokens of an answer on both sides; empty if either is not known. */
export function answerLengthStatement({ subject, reference }: PairInput): readonly Statement[] {
  const [subjectTokens, referenceTokens] = [subject, reference].map((each) =>
    figureOf(each, 'outputTokens'),
  )
  if (subjectTokens === undefined || referenceTokens === undefined) return []
  return [
    sharedStatement('tokens.longer', {
      config: config(keyOf(subject)),
      tokens: tokens(subjectTokens),
      reference: config(keyOf(reference)),
      referenceTokens: tokens(referenceTokens),
    }),
  ]
}
