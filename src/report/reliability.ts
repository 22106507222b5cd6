/** How reliable the figures are: order of trials, seeds, checks, failures and excluded runs. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { orderedRounds } from '../analysis/change.ts'
import { defaultFloor } from '../analysis/noise-floor.ts'
import { detectablePower } from '../analysis/outlook.ts'
import { isAtLeast } from '../metrics/metric.ts'
import { auditsView } from './audits.ts'
import type { Context } from './context.ts'
import { durationText, fixed, integer } from '../format/number.ts'
import { inline, inlineCode } from '../markdown/markdown.ts'
import { changeText } from './figure-text.ts'
import { isHeadline } from './metric-table.ts'
import { sharedRoundsView } from './shared-rounds.ts'
import { differencesText } from './verdict-notes.ts'
import type { ReliabilityView } from './view.ts'

export function reliabilityView(context: Context): Omit<ReliabilityView, 'shortened'> {
  const { analysis, experiment, labels, tables, version } = context
  const measured = analysis.configs.filter(({ trials }) => trials.length > 0)
  const configs = measured
    .map(({ config }) => config)
    .filter((config) => config.kind === 'measured')
  const seeds = new Set(measured.flatMap(({ trials }) => trials.map(({ header }) => header.seed)))
  return {
    measured: measured.length > 0,
    rounds: integer(experiment.rounds),
    severalRounds: experiment.rounds > 1,
    alternating: measured.length > 1 && experiment.rounds > 1,
    oddRounds: experiment.rounds % 2 === 1 && experiment.rounds < orderedRounds,
    warmup: agreed(configs, ({ workload }) => workload.warmupRequests),
    cacheCold: configs.some(({ workload }) => workload.cache === 'cold'),
    settle: longest(configs.map(({ settleMs }) => settleMs)),
    seed: seeds.size === 1 ? String([...seeds][0]) : null,
    documents: documentsView(context),
    unpaired: analysis.comparisons
      .filter((comparison) => isUnpaired(comparison, context))
      .map((comparison) => ({
        config: labels.full(comparison.config),
        base: labels.full(comparison.base),
        otherHost: !comparison.sameHost,
      })),
    sharedRounds: sharedRoundsView(context),
    undeclared: undeclaredViews(context),
    floor: floorView(context),
    detectable: detectableView(context),
    audits: auditsView(context),
    failedTrials: tables.first(measured.flatMap((member) => failedTrials(member, context))),
    failedRequests: tables.first(measured.flatMap((member) => failedRequests(member, context))),
    dropped: tables
      .first(version.dropped)
      .map(({ run, why }) => ({ run: inline(inlineCode(run)), why })),
  }
}

/** True if both configs were measured, but in different runs, so that rounds cannot be paired. */
function isUnpaired(
  comparison: { base: string; config: string; paired: boolean },
  { configs }: Context,
): boolean {
  const measured = [comparison.base, comparison.config].every(
    (key) => (configs.get(key)?.rounds.ended ?? 0) > 0,
  )
  return measured && !comparison.paired
}

/** The trials of a config that did not end; those with the same outcome and reason share an entry. */
function failedTrials({ config, trials }: ConfigAnalysis, { labels, words }: Context) {
  const byOutcome = new Map<
    string,
    { rounds: number[]; outcome: FailedOutcome; reason: string | null }
  >()
  for (const { outcome, header, end } of trials) {
    if (outcome === 'ended') continue
    const reason = end?.reason ?? null
    const id = JSON.stringify([outcome, reason])
    const known = byOutcome.get(id) ?? { rounds: [], outcome, reason }
    known.rounds.push(header.round)
    byOutcome.set(id, known)
  }
  return [...byOutcome.values()].map(({ rounds, outcome, reason }) => ({
    label: labels.full(config.key),
    rounds: rounds.map(integer).join(words.say('join.list')),
    several: rounds.length > 1,
    outcome: words.say(`outcome.${outcome}`),
    reason,
  }))
}

type FailedOutcome = Exclude<TrialSummary['outcome'], 'ended'>

function failedRequests({ config, trials }: ConfigAnalysis, { labels, words }: Context) {
  const kinds = new Map<string, { count: number; error: string | null }>()
  for (const { outcome, count, error } of trials.flatMap(({ failures }) => failures)) {
    const known = kinds.get(outcome)
    kinds.set(outcome, { count: (known?.count ?? 0) + count, error: known?.error ?? error ?? null })
  }
  return [...kinds].map(([outcome, { count, error }]) => ({
    label: labels.full(config.key),
    count: integer(count),
    kind: words.sayById(`failure.${outcome}`) ?? outcome,
    error,
  }))
}

