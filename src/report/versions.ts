/** The versions of a report: the table of all versions, and the footer about the current one. */
import type { Analysis } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { dayOf, dateAndMinute } from '../format/date.ts'
import { decimalsFor, fixed, integer } from '../format/number.ts'
import type { Cell, Markdown } from '../markdown/markdown.ts'
import type { Context } from './context.ts'
import { oneLine } from '../format/plain-text.ts'
import { shortDigest } from './fact-text.ts'
import { emptyCell, ratioTexts } from './figure-text.ts'
import { groupsOf } from './labels.ts'
import type { HeadlineFigure, HistoryEntry, VersionChange } from './report-input.ts'
import type { FooterView } from './view.ts'

/**
 * The headline figures of a version: the ratios to the baseline (`ratio` for latency, `ratio.decodeSpeed` and the like
 * for other metrics), or each config's QPS if there is no baseline. Locks store them, and the history table of later
 * versions shows them.
 */
export function headlineFigures(
  { configs, baseline }: Experiment,
  analysis: Analysis,
): readonly HeadlineFigure[] {
  const labels = new Map(configs.map(({ key, label }) => [key, label]))
  if (analysis.ratios.length > 1)
    return analysis.ratios
      .filter(({ config }) => config !== baseline)
      .map(({ config, value, interval, mixesMetrics }) => ({
        label: labels.get(config) ?? config,
        metric: analysis.rankedBy.id === 'latencyMean' ? 'ratio' : `ratio.${analysis.rankedBy.id}`,
        // Left out if the ratio mixes different metrics, which makes it only an order of magnitude.
        ...(value === undefined || mixesMetrics ? {} : { value }),
        ...(interval ? { interval } : {}),
      }))
  return analysis.configs.map(({ config, figures }) => {
    const value = figures.get('qps')?.value
    return { label: config.label, metric: 'qps', ...(value === undefined ? {} : { value }) }
  })
}

/** The current version and those before it, newest first. */
export function historyTable(context: Context): Markdown {
  const { words, tables } = context
  const { column, entries } = historyOf(context)
  const hasHeadlines = entries.some((entry) => entry.headline.length > 0)
  const header = [
    words.text('column.version'),
    words.text('column.date'),
    words.text('column.changes'),
    ...(hasHeadlines ? [words.text(column)] : []),
  ]
  return tables.make(
    header,
    entries.map((entry) => [
      versionCell(entry),
      entry.date === undefined ? emptyCell : dayOf(entry.date),
      [
        ...entry.changes.map((change) => versionChangeText(change, context)),
        ...(entry.standIn === true ? [words.text('versionNote.demo')] : []),
        ...(entry.earlierMethod === true ? [words.text('versionNote.earlierMethod')] : []),
      ].join(words.text('join.parts')) || emptyCell,
      ...(hasHeadlines ? [headlineCell(entry.headline, column, context)] : []),
    ]),
  )
}

interface History {
  readonly column: HeadlineColumn
  /** Newest first, with the headline figures that are shown. */
  readonly entries: readonly HistoryEntry[]
}

export function historyOf({ version, experiment, analysis }: Context): History {
  const headline = headlineFigures(experiment, analysis)
  const current: HistoryEntry = {
    version: version.version,
    ...(version.createdAt === undefined ? {} : { date: version.createdAt }),
    changes: version.changes,
    headline: analysis.standIn ? [] : headline,
  }
  const entries = [current, ...version.history].map((entry) => ({
    ...entry,
    headline: shownHeadline(entry.headline, experiment),
  }))
  return { column: headlineColumn(headline), entries }
}

/**
 * The headline figures that the history shows: the figure of the last config of each group, except the baseline's group
 * if there are others. A version whose configs had other labels shows all of its figures.
 */
