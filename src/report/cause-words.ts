/** The words of causes and recommendations: `causes.yaml` of a locale. */
import { isStatementCode } from '../diagnosis/rules.ts'
import type { Statement, Value } from '../diagnosis/statement.ts'
import { fixed, ratio, share, signed, writtenDecimals } from '../format/number.ts'
import { escapeMarkdown } from '../markdown/escape.ts'
import { inline, inlineCode, Markdown } from '../markdown/markdown.ts'
import type { TemplateSet } from '../templates/templates.ts'
import { readWords, type WordId, type Words } from '../templates/words.ts'
import type { Labels } from './labels.ts'

export interface CauseWords extends Words<'causes'> {
  /** One clause. */
  state(statement: Statement, labels: Labels): Markdown
  /** Clauses as one sentence; null for none. */
  sentence(statements: readonly Statement[], labels: Labels): Markdown | null
  join(parts: readonly Markdown[], by: 'join.list' | 'join.claims' | 'join.evidence'): Markdown
}

/** @throws `ExpError('template')` if a word is missing, unknown, or names a value that it does not have */
export function readCauseWords(templates: TemplateSet): CauseWords {
  const words = readWords(templates, 'causes')
  const state: CauseWords['state'] = ({ code, values }, labels) => {
    if (!isStatementCode(code)) throw new Error(`no statement ${code}`)
    const id: WordId<'causes'> = `statement.${code}`
    const shown = Object.entries(values).map(
      ([name, value]) => [name, new Markdown(valueSource(value, labels))] as const,
    )
    return words.about(id, Object.fromEntries(shown))
  }
  return {
    ...words,
    state,
    sentence: (statements, labels) => {
      if (statements.length === 0) return null
      const clauses = statements.map((each) => state(each, labels).source)
      return new Markdown(clauses.join(words.say('join.evidence')) + words.say('end.evidence'))
    },
    join: (parts, by) => new Markdown(parts.map(({ source }) => source).join(words.say(by))),
  }
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
