/** The words of causes and recommendations: `causes.yaml` of a locale. */
import { isStatementCode } from '../diagnosis/rules.ts'
import type { Statement, Value } from '../diagnosis/statement.ts'
import { fixed, ratio, percentage, signed, writtenDecimals } from '../format/number.ts'
import { inline, inlineCode, Markdown, escapeMarkdown } from '../markdown/markdown.ts'
import type { TemplateSet } from '../templates/templates.ts'
import { readWords, type WordId, type Words } from '../templates/words.ts'
import { shortDigest } from './fact-text.ts'
import type { Labels } from './labels.ts'

export interface CauseWords extends Words<'causes'> {
  /** One statement as a clause, without a capital letter and a full stop. */
  clause(statement: Statement, labels: Labels): Markdown
  /** The statements as one sentence with a capital letter; null without a statement. */
  sentence(statements: readonly Statement[], labels: Labels): Markdown | null
  /** A value of a statement. */
  value(value: Value, labels: Labels): Markdown
  /** The text with a full stop. */
  end(text: Markdown): Markdown
  join(parts: readonly Markdown[], by: Joiner): Markdown
  /** `1, 2 and 3`. */
  enumerate(parts: readonly Markdown[]): Markdown
}

type Joiner = 'join.list' | 'join.claims' | 'join.evidence' | 'join.and'

/** @throws `ExpError('template')` if a word is missing, unknown, or names a value that it does not have */
export function readCauseWords(templates: TemplateSet): CauseWords {
  const words = readWords(templates, 'causes')
  const clause: CauseWords['clause'] = ({ code, values }, labels) => {
    if (!isStatementCode(code)) throw new Error(`no statement ${code}`)
    const id: WordId<'causes'> = `statement.${code}`
    const shown = Object.entries(values).map(
      ([name, value]) => [name, new Markdown(valueSource(value, labels, words))] as const,
    )
    return words.markdownById(id, Object.fromEntries(shown))
  }
  const join: CauseWords['join'] = (parts, by) =>
    new Markdown(parts.map(({ source }) => source).join(words.text(by)))
  return {
    ...words,
    clause,
    sentence: (statements, labels) => {
      const [first] = statements
      if (first === undefined) return null
      const clauses = statements.map((each) => clause(each, labels).source)
      const text = clauses.join(words.text('join.evidence')) + words.text('end.evidence')
      return new Markdown(startsWithValue(text, first, labels, words) ? text : capitalize(text))
    },
    value: (value, labels) => new Markdown(valueSource(value, labels, words)),
    end: ({ source }) => new Markdown(source + words.text('end.evidence')),
    join,
    enumerate: (parts) =>
      parts.length < 2
        ? join(parts, 'join.list')
        : join([join(parts.slice(0, -1), 'join.list'), ...parts.slice(-1)], 'join.and'),
  }
}

/** True if the sentence begins with a value, such as a config's label, whose letters must stay as they are. */
function startsWithValue(
  sentence: string,
  { values }: Statement,
  labels: Labels,
  words: Words<'causes'>,
): boolean {
  return Object.values(values).some((value) =>
    sentence.startsWith(valueSource(value, labels, words)),
  )
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function valueSource(value: Value, labels: Labels, words: Words<'causes'>): string {
  if ('word' in value) return escapeMarkdown(words.text('value.never'))
  if ('config' in value) return escapeMarkdown(labels.full(value.config))
  if ('literal' in value) return inline(inlineCode(shortDigest(value.literal))).source
  return escapeMarkdown(quantityText(value))
}

/** A number with its unit, for running text. */
export function quantityText({ unit, value }: Extract<Value, { unit: unknown }>): string {
  switch (unit) {
    case 'ms':
      return millisecondsText(value)
    case 'tokens':
      return `${fixed(value, Math.min(1, writtenDecimals(value)))} tokens`
    case 'tokens/s':
      return `${fixed(value, Math.abs(value) < 10 ? 1 : 0)} tokens/s`
    case '%':
      return percentage(value)
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
  return `${fixed(value, millisecondsDecimals(value))} ms`
}

/** The decimals of milliseconds in running text. */
export function millisecondsDecimals(value: number): number {
  return Math.abs(value) < 9.95 ? 1 : 0
}
