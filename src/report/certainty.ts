/**
 * The folded block "How sure are these figures?": facts about the figures that matter to a careful reader, but do not
 * change the answer. To add a topic, write a function that returns its sentences, or none if the topic does not apply,
 * and add it to `topics`. The words start with `certainty.` in `words.yaml`.
 */
import { minRunsForSpread } from '../analysis/between-runs.ts'
import { minRoundsForOrderEffect } from '../analysis/change.ts'
import { plannedRounds } from '../analysis/config-analysis.ts'
import { minRounds } from '../analysis/figure-interval.ts'
import { defaultFloor } from '../analysis/noise-floor.ts'
import { detectablePower, minRoundsForOutlook } from '../analysis/outlook.ts'
import { looksOf } from '../analysis/verdict.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { dateAndMinute } from '../format/date.ts'
import { durationText, fixed, integer, ratio } from '../format/number.ts'
import { inline, inlineCode, type Markdown } from '../markdown/markdown.ts'
import { isAtLeast } from '../metrics/metric.ts'
import type { Context } from './context.ts'
import { valueText } from './fact-text.ts'
import { changeText } from './figure-text.ts'
import { isHeadline } from './metric-table.ts'
import { timingErrorSentence } from './timing-error-text.ts'
import { sharedRounds } from './shared-rounds.ts'
import { differencesText } from './verdict-notes.ts'

/** Returns the sentences of one topic; none if the topic does not apply. */
type Topic = (context: Context) => readonly Markdown[]

/** In the order in which the report shows them. */
const topics: readonly Topic[] = [
  rounds,
  means,
  correction,
  looksAtResults,
  unpaired,
  sharedRounds,
  acceptedDifferences,
  busyMachine,
  timingErrorSentence,
  outliers,
  floor,
  detectable,
]

/** The sentences of all topics. */
export function certaintySentences(context: Context): readonly Markdown[] {
  return context.tables.first(topics.flatMap((topic) => topic(context)))
}

/** How many rounds ran, in which order, and what happened before each trial. */
function rounds({ analysis, experiment, words }: Context): readonly Markdown[] {
  const measured = analysis.configs.filter(({ trials }) => trials.length > 0)
  if (measured.length === 0) return []
  const configs = measured
    .map(({ config }) => config)
    .filter((config) => config.kind === 'measured')
  const planned = plannedRounds(analysis.configs, experiment.rounds).max
  return [
    words.markdown('certainty.rounds', {
      rounds: integer(planned),
      several: flag(planned > 1),
      alternating: flag(measured.length > 1 && planned > 1),
      odd: flag(planned % 2 === 1 && planned < minRoundsForOrderEffect),
      warmup: commonValue(configs, ({ workload }) => workload.warmupRequests),
      cacheCold: flag(configs.some(({ workload }) => workload.cache === 'cold')),
      settle: longest(configs.map(({ settleMs }) => settleMs)),
    }),
  ]
}

/** A value for `{{#if}}` in a word. */
function flag(isSet: boolean): string {
  return isSet ? 'yes' : ''
}

/** The value if it is the same in all configs and not 0; otherwise empty. */
function commonValue(
  configs: readonly MeasuredConfig[],
  valueOf: (config: MeasuredConfig) => number,
): string {
  const values = new Set(configs.map(valueOf))
  const [value = 0] = values
  return values.size === 1 && value > 0 ? integer(value) : ''
}

function longest(milliseconds: readonly number[]): string {
  const longestMs = Math.max(0, ...milliseconds)
  return longestMs === 0 ? '' : durationText(longestMs)
}

/** Which means the tables show, and how their changes are computed. */
function means({ analysis, words }: Context): readonly Markdown[] {
  const measured = analysis.configs.filter(
    ({ rounds, state }) => state !== 'recorded' && rounds.ended > 0,
  )
  const most = Math.max(0, ...measured.map(({ rounds: { ended } }) => ended))
  const samples = measured
    .flatMap(({ figures }) => [...figures.values()])
    .filter(({ metric, value }) => metric.family === 'score' && value !== undefined)
    .map(({ n }) => n)
  if (most < 2 && samples.length === 0) return []
  return [
    words.markdown('certainty.means', {
      rounds: most < 2 ? '' : integer(most),
      tested: flag(most >= minRounds && measured.length > 1),
      samples: samples.length === 0 ? '' : integer(Math.max(...samples)),
    }),
  ]
}

/**
 * Says that Bonferroni's correction widened the intervals of claims, or those that decide the marks of the conclusion.
 */
function correction({ analysis, experiment, words }: Context): readonly Markdown[] {
  const { hypotheses, standIn, comparisonsInConclusion } = analysis
  const { looks: plannedLooks = 1 } = experiment
  const isCorrected = hypotheses.some(({ interval }) => interval && interval.confidence > 0.95)
  return [
    ...(isCorrected
      ? [
          words.markdown('certainty.claims', {
            claims: integer(hypotheses.length),
            looks: plannedLooks > 1 ? integer(plannedLooks) : '',
          }),
        ]
      : []),
    ...(comparisonsInConclusion > 1 && !standIn
      ? [words.markdown('certainty.conclusion', { differences: integer(comparisonsInConclusion) })]
      : []),
  ]
}

/** Says that rounds were added after results could be seen. */
function looksAtResults({ analysis, words }: Context): readonly Markdown[] {
  const most = Math.max(1, ...analysis.configs.map(looksOf))
  return most === 1 ? [] : [words.markdown('certainty.looks', { looks: integer(most) })]
}

/**
 * Says by how much run-to-run variation widens intervals: for each pair of configs from different runs, or from a
 * document that gives several runs.
 */
