/** Cells for tables of settings: a fact with its origin, or the reason why it is missing. Also the row of threads. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { documentSource, excerptSource } from '../analysis/trial-facts.ts'
import { type Cell, strong } from '../markdown/markdown.ts'
import type { Context } from './context.ts'
import { factText, sourcesOf, type SettingFact } from './fact-text.ts'

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
export const unsetCell = '—'

/** A fact with the origin of its value, or why it is missing. */
export function factCell(id: SettingFact, member: ConfigAnalysis, context: Context): string {
  const value = factText(id, member, context.words)
  if (value === undefined) return missingCell(member, context)
  const [source = ''] = sourcesOf(id, member)
  return withOrigin(value, source, context)
}

/** True for the source of a recorded config's values, which were not read from a server. */
export function isOfDocument(source: string): boolean {
  return source === documentSource || source === excerptSource
}

/** The value, with a mark if it comes from a document or a log excerpt. */
export function withOrigin(value: string, source: string, { words }: Context): string {
  if (source === documentSource) return words.text('setting.stated', { value })
  return source === excerptSource ? words.text('setting.excerpt', { value }) : value
}

/** Why a config has no value. */
export function missingCell(member: ConfigAnalysis, { words }: Context): string {
  if (member.state === 'pending') return words.text('absence.pending')
  return words.text(member.state === 'recorded' ? 'absence.not-recorded' : 'quantity.unknown')
}

/** Variables with which users try to set the number of threads. No server reads them. */
export const threadVariables: readonly string[] = ['OLLAMA_NUM_THREADS', 'OLLAMA_NUM_THREAD']

/**
 * The row with the threads that each config uses and requested. Empty if all use the same number and none requested
 * another.
 */
export function threadsRow(
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly FactRow[] {
  const { words } = context
  const used = members.map((member) => factText('threads', member, words))
  const requested = members.map(requestedThreads)
  const isKnown = used.some((value) => value !== undefined)
  const known = used.map((value, index) => value ?? requested[index])
  const distinct = new Set(known.filter((value) => value !== undefined))
  const isRequestUnconfirmed = requested.some(
    (value, index) => value !== undefined && value !== used[index],
  )
  if (distinct.size < 2 && !isRequestUnconfirmed) return []
  const cells = members.map((member, index) => {
    const [value, wanted] = [used[index], requested[index]]
    if (value === undefined && wanted === undefined) return missingCell(member, context)
    if (value === undefined)
      return isKnown ? words.text('setting.requested', { value: wanted ?? '' }) : (wanted ?? '')
    const cell = factCell('threads', member, context)
    return wanted === undefined || wanted === value
      ? cell
      : words.text('setting.asked', { value: cell, asked: wanted })
  })
  const row: SettingRow = {
    head: strong(words.text('fact.threads')),
    name: words.text('fact.threads'),
    cells,
    isRequested: used.some((value, index) => value === undefined && requested[index] !== undefined),
    sources: members.flatMap((member) => sourcesOf('threads', member)),
  }
  return [{ id: 'threads', row }]
}

/** The requested number of threads. The request option takes precedence over the variable. */
function requestedThreads({ config }: ConfigAnalysis): string | undefined {
  const option = config.options['num_thread']
  if (typeof option === 'number') return String(option)
  return threadVariables.map((name) => config.env[name]).find((value) => value !== undefined)
}
