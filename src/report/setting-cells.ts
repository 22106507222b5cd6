/** The cells of tables of settings: facts with their origin, and why one is missing. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { documentSource, excerptSource } from '../analysis/trial-facts.ts'
import type { Context } from './context.ts'
import { factText, sourcesOf, type SettingFact } from './fact-text.ts'
import type { Cell } from '../markdown/markdown.ts'

/** A row of the table of settings: one setting of all configs. */
export interface SettingRow {
  readonly head: Cell
  /** The row's name in a sentence. */
  readonly name: Cell
  readonly cells: readonly Cell[]
  readonly isRequested: boolean
  /** True if some cells show an option that a config inherits. */
  readonly isInherited?: boolean
  readonly sources: readonly string[]
}

/** The row of a fact. */
export interface FactRow {
  readonly id: SettingFact
  readonly row: SettingRow
}

/** Shown for a setting that a config does not set. */
export const unset = '—'

/** A fact with the origin of its value, or why it is missing. */
export function factCell(id: SettingFact, member: ConfigAnalysis, context: Context): string {
  const value = factText(id, member, context.words)
  if (value === undefined) return missingCell(member, context)
  const [source = ''] = sourcesOf(id, member)
  return withOrigin(value, source, context)
}

/** True for values of a recorded config, which nobody read from a server. */
export function isOfDocument(source: string): boolean {
  return source === documentSource || source === excerptSource
}

/** The value, with a mark if it is that of a document or a log excerpt. */
export function withOrigin(value: string, source: string, { words }: Context): string {
  if (source === documentSource) return words.text('setting.stated', { value })
  return source === excerptSource ? words.text('setting.excerpt', { value }) : value
}

/** Why a config has no value. */
export function missingCell(member: ConfigAnalysis, { words }: Context): string {
  if (member.state === 'pending') return words.text('absence.pending')
  return words.text(member.state === 'recorded' ? 'absence.not-recorded' : 'quantity.unknown')
}
