/** The versions of a report, newest first, and the figures that each is remembered by. */
import type { Analysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { Context } from './context.ts'
import { day } from '../format/date.ts'
import { ratioInterval } from './figure-text.ts'
import { decimalsFor, fixed, ratio } from '../format/number.ts'
import type { Cell, Markdown } from '../markdown/markdown.ts'
import type { VersionChange, HeadlineFigure, HistoryEntry } from './report-input.ts'

/**
 * What a version is remembered by: each config's latency as times the baseline, or its QPS where there is no
 * baseline. Stored in locks, shown in the history of later versions.
 */
export function headlineFigures(
  { configs, baseline }: Experiment,
  analysis: Analysis,
): readonly HeadlineFigure[] {
  const labels = new Map(configs.map(({ key, label }) => [key, label]))
  if (analysis.ratios.length > 1)
    return analysis.ratios
      .filter(({ config }) => config !== baseline)
      .map(({ config, value, interval }) => ({
        label: labels.get(config) ?? config,
        metric: 'ratio',
        ...(value === undefined ? {} : { value }),
        ...(interval ? { interval } : {}),
      }))
  return analysis.configs.map(({ config, figures }) => {
    const value = figures.get('qps')?.value
    return { label: config.label, metric: 'qps', ...(value === undefined ? {} : { value }) }
  })
}

/** No cell is blank. */
const nothing = '—'

export function historyTable(context: Context): Markdown {
  const { words, tables, version, experiment, analysis } = context
  const current: HistoryEntry = {
    version: version.version,
    ...(version.createdAt === undefined ? {} : { date: version.createdAt }),
    changes: version.changes,
    headline: headlineFigures(experiment, analysis),
  }
  const kind = headlineColumn(current.headline)
  const header = [
    words.say('column.version'),
    words.say('column.date'),
    words.say('column.changes'),
    words.say(kind),
  ]
  return tables.make(
    header,
    [current, ...version.history].map((entry) => [
      versionCell(entry),
      entry.date === undefined ? nothing : day(entry.date),
      entry.changes
        .map((change) => versionChangeText(change, context))
        .join(words.say('join.clauses')) || nothing,
      headlineCell(entry.headline, kind, context),
    ]),
  )
}

type HeadlineColumn = 'column.headlineRatio' | 'column.headlineFigures'

function headlineColumn(headline: readonly HeadlineFigure[]): HeadlineColumn {
  const isRatio = headline.some(({ metric }) => metric === 'ratio')
  return isRatio ? 'column.headlineRatio' : 'column.headlineFigures'
}

/** What a version without the baseline of today was remembered by is something else, and says so. */
function headlineCell(
  headline: readonly HeadlineFigure[],
  column: HeadlineColumn,
  context: Context,
): string {
  const text = headlineText(headline, context)
  const own = headlineColumn(headline)
  if (text === '') return nothing
  if (own === column) return text
  return context.words.say('join.about', { name: context.words.say(own), value: text })
}

function versionCell({ version, file }: HistoryEntry): Cell {
  return file === undefined
    ? version
    : [{ type: 'link', url: file, children: [{ type: 'text', value: version }] }]
}

/** A change from the version before, in words. */
export function versionChangeText(
  change: VersionChange,
  { words }: Pick<Context, 'words'>,
): string {
  const list = (values: readonly string[]) => values.join(words.say('join.list'))
  switch (change.code) {
    case 'first':
    case 'real-results':
      return words.say(`versionChange.${change.code}`)
    case 'rounds':
      return words.say('versionChange.rounds', { from: change.from, to: change.to })
    case 'new-hypotheses':
    case 'removed-hypotheses':
    case 'changed-hypotheses':
      return words.say(`versionChange.${change.code}`, { ids: list(change.ids) })
    default:
      return words.say(`versionChange.${change.code}`, { configs: list(change.configs) })
  }
}

function headlineText(headline: readonly HeadlineFigure[], { words, tables }: Context): string {
  const parts = tables.first(headline).map(({ label, metric, value, interval }) => {
    if (value === undefined)
      return words.say('join.about', { name: label, value: words.say('change.pending') })
    const shown = metric === 'ratio' ? ratio(value) : fixed(value, decimalsFor([value]))
    const text = interval && metric === 'ratio' ? `${shown} ${ratioInterval(interval)}` : shown
    return words.say('join.about', { name: label, value: text })
  })
  return parts.join(words.say('join.clauses'))
}