/** The value if all configs have the same one and it is not 0. */
function agreed(
  configs: readonly MeasuredConfig[],
  of: (config: MeasuredConfig) => number,
): string | null {
  const values = new Set(configs.map(of))
  const [value = 0] = values
  return values.size === 1 && value > 0 ? integer(value) : null
}

function longest(milliseconds: readonly number[]): string | null {
  const longestMs = Math.max(0, ...milliseconds)
  return longestMs === 0 ? null : durationText(longestMs)
}

function undeclaredViews({ analysis, labels, ...context }: Context): ReliabilityView['undeclared'] {
  return analysis.comparisons.flatMap(({ base, config, undeclared }) =>
    [false, true].flatMap((accepted) => {
      const differences = undeclared.filter((difference) => difference.accepted === accepted)
      if (differences.length === 0) return []
      return [
        {
          config: labels.full(config),
          base: labels.full(base),
          differences: differencesText(differences, { analysis, labels, ...context }),
          accepted,
        },
      ]
    }),
  )
}

/** Null if no change was tested. */
function detectableView({
  analysis,
  labels,
  words,
  metricWords,
  tables,
}: Context): ReliabilityView['detectable'] {
  const changes = analysis.comparisons.flatMap(({ base, config, changes }) => {
    const shown = [...changes.values()].flatMap(({ metric, detectable }) => {
      if (!isAtLeast(metric, 'primary') || detectable === undefined) return []
      const values = {
        metric: metricWords.inSentence(metric),
        change: `${fixed(detectable, 1)}%`,
      }
      return [words.say('detectable.change', values)]
    })
    if (shown.length === 0) return []
    return [
      words.write('answer.change', {
        config: labels.full(config),
        base: labels.full(base),
        changes: shown.join(words.say('join.clauses')),
      }),
    ]
  })
  if (changes.length === 0) return null
  return { power: `${integer(detectablePower * 100)}%`, changes: tables.first(changes) }
}

/** Null if no change has a mark. */
function floorView({ analysis, labels, words, metricWords }: Context): ReliabilityView['floor'] {
  const changes = analysis.comparisons.flatMap((comparison) => [...comparison.changes.values()])
  if (!changes.some(({ value }) => value !== undefined)) return null
  const { floor } = analysis
  const percent = `${defaultFloor}%`
  if (!floor) return { percent, run: null, config: null, measured: null }
  const measured = [...floor.byMetric].flatMap(([id, value]) => {
    const metric = changes.find((change) => change.metric.id === id)?.metric
    if (!metric || !isHeadline(metric)) return []
    return [
      words.say('join.about', {
        name: metricWords.label(metric),
        value: changeText({ metric }, value, words).replace(/^[+]/, ''),
      }),
    ]
  })
  return {
    percent,
    run: inline(inlineCode(floor.run)),
    config: labels.full(floor.config),
    measured: measured.length === 0 ? null : measured.join(words.say('join.list')),
  }
}

/** Means over numbers of samples that differ by this factor or more are not equally reliable. */
const unevenFactor = 10

/** How many samples and users the figures from documents are based on; null if no figure comes from a document. */
function documentsView(context: Context): ReliabilityView['documents'] {
  const members = context.analysis.configs.filter(({ state }) => state === 'recorded')
  if (members.length === 0) return null
  const { labels, words } = context
  const names = members.map(({ config }) => labels.full(config.key))
  return {
    configs: names.join(words.say('join.list')),
    samples: samplesView(members, context),
    users: usersText(members, context),
  }
}

/** The sample counts in documents; null if they differ by less than `unevenFactor`. */
function samplesView(members: readonly ConfigAnalysis[], context: Context) {
  const counts = members.flatMap((member) => samplesOf(member) ?? [])
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)]
  if (counts.length < 2 || most < fewest * unevenFactor) return null
  return {
    counts: eachOf(members, samplesOf, context),
    fewest: integer(fewest),
    most: integer(most),
  }
}

/** The numbers of users in documents; null if all are equal, or if no document states one. */
function usersText(members: readonly ConfigAnalysis[], context: Context): string | null {
  const users = ({ figures }: ConfigAnalysis): number | undefined => figures.get('users')?.value
  const distinct = new Set(members.map(users))
  return distinct.size < 2 ? null : eachOf(members, users, context)
}

/** The number of requests; if it is not recorded, the denominator of the success rate. */
function samplesOf({ figures }: ConfigAnalysis): number | undefined {
  return figures.get('requests')?.value ?? figures.get('okRate')?.counts?.whole
}

function eachOf(
  members: readonly ConfigAnalysis[],
  valueOf: (member: ConfigAnalysis) => number | undefined,
  { labels, words }: Context,
): string {
  return members
    .map((member) => {
      const value = valueOf(member)
      return words.say('join.about', {
        name: labels.full(member.config.key),
        value: value === undefined ? words.say('absence.not-recorded') : integer(value),
      })
    })
    .join(words.say('join.list'))
}
