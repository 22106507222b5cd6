/** Formats problems for the terminal: position and message, the line with the part underlined, and the hint. */
import stringWidth from 'string-width'
import { replaceHiddenCharacters } from '../errors/quote.ts'
import { maskSecrets, withoutCredentials } from '../secrets/secrets.ts'
import type { Problem } from './problem.ts'

/** Applies colours. The default applies none. */
export interface ProblemStyle {
  readonly error: (text: string) => string
  readonly warning: (text: string) => string
  readonly position: (text: string) => string
  readonly secondary: (text: string) => string
}

const noColours: ProblemStyle = {
  error: (text) => text,
  warning: (text) => text,
  position: (text) => text,
  secondary: (text) => text,
}

const maxShown = 50

/**
 * The first 50 problems, separated by blank lines, then the number of the others. Empty if there are no problems.
 * @param texts the text of each file by its name
 */
export function formatProblems(
  problems: readonly Problem[],
  texts: ReadonlyMap<string, string>,
  style: ProblemStyle = noColours,
): string {
  const shown = problems
    .slice(0, maxShown)
    .map((problem) => formatProblem(problem, texts.get(problem.file) ?? '', style))
    .join('\n')
  const hidden = problems.length - maxShown
  return hidden > 0 ? `${shown}\n${style.secondary(`and ${hidden} more`)}\n` : shown
}

/**
 * One problem: one to four lines, each with its line break.
 * @param sourceText the whole text of its file
 */
export function formatProblem(
  problem: Problem,
  sourceText: string,
  style: ProblemStyle = noColours,
): string {
  const { file, line, column, severity, code, message, hint } = problem
  const place = `${replaceHiddenCharacters(file)}:${line}:${column}:`
  const kind = style[severity](`${severity} ${code}`)
  const shown = frame(problem, sourceText.split(/\r\n|\n|\r/, line)[line - 1] ?? '', style)
  return [
    `${style.position(place)} ${kind} ${replaceHiddenCharacters(withoutCredentials(message))}`,
    ...shown,
    ...(hint === undefined
      ? []
      : [`  ${style.secondary('hint:')} ${replaceHiddenCharacters(withoutCredentials(hint))}`]),
    '',
  ].join('\n')
}

/** In UTF-16 code units. If a line is longer, only the part around the problem is shown. */
const maxLineWidth = 100

/** The line without its secrets, and carets below it; nothing for an empty line. */
function frame(problem: Problem, written: string, style: ProblemStyle): readonly string[] {
  const { line, column, length, severity, code } = problem
  if (written.trim() === '') return []
  const start = Math.max(0, Math.min(column - 1, written.length))
  const end = Math.min(start + Math.max(1, length), Math.max(written.length, start + 1))
  const text = withoutSecretIn(written, code === 'secret' ? [start, end] : [0, 0])
  const from =
    text.length <= maxLineWidth ? 0 : Math.max(0, Math.min(start - 20, text.length - maxLineWidth))
  const to = Math.min(text.length, from + maxLineWidth)
  const [before, marked, after] = [
    (from > 0 ? '…' : '') + text.slice(from, start),
    text.slice(start, Math.min(end, to)),
    text.slice(Math.min(end, to), to) + (to < text.length ? '…' : ''),
  ].map((part) => replaceHiddenCharacters(part.replaceAll('\t', ' ')))
  const margin = String(line)
  const indent = ' '.repeat(stringWidth(before ?? ''))
  const carets = '^'.repeat(Math.max(1, stringWidth(marked ?? '')))
  return [
    `${style.secondary(`${margin} |`)} ${before ?? ''}${marked ?? ''}${after ?? ''}`,
    `${style.secondary(`${' '.repeat(margin.length)} |`)} ${indent}${style[severity](carets)}`,
  ]
}

/**
 * The line with `*` for each character of a secret. In the given part, all characters are secret if no secret is found.
 */
function withoutSecretIn(line: string, [start, end]: readonly [number, number]): string {
  const masked = maskSecrets(line)
  if (masked.slice(start, end) !== line.slice(start, end)) return masked
  return masked.slice(0, start) + '*'.repeat(end - start) + masked.slice(end)
}
