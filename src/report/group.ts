/** One section for each group of configs: its sources, states, tables, trades and settings. */
import { racingConfigs } from '../analysis/race/tuning-race.ts'
import { minRounds } from '../analysis/figure-interval.ts'
import { batchesDiffer } from '../analysis/ranking.ts'
import type { Change, Comparison, ConfigAnalysis, ItemAnalysis } from '../analysis/analysis.ts'
import { itemMetrics } from '../analysis/item-figures.ts'
import type { TurnAnalysis } from '../analysis/turn.ts'
import { turnMetrics } from '../analysis/turn-figures.ts'
import { configOf, type Context } from './context.ts'
import { factText } from './fact-text.ts'
import { emptyCell, figureText, hasValue, sharedDecimals } from './figure-text.ts'
import { integer, percentage } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { groupsOf } from './labels.ts'
import {
  comparisonsOf,
  metricHead,
  metricTables,
  pairLabels,
  type MetricTables,
} from './metric-table.ts'
import { settingsCode } from './settings-code.ts'
import type { GroupView, LegendView } from './view.ts'
import { loadsText } from './workload-text.ts'

interface Group {
  readonly name: string
  readonly members: readonly ConfigAnalysis[]
}

export function groupViews(context: Context): readonly GroupView[] {
  const groups = [...groupsOf(context.experiment.configs)].map(([name, configs]): Group => ({
    name,
    members: configs.map(({ key }) => configOf(context, key)),
  }))
  const first = groups.find(({ members }) => hasMarks(members, context))
  const all = groups.flatMap(({ members }) => members)
  return context.tables.first(groups).map((group) => {
    const isGrid = isOfGrid(group.members, context)
    const tables = foldedIf(isGrid, metricTables(group.members, context))
    return {
      name: isNamed(group, groups.length) ? group.name : null,
      sources: sources(group.members, context),
      states: states(group.members, context),
      // The labels of cells and levels name what differs in their loads.
      loads: isGrid || areLevels(group.members, context) ? null : loadsText(group.members, context),
      tables: tables.open,
      legend: group === first ? legend(all, context) : null,
      trades: tradeSentences(group.members, context),
      items: itemTable(group.members, context),
      turns: turnTable(group.members, context),
      otherTables: tables.folded,
      settings: isGrid ? [] : settingsCode(group.members, context),
    }
  })
}

/** True if all configs are cells of a grid or take part in a race: another section shows what the file asks for. */
function isOfGrid(members: readonly ConfigAnalysis[], { analysis, experiment }: Context): boolean {
  const cells = new Set([
    ...(analysis.grid === undefined ? [] : (experiment.grid?.cells ?? [])).map(
      ({ config }) => config,
    ),
    ...(analysis.tuning === undefined ? [] : racingConfigs(analysis.tuning.tuning)),
  ])
  return cells.size > 0 && members.every(({ config }) => cells.has(config.key))
}

/** True if all configs are levels of a load that the file lists or searches. */
function areLevels(members: readonly ConfigAnalysis[], { experiment }: Context): boolean {
  const { series = [] } = experiment
  const levels = new Set(series.flatMap((each) => each.levels.map(({ config }) => config)))
  return members.every(({ config }) => levels.has(config.key))
}

function foldedIf(folds: boolean, { open, folded }: MetricTables): MetricTables {
  return folds ? { open: [], folded: [...open, ...folded] } : { open, folded }
}

/** False if the only group has no name in the file: its name is then the label of its first config. */
function isNamed({ name, members }: Group, groups: number): boolean {
  return groups > 1 || name !== members[0]?.config.label
}

function sources(members: readonly ConfigAnalysis[], { labels }: Context): GroupView['sources'] {
  const recorded = members
    .map(({ config }) => config)
    .filter((config) => config.kind === 'recorded')
  const distinct = new Set(recorded.map(({ source, date }) => `${date} ${source}`))
  return (distinct.size === 1 ? recorded.slice(0, 1) : recorded).map(({ key, source, date }) => ({
    label: distinct.size > 1 || recorded.length < members.length ? labels.short(key) : null,
    source,
    date,
  }))
}

/** The configs without complete results, grouped by their state; null if every config is complete. */
function states(members: readonly ConfigAnalysis[], { words, labels }: Context): string | null {
  const configsByState = new Map<string, string[]>()
  for (const { config, state, rounds } of members) {
    if (state === 'measured' || state === 'recorded') continue
    const text =
      state === 'incomplete'
        ? words.text('state.incomplete', {
            ended: integer(rounds.ended),
            asked: integer(rounds.planned),
          })
        : words.text(`state.${state}`)
    configsByState.set(text, [...(configsByState.get(text) ?? []), labels.short(config.key)])
  }
  if (configsByState.size === 0) return null
  return [...configsByState]
    .map(([text, configs]) => `${text} (${configs.join(words.text('join.list'))})`)
    .join(words.text('join.parts'))
}

/** True if the table of these configs shows a change, and so a mark. */
function hasMarks(members: readonly ConfigAnalysis[], context: Context): boolean {
  return comparisonsOf(members, context).some(({ changes }) =>
    [...changes.values()].some(({ value }) => value !== undefined),
  )
}

/** True if the change has an interval and one of its sides comes from a document. */
export function isTestedFromDocument({ interval, from, to }: Change): boolean {
  return interval !== undefined && [from, to].some(({ basedOn }) => basedOn === 'document')
}