function shownHeadline(
  headline: readonly HeadlineFigure[],
  { configs, baseline }: Experiment,
): readonly HeadlineFigure[] {
  const known = headline.filter(({ value }) => value !== undefined)
  const groups = [...groupsOf(configs).values()]
  const others = groups.filter((group) => group.every(({ key }) => key !== baseline))
  const shown = (others.length > 0 ? others : groups).flatMap((group) => {
    const figures = group.map(({ label }) => known.find((figure) => figure.label === label))
    return figures.filter((figure) => figure !== undefined).slice(-1)
  })
  return shown.length > 0 ? shown : known
}

type HeadlineColumn = 'column.headlineRatio' | 'column.headlineFigures'

export function isRatioFigure({ metric }: Pick<HeadlineFigure, 'metric'>): boolean {
  return metric === 'ratio' || metric.startsWith('ratio.')
}

export function headlineColumn(headline: readonly HeadlineFigure[]): HeadlineColumn {
  const isRatio = headline.some(isRatioFigure)
  return isRatio ? 'column.headlineRatio' : 'column.headlineFigures'
}

/** The headline figures of one version. If they are not of the column's kind, their name comes first. */
function headlineCell(
  headline: readonly HeadlineFigure[],
  column: HeadlineColumn,
  context: Context,
): string {
  const text = headlineText(headline, context)
  const quantity = headlineColumn(headline)
  if (text === '') return emptyCell
  if (quantity === column) return text
  return context.words.text('join.about', { name: context.words.text(quantity), value: text })
}

function headlineText(headline: readonly HeadlineFigure[], { words, tables }: Context): string {
  const parts = tables.first(headline).flatMap((figure) => {
    const { label, value, interval } = figure
    if (value === undefined) return []
    const texts = ratioTexts(value, interval)
    const shown = isRatioFigure(figure)
      ? `${texts.value} ${texts.interval}`.trim()
      : fixed(value, decimalsFor([value]))
    return [words.text('join.about', { name: label, value: shown })]
  })
  return parts.join(words.text('join.clauses'))
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
  const list = (values: readonly string[]) => values.join(words.text('join.list'))
  switch (change.code) {
    case 'first':
    case 'real-results':
      return words.text(`versionChange.${change.code}`)
    case 'condition': {
      const side = (values: readonly string[]) => values.map(shortDigest).join(' / ')
      return words.text('versionChange.condition', {
        fact:
          change.model === undefined
            ? words.text(`fact.${change.fact}`)
            : words.text('versionChange.ofModel', {
                fact: words.text(`fact.${change.fact}`),
                model: oneLine(change.model),
              }),
        from: side(change.from),
        to: side(change.to),
        configs: list(change.configs),
      })
    }
    case 'objectives': {
      const side = (all: readonly string[]) =>
        all.length === 0
          ? words.text('versionChange.noObjectives')
          : list(all.map((each) => oneLine(each)))
      return words.text('versionChange.objectives', {
        from: side(change.from),
        to: side(change.to),
      })
    }
    case 'rounds':
    case 'looks':
    case 'method':
      return words.text(`versionChange.${change.code}`, { from: change.from, to: change.to })
    case 'new-hypotheses':
    case 'removed-hypotheses':
    case 'changed-hypotheses':
      return words.text(`versionChange.${change.code}`, { ids: list(change.ids) })
    default:
      return words.text(`versionChange.${change.code}`, { configs: list(change.configs) })
  }
}

export function footerView({ version, analysis }: Context): FooterView {
  const withResults = analysis.configs.filter(
    ({ state }) => state !== 'pending' && state !== 'failed',
  )
  return {
    version: version.version,
    createdAt: version.createdAt === undefined ? null : dateAndMinute(version.createdAt),
    standIn: analysis.standIn,
    open: version.state === 'open',
    failedTrials: analysis.configs.some(({ rounds }) => rounds.failed + rounds.skipped > 0),
    done: integer(withResults.length),
    all: integer(analysis.configs.length),
    lock: version.lockFile,
  }
}
