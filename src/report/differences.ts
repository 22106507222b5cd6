/** The settings in which configs differ: the effective values or, where these are unknown, the requested ones. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import {
  factByOption,
  factByVariable,
  hasEngineFact,
  isForever,
} from '../analysis/setting-value.ts'
import { excerptSource } from '../analysis/trial-facts.ts'
import type { Context } from './context.ts'
import {
  effectiveVariables,
  factText,
  settingFacts,
  sourcesOf,
  type SettingFact,
} from './fact-text.ts'
import {
  type Cell,
  inline,
  inlineCode,
  join,
  type Markdown,
  nodes,
  strong,
} from '../markdown/markdown.ts'
import { maxColumns } from './limit.ts'
import {
  factCell,
  isOfDocument,
  missingCell,
  unsetCell,
  withOrigin,
  type FactRow,
  type SettingRow,
  threadsRow,
  threadVariables,
} from './setting-cells.ts'
import { isInheritedOption, isWithoutEffect } from './setting-comments.ts'
import { differingOptions, optionText } from './settings-code.ts'
import { workloadRows } from './workload-text.ts'
import type { Words } from '../templates/words.ts'

/** Variables of Ollama for which 0 means that the server chooses the value. */
const zeroIsAutomatic: ReadonlySet<string> = new Set([
  'OLLAMA_MAX_LOADED_MODELS',
  'OLLAMA_CONTEXT_LENGTH',
])

/**
 * The evidence source with the server's list of variables. The server read them, but its engine may use other values.
 */
const serverList = 'server config'

export interface Differences {
  readonly table: Markdown
  /** Where effective values were read; null if none is known. */
  readonly sources: Markdown | null
  /** The sources of values that were not read from a server: documents and log excerpts. */
  readonly documents: readonly string[]
  /** How many cells show only a requested value. */
  readonly requested: 'none' | 'some' | 'all'
  /** True if some cells show options that a recorded config inherits, so that its own document does not state them. */
  readonly inherited: boolean
  /** True if some cells show that nothing was set. */
  readonly unset: boolean
  /** The number of variables that differ, but have no effect; the table leaves them out. */
  readonly withoutEffect: number
}

/**
 * Null if no setting differs.
 * @param shownApart facts that another table of the report shows
 */
export function differenceTable(
  context: Context,
  shownApart: ReadonlySet<SettingFact>,
): Differences | null {
  const { analysis, words } = context
  const members = analysis.configs
  const facts = settingFacts
    .filter((id) => !shownApart.has(id))
    .flatMap((id): readonly FactRow[] =>
      id === 'threads' ? threadsRow(members, context) : factRow(id, members, context),
    )
  const variables = variableNames(members, new Set(facts.map(({ id }) => id)))
  const withoutEffect = variables.filter((name) => hasNoEffect(name, members, context))
  const shown = new Set([...facts.map(({ id }) => id), ...shownApart])
  const rows = [
    ...workloadRows(members, context),
    ...facts.map(({ row }) => row),
    ...variables
      .filter((name) => !withoutEffect.includes(name))
      .flatMap((name) => variableRow(name, members, context)),
    ...optionRows(members, shown, context),
  ]
  if (rows.length === 0) return null
  const all = [...new Set(rows.flatMap(({ sources }) => sources))]
  const documents = all.filter(isOfDocument)
  const sources = all.filter((source) => !isOfDocument(source))
  const rowsOf = (source: string) => rows.filter((row) => row.sources.includes(source))
  return {
    table: tableOf(rows, members, context),
    sources: sources.length === 0 ? null : sourceNames(sources, rowsOf, words),
    documents,
    withoutEffect: withoutEffect.length,
    inherited: rows.some(({ isInherited }) => isInherited),
    unset: rows.some(({ cells }) => cells.includes(unsetCell)),
    requested: !rows.some(({ isRequested }) => isRequested)
      ? 'none'
      : all.length === 0
        ? 'all'
        : 'some',
  }
}

/** A column per config or, if there are many configs, a row. Leaves out configs without any known setting. */
function tableOf(
  rows: readonly SettingRow[],
  members: readonly ConfigAnalysis[],
  context: Context,
): Markdown {
  const { words, labels, tables } = context
  const shown = members
    .map((member, index) => ({ member, cells: rows.map(({ cells }) => cells[index] ?? '') }))
    .filter(({ member, cells }) => cells.some((cell) => cell !== missingCell(member, context)))
    .map(({ member, cells }) => ({ name: labels.full(member.config.key), cells }))
  const heads = rows.map(({ head }) => head)
  if (members.length > maxColumns)
    return tables.make(
      [words.text('column.config'), ...heads],
      shown.map(({ name, cells }) => [name, ...cells]),
      true,
    )
  return tables.make(
    [words.text('column.setting'), ...shown.map(({ name }) => name)],
    heads.map((head, index) => [head, ...shown.map(({ cells }) => cells[index] ?? '')]),
    true,
  )
}

