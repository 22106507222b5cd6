/** The sentences of the answer about the change of each config from the one that it is based on. */
import type { Change, Comparison } from '../analysis/analysis.ts'
import { minRounds } from '../analysis/figure-interval.ts'
import type { Obstacle } from '../analysis/obstacle.ts'
import { statedMetrics } from '../analysis/ranking.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { integer } from '../format/number.ts'
import { configOf, type Context } from './context.ts'
import { changeText } from './figure-text.ts'
import { metricsByPlace } from './shown-metrics.ts'
import { reasonText } from './verdict-notes.ts'

export function changeAnswers(context: Context, isShort: boolean): readonly Markdown[] {
  const { analysis, labels, words } = context
  return analysis.comparisons.flatMap((comparison) => {
    const names = {
      config: labels.full(comparison.config),
      base: labels.full(comparison.base),
    }
    const stated = answerChanges(comparison, context)
    const changes = changeTexts(stated, context)
    const sentence = words.markdown(changeWordId(comparison, stated, context), {
      ...names,
      changes: changes.join(words.text('join.clauses')),
      rounds: integer(minRounds),
    })
    return [
      ...(changes.length === 0 || isShort ? [] : [sentence]),
      ...obstaclesOf(stated).map((obstacle) =>
        words.markdown('answer.notCompared', { ...names, reason: reasonText(obstacle, context) }),
      ),
    ]
  })
}

/** Each distinct reason for which a metric of the answer is not compared. */
function obstaclesOf(stated: readonly ValuedChange[]): readonly Obstacle[] {
  const obstacles = stated.flatMap(({ obstacle }) => obstacle ?? [])
  return [...new Map(obstacles.map((each) => [JSON.stringify(each), each])).values()]
}

type ValuedChange = Change & { readonly value: number }

/**
 * The changes that the answer states: of answer metrics or, if a document gives none of them, of other metrics.
 */
function answerChanges(comparison: Comparison, context: Context): readonly ValuedChange[] {
  const changes = [...comparison.changes.values()].filter(
    (change): change is ValuedChange => change.value !== undefined,
  )
  const sides = [configOf(context, comparison.base), configOf(context, comparison.config)] as const
  const isStated = statedMetrics(sides, context.analysis.rankedBy)
  const stated = changes.filter(({ metric }) => isStated(metric))
  if (stated.length > 0) return stated
  const { open } = metricsByPlace(sides, context)
  return changes
    .filter(({ metric }) => open.some(({ id }) => id === metric.id))
    .slice(0, maxFigures)
}

/** The maximum number of figures in a sentence; the tables have all of them. */
export const maxFigures = 6

/**
 * The word for these changes. It says that they come from a document, or that the rounds are too few for an interval.
 */
function changeWordId(
  { base, config }: Comparison,
  stated: readonly ValuedChange[],
  context: Context,
) {
  const isRecorded = [base, config].some((key) => configOf(context, key).state === 'recorded')
  if (stated.some(({ interval }) => interval))
    return isRecorded ? 'answer.changeUnpaired' : 'answer.change'
  return isRecorded ? 'answer.changeInDocument' : 'answer.changeInFewRounds'
}

/** What the answer says about the changes of a comparison; empty if it says nothing. */
export function reportedChanges(comparison: Comparison, context: Context): readonly string[] {
  return changeTexts(answerChanges(comparison, context), context)
}

/**
 * The clear changes, each with its value; then those that are clear in a table, but not at the stricter level of the
 * conclusion; then the names of the metrics without a clear change. If nothing was tested, all changes with values.
 */
function changeTexts(stated: readonly ValuedChange[], context: Context): readonly string[] {
  const { words, metricWords } = context
  const changes = stated.filter(({ obstacle }) => obstacle === undefined)
  const isTested = changes.some(({ interval }) => interval)
  const textsOf = (kind: Kind, text: (change: ValuedChange) => string) =>
    changes.filter((change) => (isTested ? kindOf(change) : 'stated') === kind).map(text)
  const only = textsOf('clearInTable', (change) => partText(change, 'unknown', context))
  const open = textsOf('unclear', ({ metric }) => metricWords.inSentence(metric))
  return [
    ...textsOf('stated', (change) =>
      partText(change, change.markInConclusion ?? change.mark, context),
    ),
    ...(only.length === 0
      ? []
      : [
          words.text('answer.clearInTable', {
            changes: only.join(words.text('join.list')),
            comparisons: integer(context.analysis.comparisonsInConclusion),
          }),
        ]),
    ...(open.length === 0
      ? []
      : [words.text('answer.noChange', { metrics: open.join(words.text('join.list')) })]),
  ]
}

type Kind = 'stated' | 'clearInTable' | 'unclear'

function kindOf(change: Change): Kind {
  const { mark, markInConclusion = mark, differs, differsInConclusion } = change
  if (markInConclusion !== 'unknown' || differsInConclusion === true) return 'stated'
  return mark === 'better' || mark === 'worse' || differs === true ? 'clearInTable' : 'unclear'
}

function partText(
  change: ValuedChange,
  mark: Change['mark'],
  { words, metricWords }: Context,
): string {
  const value = changeText(change, change.value, words)
  return words.text('answer.changePart', {
    metric: metricWords.inSentence(change.metric),
    change: mark === 'unknown' ? value : `${value} ${words.text(`mark.${mark}`)}`,
  })
}
