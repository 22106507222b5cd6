/** The sentences of the answer about the change of each config from the one that it is based on. */
import type { Change, Comparison } from '../analysis/analysis.ts'
import type { Obstacle } from '../analysis/obstacle.ts'
import { statedMetrics } from '../analysis/ranking.ts'
import type { Markdown } from '../markdown/markdown.ts'
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
 * The changes that the answer states: those of answer metrics or, if a document gives none of these, of other metrics.
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

/** The clear changes, each with its value, and then the names of the metrics without a clear change. */
export function reportedChanges(comparison: Comparison, context: Context): readonly string[] {
  return changeTexts(answerChanges(comparison, context), context)
}

function changeTexts(
  stated: readonly ValuedChange[],
  { words, metricWords }: Context,
): readonly string[] {
  const changes = stated
    .filter(({ obstacle }) => obstacle === undefined)
    .map(({ markInConclusion, ...change }) => ({
      ...change,
      mark: markInConclusion ?? change.mark,
    }))
  const isClear = ({ mark, differsInConclusion }: Change) =>
    mark !== 'unknown' || differsInConclusion === true
  const clear = changes.filter(isClear).map((change) =>
    words.text('answer.changePart', {
      metric: metricWords.inSentence(change.metric),
      change:
        change.mark === 'unknown'
          ? changeText(change, change.value, words)
          : `${changeText(change, change.value, words)} ${words.text(`mark.${change.mark}`)}`,
    }),
  )
  const unclear = changes.filter((change) => !isClear(change))
  if (unclear.length === 0) return clear
  const names = unclear.map(({ metric }) => metricWords.inSentence(metric))
  return [...clear, words.text('answer.noChange', { metrics: names.join(words.text('join.list')) })]
}