function factRow(
  id: SettingFact,
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly FactRow[] {
  const values = members.map((member) => factText(id, member, context.words))
  if (new Set(values.filter((value) => value !== undefined)).size < 2) return []
  const row: SettingRow = {
    head: strong(context.words.text(`fact.${id}`)),
    name: context.words.text(`fact.${id}`),
    cells: members.map((member) => factCell(id, member, context)),
    isRequested: false,
    sources: members.flatMap((member) => sourcesOf(id, member)),
  }
  return [{ id, row }]
}

/** Environment variables, except those whose effect a row of facts shows. */
function variableNames(
  members: readonly ConfigAnalysis[],
  shown: ReadonlySet<SettingFact>,
): readonly string[] {
  const names = new Set(members.flatMap(({ config }) => Object.keys(config.env)))
  const facts: Readonly<Record<string, SettingFact>> = {
    ...factByVariable,
    ...Object.fromEntries(threadVariables.map((name) => [name, 'threads' as const])),
  }
  return [...names].filter((name) => {
    const fact = facts[name]
    return fact === undefined || !shown.has(fact)
  })
}

/**
 * True if the variable differs, but has no effect in any config that sets it. Comments on the settings say this too.
 */
function hasNoEffect(name: string, members: readonly ConfigAnalysis[], context: Context): boolean {
  const values = members.map(({ config }) => config.env[name])
  if (new Set(values).size < 2) return false
  return (
    isSameInEngine(name, members) ||
    members.every((member, index) => {
      const value = values[index]
      return value === undefined || isWithoutEffect(name, value, member, context)
    })
  )
}

/** True if the engines of all configs use the same value, whatever the variable says. */
function isSameInEngine(name: string, members: readonly ConfigAnalysis[]): boolean {
  if (!hasEngineFact(name)) return false
  const values = members.map(({ facts }) => facts.get(factByVariable[name])?.values)
  return values.every((each) => each?.length === 1 && each[0] === values[0]?.[0])
}

function variableRow(
  name: string,
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly SettingRow[] {
  const { words } = context
  const shown = (value: string): string => {
    if (isForever(name, value)) return words.text('setting.never')
    if (value === '') return unsetCell
    return value === '0' && zeroIsAutomatic.has(name) ? words.text('setting.automatic') : value
  }
  const listing = members.filter((member) => effectiveVariables(member))
  const someEffective = listing.length > 0
  const values = members.map((member) => {
    const effective = effectiveVariables(member)
    const requested = member.config.env[name]
    if (effective) {
      const unread = requested === undefined ? unsetCell : words.text('setting.notRead')
      const effectiveValue = effective.get(name)
      const text = effectiveValue === undefined ? unread : shown(effectiveValue)
      const [source = ''] = listSources([member])
      const cell = withOrigin(text, source, context)
      return { text, cell, isRequested: false, known: effectiveValue !== undefined }
    }
    if (requested === undefined)
      return { text: unsetCell, cell: unsetCell, isRequested: false, known: false }
    const value = shown(requested)
    const text = someEffective ? words.text('setting.requested', { value }) : value
    return { text, cell: text, isRequested: true, known: true }
  })
  const knownTexts = new Set(values.filter(({ known }) => known).map(({ text }) => text))
  if (new Set(values.map(({ text }) => text)).size < 2 || knownTexts.size === 0) return []
  const sources = listSources(listing)
  return [
    {
      head: inlineCode(name),
      name: inlineCode(name),
      cells: values.map(({ cell }) => cell),
      isRequested: values.some(({ isRequested }) => isRequested),
      sources,
    },
  ]
}

/** The sources of these configs' lists of variables. */
function listSources(members: readonly ConfigAnalysis[]): readonly string[] {
  return members.map(({ config }) => (config.kind === 'recorded' ? excerptSource : serverList))
}

/** Request options, except those whose effect a row of facts shows. */
function optionRows(
  members: readonly ConfigAnalysis[],
  shown: ReadonlySet<SettingFact>,
  context: Context,
): readonly SettingRow[] {
  const facts: Readonly<Record<string, SettingFact>> = { ...factByOption, num_gpu: 'layers' }
  const names = differingOptions(context).filter((name) => {
    const fact = facts[name]
    return fact === undefined || !shown.has(fact)
  })
  return names.map((name) => ({
    head: context.words.text(isSent(name, members) ? 'fact.option' : 'fact.recordedOption', {
      name,
    }),
    name,
    cells: members.map(({ config }) => {
      const value = config.options[name]
      if (isInheritedOption(config, name))
        return context.words.text('setting.inherited', { value: optionText(value) })
      if (value !== undefined) return optionText(value)
      return config.kind === 'recorded' ? context.words.text('absence.not-recorded') : unsetCell
    }),
    isRequested: false,
    isInherited: members.some(({ config }) => isInheritedOption(config, name)),
    sources: [],
  }))
}

/** True if a measured config sends the option. How the options of a document were set is not known. */
function isSent(name: string, members: readonly ConfigAnalysis[]): boolean {
  return members.some(({ config }) => config.kind === 'measured' && name in config.options)
}

/** The names of the sources. If there are several, each is followed by the rows that it is the source of. */
function sourceNames(
  sources: readonly string[],
  rowsOf: (source: string) => readonly SettingRow[],
  words: Words,
): Markdown {
  const names = sources.map((source): Cell => {
    const name = words.textById(`source.${source}`) ?? inlineCode(source)
    if (sources.length === 1) return name
    const rows = rowsOf(source).map((row) => row.name)
    return [
      ...nodes(name),
      { type: 'text', value: ' (' },
      ...join(rows, words.text('join.list')),
      { type: 'text', value: ')' },
    ]
  })
  return inline(join(names, words.text('join.clauses')))
}
