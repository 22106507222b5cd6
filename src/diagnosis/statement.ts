/** Statements: the evidence of findings. Also declares the statements that several rules make. */
import { figureOf, keyOf } from './config-facts.ts'
import type { ConfigAnalysis } from '../analysis/analysis.ts'

/**
 * A piece of evidence as a code and its values; `statement.<code>` of the templates' `causes.yaml` is its wording.
 * Every number is a figure or a fact of the stored results, or computed from them.
 */
export interface Statement {
  readonly code: string
  readonly values: Readonly<Record<string, Value>>
}

/** A number with its unit, the key of a config, a literal text of the server or the file, or the word `never`. */
export type Value =
  | { readonly unit: Unit; readonly value: number }
  | { readonly config: string }
  | { readonly literal: string }
  | typeof never
/** `%` is a share, `change` a signed change in percent, `exact` a number as it was set. */
export type Unit = 'exact' | 'ms' | 'tokens' | 'tokens/s' | '%' | 'change' | 'x' | 'count'

export const ms = (value: number): Value => ({ unit: 'ms', value })
export const tokens = (value: number): Value => ({ unit: 'tokens', value })
export const speed = (value: number): Value => ({ unit: 'tokens/s', value })
export const percent = (value: number): Value => ({ unit: '%', value })
export const times = (value: number): Value => ({ unit: 'x', value })
export const count = (value: number): Value => ({ unit: 'count', value })
export const exact = (value: number): Value => ({ unit: 'exact', value })
export const change = (value: number): Value => ({ unit: 'change', value })
export const config = (key: string): Value => ({ config: key })
/** A duration that has no end. */
export const never = { word: 'never' } as const
export const literal = (text: string): Value => ({ literal: text })

/** For each code of a statement: the names of the values that its wording may use. */
export type StatementTable = Readonly<Record<string, readonly string[]>>

/** Builds a statement; the compiler checks its code and its values against a table. */
export type StatementBuilder<Table extends StatementTable> = <Code extends keyof Table & string>(
  code: Code,
  values: Readonly<Record<Table[Code][number], Value>>,
) => Statement

/** The builder for the statements of a table. */
export function statementOf<const Table extends StatementTable>(
  table: Table,
): StatementBuilder<Table> {
  return (code, values) => {
    if (!Object.hasOwn(table, code)) throw new Error(`no statement ${code}`)
    return { code, values }
  }
}

/** Leaves out statements that are `undefined` or false. */
export function onlyDefined(
  ...statements: readonly (Statement | undefined | false)[]
): readonly Statement[] {
  return statements.filter((each) => each !== undefined && each !== false)
}

/** Statements that several rules make. A statement of one rule only is declared in that rule's file. */
export const sharedStatements = {
  'costs-nothing': [],
  'cost-not-proven': [],
  'ratio-small': [],
  'check-failed': ['config', 'audit'],
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
  'differs.stated': ['config', 'value', 'reference', 'referenceValue'],
  'differs.accepted': [],
  'differs.effect-unknown': [],
  alike: ['value'],
  'facts-stated': ['config'],
} as const

export const sharedStatement = statementOf(sharedStatements)

/** The mean tokens of an answer on both sides; empty if either is not known. */
export function answerLengthStatement({
  subject,
  reference,
}: Readonly<Record<'subject' | 'reference', ConfigAnalysis>>): readonly Statement[] {
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
