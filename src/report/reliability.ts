/**
 * The section on reliability. Shows everything that may change the answer: documents, different machines, failed
 * checks, failures and excluded runs. Folds other facts about the figures.
 */
import type { Change, ConfigAnalysis } from '../analysis/analysis.ts'
import type { Failure, TrialSummary } from '../analysis/trial-summary.ts'
import { auditsView } from './audits.ts'
import { certaintySentences } from './certainty.ts'
import type { Context } from './context.ts'
import { shortDigest } from './fact-text.ts'
import { integer } from '../format/number.ts'
import { inline, inlineCode } from '../markdown/markdown.ts'
import { isTestedFromDocument } from './group.ts'
import { hiddenChanges } from './timing-error-text.ts'
import { differencesText } from './verdict-notes.ts'
import type { ReliabilityView } from './view.ts'

export function reliabilityView(context: Context): Omit<ReliabilityView, 'shortened'> {
  const { analysis, configs, labels, tables, version } = context
  const isMeasured = (key: string) => (configs.get(key)?.rounds.ended ?? 0) > 0
  return {
    documents: documentsView(context),
    otherHosts: analysis.comparisons
      .filter(({ base, config, sameHost }) => !sameHost && isMeasured(base) && isMeasured(config))
      .map(({ base, config }) => ({ config: labels.full(config), base: labels.full(base) })),
    mixed: analysis.configs.flatMap((member) => mixedConditions(member, context)),
    undeclared: undeclaredViews(context),
    hiddenChanges: hiddenChanges(context),
    audits: auditsView(context),
    failedTrials: tables.first(analysis.configs.flatMap((member) => failedTrials(member, context))),
    failedRequests: tables.first(
      analysis.configs.flatMap((member) => failedRequests(member, context)),
    ),
    dropped: tables
      .first(version.dropped)
      .map(({ run, why }) => ({ run: inline(inlineCode(run)), why })),
    certainty: certaintySentences(context),
  }
}

/** Facts that must not change while a config is measured, because its figures would mix two servers or models. */
const fixedFacts = ['serverVersion', 'modelDigest', 'quantization'] as const

/**
 * The fixed facts that changed between the trials of a config, for example because a run was resumed after an upgrade.
 */
function mixedConditions({ config, facts, trials }: ConfigAnalysis, { labels, words }: Context) {
  if (!trials.some(({ outcome }) => outcome === 'ended')) return []
  const changed = fixedFacts.flatMap((id) => {
    const values = facts.get(id)?.values ?? []
    if (values.length < 2) return []
    const texts = values.map((value) => shortDigest(String(value)))
    return [`${words.text(`fact.${id}`)} ${texts.join(' / ')}`]
  })
  return changed.length === 0
    ? []
    : [{ label: labels.full(config.key), changed: changed.join(words.text('join.list')) }]
}

/** Amounts of memory in reasons. Reasons that differ only in them count as the same. */
const memorySizes = /\d+(\.\d+)? ?[KMGT]i?B\b/g

/** The trials of a config that did not end; those with the same outcome and reason share an entry. */
function failedTrials({ config, trials }: ConfigAnalysis, { labels, words }: Context) {
  const byOutcome = new Map<
    string,
    { rounds: number[]; outcome: FailedOutcome; reason: string | null }
  >()
  for (const { outcome, header, end } of trials) {
    if (outcome === 'ended') continue
    const reason = end?.reason ?? null
    const id = JSON.stringify([outcome, reason?.replace(memorySizes, '')])
    const known = byOutcome.get(id) ?? { rounds: [], outcome, reason }
    known.rounds.push(header.round)
    byOutcome.set(id, known)
  }
  return [...byOutcome.values()].map(({ rounds, outcome, reason }) => ({
    label: labels.full(config.key),
    rounds: rounds.map(integer).join(words.text('join.list')),
    several: rounds.length > 1,
    outcome: words.text(`outcome.${outcome}`),
    reason,
  }))
}

type FailedOutcome = Exclude<TrialSummary['outcome'], 'ended'>

function failedRequests({ config, trials }: ConfigAnalysis, { labels, words }: Context) {
  const kinds = new Map<string, Failure>()
  for (const failure of trials.flatMap(({ failures }) => failures)) {
    const kind = `${failure.outcome} ${failure.httpStatus ?? ''}`
    const known = kinds.get(kind)
    const differs = known !== undefined && known.error !== failure.error
    kinds.set(kind, {
      ...failure,
      ...known,
      count: (known?.count ?? 0) + failure.count,
      ...(differs || failure.hasOtherErrors ? { hasOtherErrors: true } : {}),
    })
  }
  return [...kinds.values()].map(({ outcome, httpStatus, count, error, hasOtherErrors }) => {
    const kind = words.textById(`failure.${outcome}`) ?? outcome
    return {
      label: labels.full(config.key),
      count: integer(count),
      kind: httpStatus === undefined ? kind : `${kind} ${httpStatus}`,
      error: error ?? null,
      example: hasOtherErrors ?? false,
    }
  })
}

/** The pairs that are not comparable, because the file does not declare how they differ. */
function undeclaredViews(context: Context): ReliabilityView['undeclared'] {
  const { analysis, labels } = context
  return analysis.comparisons.flatMap(({ base, config, undeclared }) => {
    const open = undeclared.filter(({ accepted }) => !accepted)
    if (open.length === 0) return []
    const differences = differencesText(open, context)
    return [{ config: labels.full(config), base: labels.full(base), differences }]
  })
}

/** If the numbers of samples of two means differ by this factor or more, the means are not equally reliable. */
const unevenFactor = 10

/** How many samples and users the figures from documents are based on; null if no figure comes from a document. */
function documentsView(context: Context): ReliabilityView['documents'] {
  const members = context.analysis.configs.filter(({ state }) => state === 'recorded')
  if (members.length === 0) return null
  const { labels, words } = context
  const names = members.map(({ config }) => labels.full(config.key))
  return {
    configs: names.join(words.text('join.list')),
    tested: allChanges(context).some(isTestedFromDocument),
    stated: statedViews(context),
    samples: samplesView(members, context),
    users: usersText(members, context),
  }
}

function allChanges({ analysis }: Context): readonly Change[] {
  return analysis.comparisons.flatMap(({ changes }) => [...changes.values()])
}

/** The pairs whose servers differ according to a document. */
function statedViews(context: Context): NonNullable<ReliabilityView['documents']>['stated'] {
  const { analysis, labels } = context
  return analysis.comparisons.flatMap(({ base, config, undeclared }) => {
    const stated = undeclared.filter((difference) => difference.stated)
    if (stated.length === 0) return []
    const differences = differencesText(stated, context)
    return [{ config: labels.full(config), base: labels.full(base), differences }]
  })
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
      return words.text('join.about', {
        name: labels.full(member.config.key),
        value: value === undefined ? words.text('absence.not-recorded') : integer(value),
      })
    })
    .join(words.text('join.list'))
}