/** How to read the marks of all tables. */
function legend(members: readonly ConfigAnalysis[], context: Context): LegendView {
  const measured = members.filter(({ rounds, state }) => state !== 'recorded' && rounds.ended > 0)
  const rounds = Math.max(0, ...measured.map(({ rounds: { ended } }) => ended))
  const changes = comparisonsOf(members, context).flatMap((comparison) => [
    ...comparison.changes.values(),
  ])
  const hasChanges = changes.some(({ value }) => value !== undefined)
  return {
    otherBatches: batchesDiffer(members.map(({ config }) => config)),
    untested: measured.length > 0 && rounds < minRounds && hasChanges,
    recorded: members.some(({ state }) => state === 'recorded'),
    recordedTested: changes.some(isTestedFromDocument),
    intervals: changes.some(({ interval }) => interval !== undefined),
  }
}

/** Sentences about trade-offs between two changes: sooner first tokens and slower decoding, or the reverse. */
function tradeSentences(members: readonly ConfigAnalysis[], context: Context): readonly Markdown[] {
  return comparisonsOf(members, context).flatMap((comparison) =>
    tradeSentence(comparison, members, context),
  )
}

function tradeSentence(
  comparison: Comparison,
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly Markdown[] {
  const { words, labels } = context
  const { config, base, changes } = comparison
  const [firstToken, speed] = ['ttftMean', 'decodeSpeed'].map((id) => changes.get(id))
  if (!isClear(firstToken) || !isClear(speed) || firstToken.mark === speed.mark) return []
  const slots = [base, config].map((key) => factText('slots', configOf(context, key), words))
  const [from = '', to = ''] = slots
  const isSeries = context.experiment.series !== undefined // the same slots at several levels
  const isShared = !isSeries && Number(to) > Number(from) && changes.get('wait')?.mark === 'better'
  const size = ({ value }: Valued) => percentage(Math.abs(value))
  return [
    words.markdown(firstToken.mark === 'better' ? 'trade.sooner' : 'trade.later', {
      ...pairLabels(comparison, members, labels),
      from: isShared ? from : '',
      to: isShared ? to : '',
      firstToken: size(firstToken),
      speed: size(speed),
      noChange: isClear(changes.get('latencyMean')) ? '' : 'yes',
    }),
  ]
}

type Valued = Change & { readonly value: number }

/** True for a change that is better or worse beyond noise. */
function isClear(change: Change | undefined): change is Valued {
  return change?.value !== undefined && (change.mark === 'better' || change.mark === 'worse')
}

interface ItemRow {
  readonly member: ConfigAnalysis
  readonly item: ItemAnalysis
}

/** The table of the items of mixes: a row per config and item, a column per metric. Null without a measured mix. */
function itemTable(members: readonly ConfigAnalysis[], context: Context): Markdown | null {
  const { words, labels, tables } = context
  const rows = members.flatMap((member) =>
    (member.items ?? []).map((item): ItemRow => ({ member, item })),
  )
  if (rows.length === 0) return null
  const columns = itemMetrics.flatMap((id) => {
    const figures = rows.flatMap(({ item }) => item.figures.get(id) ?? [])
    const [first] = figures.filter(hasValue)
    if (first === undefined) return []
    const decimals = sharedDecimals(figures.filter(hasValue))
    return [{ id, decimals, head: metricHead(first.metric, members, context) }]
  })
  return tables.make(
    [words.text('column.config'), words.text('column.item'), ...columns.map(({ head }) => head)],
    rows.map(({ member, item }) => [
      labels.short(member.config.key),
      oneLine(item.name),
      ...columns.map(({ id, decimals }) => {
        const figure = item.figures.get(id)
        return figure === undefined ? emptyCell : figureText(figure, decimals, words)
      }),
    ]),
  )
}

/**
 * The table of conversation turns: a row per config and turn, a column per metric, and one for cache hits. Null without
 * measured conversations.
 */
function turnTable(members: readonly ConfigAnalysis[], context: Context): Markdown | null {
  const { words, labels, tables } = context
  const rows = members.flatMap((member) => (member.turns ?? []).map((turn) => ({ member, turn })))
  if (rows.length === 0) return null
  const columns = turnMetrics.flatMap((id) => {
    const figures = rows.flatMap(({ turn }) => turn.figures.get(id) ?? []).filter(hasValue)
    const [first] = figures
    if (first === undefined) return []
    const head = metricHead(first.metric, members, context)
    return [{ id, head, decimals: sharedDecimals(figures) }]
  })
  return tables.make(
    [
      words.text('column.config'),
      words.text('column.turn'),
      ...columns.map(({ head }) => head),
      words.text('column.cachedPrompt'),
    ],
    rows.map(({ member, turn }) => [
      labels.short(member.config.key),
      integer(turn.number),
      ...columns.map(({ id, decimals }) => {
        const figure = turn.figures.get(id)
        return figure === undefined ? emptyCell : figureText(figure, decimals, words)
      }),
      cachedText(turn, context),
    ]),
  )
}

function cachedText({ cached }: TurnAnalysis, { words }: Context): string {
  if (cached === undefined || cached.promptTokens === 0) return words.text('turn.cacheUnknown')
  return words.text('turn.cached', {
    share: percentage((cached.cachedTokens / cached.promptTokens) * 100),
    cached: integer(cached.cachedTokens),
    whole: integer(cached.promptTokens),
    requests: integer(cached.requests),
  })
}
