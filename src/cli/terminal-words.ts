/** The words of terminal output. They are in the language of the terminal, not in that of an experiment. */
import { onOneLine } from '../errors/quote.ts'
import { readTemplates } from '../notebook/template-files.ts'
import { readWords, type Words } from '../templates/words.ts'
import type { WrittenFile } from '../files/write-files.ts'
import type { SelectionNote } from '../results/selection.ts'
import type { Io } from './io.ts'
import { terminalLocale } from './language.ts'

export type TerminalWords = Words<'terminal'>

/** Reads `templates/<locale>/terminal.yaml`. */
export function readTerminalWords(io: Pick<Io, 'lang' | 'env'>): TerminalWords {
  return readWords(readTemplates(terminalLocale(io)), 'terminal')
}

type Counted = 'config' | 'round' | 'trial' | 'user' | 'request' | 'model'

/** A number with its noun: `1 config`, `3 configs`. */
export function counted(what: Counted, count: number, words: TerminalWords): string {
  return count === 1 ? words.text(`count.${what}.one`) : words.text(`count.${what}.many`, { count })
}

/** One line per written file. */
export function writtenLines(
  written: readonly WrittenFile[],
  words: TerminalWords,
): readonly string[] {
  return written.map(({ file, how }) => words.text(`file.${how}`, { file }))
}

/** One line per run that a report does not use, or only partly uses. */
export function noteLines(
  notes: readonly SelectionNote[],
  words: TerminalWords,
): readonly string[] {
  return notes.map((note) => words.text('note.line', { note: noteText(note, words) }))
}

function noteText(note: SelectionNote, words: TerminalWords): string {
  const { run } = note
  switch (note.code) {
    case 'interrupted': {
      const configs = note.configs.join(', ')
      return words.text(note.used ? 'note.partlyUsed' : 'note.interrupted', { run, configs })
    }
    case 'fewer-rounds': {
      const { config, ended, planned } = note
      return words.text('note.fewerRounds', { run, config, ended, planned })
    }
    case 'beside':
      return words.text('note.beside', { run, used: note.used })
    case 'dropped':
      return words.text('note.dropped', { run, reason: note.why })
    case 'stand-in-replaced':
      return words.text('note.standIn', { run })
  }
}

/** Joins lines, each with an indent and a line end; empty for no lines. */
export function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${onOneLine(line)}\n`).join('')
}
