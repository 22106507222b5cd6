/**
 * The one place through which all output of commands passes. Text that is not ours (from files, servers, arguments)
 * must not control a terminal or the machine that runs CI, so only the codes that `asControlCode` marks remain.
 */
import { randomUUID } from 'node:crypto'
import { replaceHiddenCharacters } from '../errors/quote.ts'

export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Columns of the terminal; 80 if unknown. */
  readonly columns: number
}

/** Surrounds the control codes of this program. It is random, so that no other text can contain it. */
const mark = randomUUID()

/** Marks a terminal code, or a command for a CI system, as one of this program, so that it is not removed. */
export function asControlCode(code: string): string {
  return code === '' ? '' : mark + code + mark
}

/** The text without the control codes of this program, as a terminal shows it. */
export function withoutControlCodes(text: string): string {
  return text
    .split(mark)
    .filter((_, index) => index % 2 === 0)
    .join('')
}

/** Precedes text whose lines must not be broken. It is random, so that no other text can contain it. */
const keptLinesMark = randomUUID()

/** Marks text that people copy from the terminal, such as Markdown, JSON and scripts: its lines are not broken. */
export function keepLines(text: string): string {
  return keptLinesMark + text
}

/** The text without the mark of `keepLines`; undefined if it has none. */
export function textWithKeptLines(text: string): string | undefined {
  return text.startsWith(keptLinesMark) ? text.slice(keptLinesMark.length) : undefined
}

/** The same output, but it cleans all text before writing it. */
export function safeOutput(output: Output): Output {
  return {
    write: (text) => {
      output.write(cleaned(text))
    },
    get isTerminal() {
      return output.isTerminal
    },
    get columns() {
      return output.columns
    },
  }
}

/** The text without control codes, except those that `asControlCode` marked. */
export function cleaned(text: string): string {
  return text
    .split(mark)
    .map((part, index) => (index % 2 === 1 ? part : withoutCodes(part)))
    .join('')
}

/** Replaces control codes except line breaks and tabs, and breaks up what CI systems would run. */
function withoutCodes(text: string): string {
  return text
    .replace(/[^\n\t]+/g, (line) => replaceHiddenCharacters(line))
    .replace(lineCommand, '$1:\u200b')
    .replace(anyCommand, '##\u200b')
}

/** `::error …`, which GitHub Actions runs at the start of a line. */
const lineCommand = /^([^\S\n]*):(?=:)/gm
/** `##[error]…` of GitHub Actions and `##vso[…]` of Azure Pipelines, which are run anywhere in a line. */
const anyCommand = /##(?=\w*\[)/g

/** Prints a value as JSON. Escapes the characters that `write` would replace. */
export function printJson(output: Output, value: unknown): void {
  const text = JSON.stringify(value, null, 2)
    .replace(/[^\n]+/g, (line) => replaceHiddenCharacters(line, escaped))
    .replace(anyCommand, '#\\u0023')
  output.write(keepLines(`${text}\n`))
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
}