function unpaired({ analysis, configs, labels, words }: Context): readonly Markdown[] {
  const isRecorded = (key: string) => configs.get(key)?.state === 'recorded'
  const hasFigures = (key: string) => isRecorded(key) || (configs.get(key)?.rounds.ended ?? 0) > 0
  return analysis.comparisons
    .filter(({ base, config }) => hasFigures(base) && hasFigures(config))
    .flatMap(({ base, config, betweenRuns }) => {
      if (betweenRuns === undefined) return []
      const values = {
        document: flag([base, config].some(isRecorded)),
        config: labels.full(config),
        base: labels.full(base),
        spread: `${fixed(betweenRuns.percent, 1)}%`,
        runs: betweenRuns.estimated ? integer(betweenRuns.runs) : '',
        needed: integer(minRunsForSpread),
      }
      return [words.markdown('certainty.unpaired', values)]
    })
}

/** Undeclared differences that the file accepts. */
function acceptedDifferences(context: Context): readonly Markdown[] {
  const { analysis, labels, words } = context
  return analysis.comparisons.flatMap(({ base, config, undeclared }) => {
    const accepted = undeclared.filter(({ accepted, stated }) => accepted && stated !== true)
    if (accepted.length === 0) return []
    const values = {
      config: labels.full(config),
      base: labels.full(base),
      differences: differencesText(accepted, context),
    }
    return [words.markdown('certainty.accepted', values)]
  })
}

/**
 * Says before how many trials the machine was busy: its load average exceeded its number of CPUs. Widens no interval.
 */
function busyMachine({ analysis, words }: Context): readonly Markdown[] {
  const readings = analysis.configs.flatMap(({ trials }) =>
    trials.flatMap(({ evidence }) => {
      const before = evidence.filter(({ when }) => when === 'before').map(({ facts }) => facts)
      const [load, cpus] = (['loadAverage', 'cpuCount'] as const).map((id) =>
        before.flatMap((facts) => facts[id] ?? []).at(0),
      )
      return typeof load === 'number' && typeof cpus === 'number' ? [{ load, cpus }] : []
    }),
  )
  const busy = readings.filter(({ load, cpus }) => load > cpus)
  const [highest] = busy.toSorted((one, other) => other.load - one.load)
  if (highest === undefined) return []
  return [
    words.markdown('certainty.busy', {
      trials: integer(busy.length),
      of: integer(readings.length),
      load: fixed(highest.load, 1),
      cpus: integer(highest.cpus),
    }),
  ]
}

/** Names outlier rounds, and says what was unusual in them. */
function outliers({ analysis, labels, words }: Context): readonly Markdown[] {
  return analysis.outliers.map(({ config, round, startedAt, ratio: factor, circumstances }) => {
    const { audits, failedRequests, facts } = circumstances
    const shown = [
      ...audits.map(({ id }) => words.text('beside.audit', { audit: id })),
      ...(failedRequests > 0
        ? [words.text('beside.failed', { count: integer(failedRequests) })]
        : []),
      ...facts.map(({ id, value, others }) =>
        words.text('beside.fact', {
          fact: words.text(`condition.${id}`),
          value: valueText(id, value, words),
          others: others.map((other) => valueText(id, other, words)).join(words.text('join.list')),
        }),
      ),
    ]
    return words.markdown('certainty.outlier', {
      config: labels.full(config),
      round: integer(round),
      time: dateAndMinute(startedAt),
      ratio: ratio(factor),
      shown: shown.join(words.text('join.clauses')),
    })
  })
}

/** The noise floor, which decides marks; nothing if there is no change to mark. */
function floor({ analysis, labels, words, metricWords }: Context): readonly Markdown[] {
  const changes = analysis.comparisons.flatMap((comparison) => [...comparison.changes.values()])
  if (!changes.some(({ value }) => value !== undefined)) return []
  const measured = [...(analysis.floor?.byMetric ?? [])].flatMap(([id, value]) => {
    const metric = changes.find((change) => change.metric.id === id)?.metric
    if (!metric || !isHeadline(metric)) return []
    return [
      words.text('join.about', {
        name: metricWords.label(metric),
        value: changeText({ metric }, value, words).replace(/^[+]/, ''),
      }),
    ]
  })
  return [
    words.markdown('certainty.floor', {
      percent: `${defaultFloor}%`,
      run: analysis.floor ? inline(inlineCode(analysis.floor.run)) : '',
      config: analysis.floor ? labels.full(analysis.floor.config) : '',
      measured: measured.join(words.text('join.list')),
    }),
  ]
}

/** The smallest changes that this number of rounds can detect, for each tested pair. */
function detectable({
  analysis,
  configs,
  labels,
  words,
  metricWords,
}: Context): readonly Markdown[] {
  return analysis.comparisons.flatMap(({ base, config, changes }) => {
    const shown = [...changes.values()].flatMap(({ metric, detectable }) => {
      if (!isAtLeast(metric, 'primary') || detectable === undefined) return []
      const values = {
        metric: metricWords.inSentence(metric),
        change: `${fixed(detectable, 1)}%`,
      }
      return [words.text('detectable.change', values)]
    })
    if (shown.length === 0) return []
    return [
      words.markdown('certainty.detectable', {
        config: labels.full(config),
        base: labels.full(base),
        power: `${integer(detectablePower * 100)}%`,
        rough: flag(fewestRounds([base, config], configs) < minRoundsForOutlook),
        changes: shown.join(words.text('join.clauses')),
      }),
    ]
  })
}

function fewestRounds(keys: readonly string[], configs: Context['configs']): number {
  return Math.min(...keys.map((key) => configs.get(key)?.rounds.ended ?? 0))
}
