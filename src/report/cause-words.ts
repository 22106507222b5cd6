/** The words of causes and recommendations: `causes.yaml` of a locale. Values go in as Markdown, escaped or code. */
import { missingFacts } from '../diagnosis/rule.ts'
import { fixCodes } from '../diagnosis/fix.ts'
import { causes, statementValues, testableCauses } from '../diagnosis/rules.ts'
import type { Statement, Value } from '../diagnosis/statement.ts'
import type { Labels } from './labels.ts'
import { escapeMarkdown } from '../markdown/escape.ts'
import { fixed, ratio, share, signed, writtenDecimals } from '../format/number.ts'
import { inline, inlineCode, Markdown } from '../markdown/markdown.ts'
import type { TemplateFile } from '../templates/templates.ts'
import { edge, spaced } from '../templates/spacing.ts'
import { compileWords, type WordParameters } from '../templates/word-file.ts'

const none: readonly string[] = []

function each(ids: readonly string[], names: (id: string) => readonly string[]): WordParameters {
  return Object.fromEntries(ids.flatMap((id) => names(id)).map((name) => [name, none]))
}

export const causeWordParameters: WordParameters = {
  'rank.critical': none,
  'rank.secondary': none,
  'rank.improvable': none,
  'certainty.proven': none,
  'certainty.likely': none,
  'certainty.possible': none,
  'claim.measured': ['ms'],
  'claim.at-most': ['ms'],
  'claim.percent': ['percent'],
  'claim.unknown': none,
  'claim.within': ['causes'],
  'claim.alike': none,
  'claim.settings': none,
  'claim.exists': none,
  'join.evidence': none,
  'join.claims': none,
  'join.list': none,
  'end.evidence': none,
  'within.number': ['number'],
  reference: ['source'],
  basis: ['text', 'sources'],
  missing: ['config', 'what'],
  'explained.gap': ['subject', 'reference', 'ms'],
  'explained.ratio': ['subject', 'reference', 'ratio'],
  'explained.own': ['subject', 'ms'],
  'answer.causes': ['what', 'causes'],
  'answer.cause': ['name', 'claim'],
  'column.do': none,
  'column.learn': none,
  'column.expected': none,
  'column.command': none,
  'expected.atMost': ['percent'],
  'expected.unknown': none,
  'fix.for': ['numbers'],
  'code.takeOut': ['name'],
  ...each(causes, (id) => [`cause.${id}.name`, `cause.${id}.short`, `cause.${id}.basis`]),
  ...each(missingFacts, (id) => [`missing.${id}`]),
  ...each(fixCodes, (id) => [`fix.${id}`]),
  'next.title': ['experiment', 'what'],
  'next.statement.change': ['what', 'percent'],
  'next.statement.same': ['what', 'percent'],
  ...each(testableCauses, (id) => [`next.${id}.do`, `next.${id}.learn`]),
  ...Object.fromEntries(
    Object.entries(statementValues).map(([code, names]) => [`statement.${code}`, names]),
  ),
}

export interface CauseWords {
  /** A word with texts put in, escaped. Throws where there is no such word: a bug. */
  write(id: string, values?: Readonly<Record<string, string | number | Markdown>>): Markdown
  /** One clause. */
  state(statement: Statement, labels: Labels): Markdown
  /** Clauses as one sentence; null for none. */
  sentence(statements: readonly Statement[], labels: Labels): Markdown | null
  join(parts: readonly Markdown[], by: 'join.list' | 'join.claims' | 'join.evidence'): Markdown
}

/** Throws `ExpError('template')` where a word is missing, unknown, or names a value that it does not have. */
export function readCauseWords(source: TemplateFile): CauseWords {
  const templates = compileWords(source, causeWordParameters)
  const render = (id: string, values: Readonly<Record<string, string>>): string => {
    const template = templates.get(id)
    if (template === undefined) throw new Error(`no word ${id}`)
    return template(values)
  }
  const state: CauseWords['state'] = ({ code, values }, labels) => {
    const shown = Object.entries(values).map(
      ([name, value]) => [name, edge + valueSource(value, labels) + edge] as const,
    )
    return new Markdown(spaced(render(`statement.${code}`, Object.fromEntries(shown))))
  }
  return {
    write: (id, values = {}) => {
      const escaped = Object.entries(values).map(
        ([name, value]) => [name, edge + sourceOf(value) + edge] as const,
      )
      return new Markdown(spaced(render(id, Object.fromEntries(escaped))))
    },
    state,
    sentence: (statements, labels) => {
      if (statements.length === 0) return null
      const clauses = statements.map((each) => state(each, labels).source)
      const text = clauses.join(render('join.evidence', {})) + render('end.evidence', {})
      return new Markdown(text)
    },
    join: (parts, by) => new Markdown(parts.map(({ source }) => source).join(render(by, {}))),
  }
}

function sourceOf(value: string | number | Markdown): string {
  return value instanceof Markdown ? value.source : escapeMarkdown(String(value))
}

function valueSource(value: Value, labels: Labels): string {
  if ('config' in value) return escapeMarkdown(labels.full(value.config))
  if ('literal' in value) return inline(inlineCode(shortened(value.literal))).source
  return escapeMarkdown(quantityText(value))
}

/** A digest as Ollama itself shows it. */
function shortened(text: string): string {
  return /^(?:sha256:)?[0-9a-f]{64}$/.test(text) ? text.replace(/^sha256:/, '').slice(0, 12) : text
}

/** A number with its unit, as running text says it. */
export function quantityText({ unit, value }: Extract<Value, { unit: unknown }>): string {
  switch (unit) {
    case 'ms':
      return millisecondsText(value)
    case 'tokens':
      return `${fixed(value, Math.min(1, writtenDecimals(value)))} tokens`
    case 'tokens/s':
      return `${fixed(value, Math.abs(value) < 10 ? 1 : 0)} tokens/s`
    case '%':
      return share(value)
    case 'change':
      return `${signed(value)}%`
    case 'x':
      return ratio(value)
    case 'exact':
      return fixed(value, writtenDecimals(value))
    case 'count':
      return fixed(value, Math.min(1, writtenDecimals(value)))
  }
}

/** `1,542 ms`, `2.3 ms`. */
export function millisecondsText(value: number): string {
  return `${fixed(value, Math.abs(value) < 9.95 ? 1 : 0)} ms`
}
