/** The results of the audits of all configs: findings as sentences, passed audits as a table. */
import type { PhrasingContent } from 'mdast'
import {
  auditIds,
  auditOutcomes,
  type AuditId,
  type AuditOutcome,
  type ConfigAudit,
} from '../analysis/audits/audit.ts'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { metricById } from '../metrics/catalog.ts'
import type { Context } from './context.ts'
import { integer } from '../format/number.ts'
import { auditNumberText } from './figure-text.ts'
import { inline, inlineCode, join, type Markdown, parseInline } from '../markdown/markdown.ts'
import type { AuditsView } from './view.ts'

interface Audited {
  readonly member: ConfigAnalysis
  readonly audit: ConfigAudit
}

/** One audit, with its results for all configs to which it applies. */
interface AuditResults {
  readonly id: AuditId
  readonly audited: readonly Audited[]
  /** The worst outcome of all configs. */
  readonly outcome: AuditOutcome
}

/** Null if no audit applied. */
export function auditsView(context: Context): AuditsView | null {
  const { analysis, words } = context
  const all = analysis.configs.flatMap((member) =>
    member.audits.map((audit) => ({ member, audit })),
  )
  const kinds = auditIds.flatMap((id): readonly AuditResults[] => {
    const audited = all.filter(({ audit }) => audit.id === id)
    return audited.length === 0 ? [] : [{ id, audited, outcome: worst(audited) }]
  })
  if (kinds.length === 0) return null
  const trials = sumOf(analysis.configs, ({ rounds }) => rounds.ended)
  const kindsWith = (outcome: AuditOutcome) => kinds.filter((kind) => kind.outcome === outcome)
  const unchecked = kindsWith('unchecked').flatMap((kind) => uncheckedName(kind, context))
  return {
    kinds: integer(kinds.length),
    trials: trials === 0 ? null : integer(trials),
    passed: countOf(kindsWith('pass')),
    failed: countOf(kindsWith('fail')),
    warned: countOf(kindsWith('warn')),
    undecided: countOf(kindsWith('unchecked')),
    findings: context.tables.first([
      ...findings('fail', kinds, context),
      ...findings('warn', kinds, context),
    ]),
    unclear: findings('unchecked', kinds, context),
    unchecked: unchecked.length === 0 ? null : inline(join(unchecked, words.text('join.list'))),
    table: passedTable(kindsWith('pass'), context),
  }
}

function countOf(kinds: readonly AuditResults[]): string | null {
  return kinds.length === 0 ? null : integer(kinds.length)
}

function worst(audited: readonly Audited[]): AuditOutcome {
  return (
    auditOutcomes.findLast((outcome) => audited.some(({ audit }) => audit.outcome === outcome)) ??
    'unchecked'
  )
}

/** For each audit, one entry about all configs with this outcome for which it gives numbers. */
function findings(
  outcome: 'fail' | 'warn' | 'unchecked',
  kinds: readonly AuditResults[],
  context: Context,
): AuditsView['findings'] {
  return kinds.flatMap(({ id, audited }) => {
    const found = audited.filter(({ audit }) => audit.outcome === outcome && hasNumbers(audit))
    if (found.length === 0) return []
    const checked = sumOf(found, ({ audit }) => audit.checked)
    const numbers = numbersOf(found, (each) => each.outcome === outcome, context)
    return [
      {
        failed: outcome === 'fail',
        audit: inline(inlineCode(id)),
        configs: configsText(found, context),
        text: auditText(id, numbers, context),
        rounds: checked === 0 ? null : integer(sumOf(found, ({ audit }) => audit.found)),
        checked: integer(checked),
      },
    ]
  })
}

/** The name of an audit for which configs lack data; followed by these configs, unless all configs lack them. */
function uncheckedName(
  { id, audited }: AuditResults,
  context: Context,
): readonly PhrasingContent[][] {
  const lacking = audited.filter(({ audit }) => audit.outcome === 'unchecked' && !hasNumbers(audit))
  if (lacking.length === 0) return []
  const configs = lacking.length === audited.length ? [] : [`(${configsText(lacking, context)})`]
  return [join([inlineCode(id), ...configs], ' ')]
}

function hasNumbers({ numbers }: ConfigAudit): boolean {
  return Object.keys(numbers).length > 0
}

function configsText(found: readonly Audited[], { analysis, words, labels }: Context): string {
  const withResults = analysis.configs.filter(
    ({ state }) => state !== 'pending' && state !== 'failed',
  )
  if (found.length > 1 && found.length === withResults.length) return words.text('audit.allConfigs')
  return found.map(({ member }) => labels.full(member.config.key)).join(words.text('join.list'))
}

function passedTable(passed: readonly AuditResults[], context: Context): Markdown | null {
  const { words, tables } = context
  if (passed.length === 0) return null
  const header = [
    words.text('column.audit'),
    words.text('column.expected'),
    words.text('column.found'),
  ]
  return tables.make(
    header,
    passed.map(({ id, audited }) => {
      const numbers = numbersOf(audited, () => true, context)
      return [
        inlineCode(id),
        words.text(`auditRule.${id}`),
        parseInline(auditText(id, numbers, context).source),
      ]
    }),
  )
}

/** The sentence for this audit, with its numbers. */
function auditText(id: AuditId, numbers: AuditNumbers, { words }: Context): Markdown {
  const hasNoViolations = id === 'timeBudget' && numbers['violations'] === '0'
  return hasNoViolations
    ? words.markdown('audit.allHold')
    : words.markdownById(`audit.${id}`, numbers)
}

type AuditNumbers = Readonly<Record<string, string>>

/**
 * The numbers of all rounds with a given outcome: the sum of counts, the range of other numbers, a list of names.
 * @param fits selects the rounds by their outcome
 */
function numbersOf(
  audited: readonly Audited[],
  fits: (audit: { outcome: AuditOutcome }) => boolean,
  context: Context,
): AuditNumbers {
  const rounds = audited.flatMap(({ audit }) =>
    (audit.rounds.length === 0 ? [audit] : audit.rounds).filter(fits),
  )
  const names = new Set(rounds.flatMap(({ numbers }) => Object.keys(numbers)))
  return Object.fromEntries(
    [...names].map((name) => {
      const values = rounds
        .map(({ numbers }) => numbers[name])
        .filter((value) => value !== undefined)
      const figures = values.filter((value) => typeof value === 'number')
      if (figures.length < values.length) return [name, namesText(values.map(String), context)]
      const counted = rounds.some(({ id }) => id === 'counts')
      return [name, counted ? integer(sumOf(figures, (value) => value)) : range(name, figures)]
    }),
  )
}

/** Merges lists of names separated by `, `; metric ids become labels. */
function namesText(lists: readonly string[], { words, metricWords }: Context): string {
  const names = new Set(lists.flatMap((list) => list.split(', ')))
  return [...names]
    .map((name) => {
      const metric = metricById(name)
      return metric === undefined ? name : metricWords.inSentence(metric)
    })
    .join(words.text('join.list'))
}

function range(name: string, values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((end) =>
    auditNumberText(name, end, values),
  )
  if (low === undefined || high === undefined) return ''
  if (low === high) return low
  return /^[->]/.test(low) || /^[->]/.test(high) ? `${low} … ${high}` : `${low}-${high}`
}

function sumOf<Entry>(entries: readonly Entry[], valueOf: (entry: Entry) => number): number {
  return entries.reduce((sum, entry) => sum + valueOf(entry), 0)
}
