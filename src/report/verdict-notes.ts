/** Notes on verdicts: why a verdict is missing, caveats, and how much more data an inconclusive verdict needs. */
import type { PhrasingContent } from 'mdast'
import type { HypothesisResult, NoVerdict, Weakness } from '../analysis/analysis.ts'
import type { Obstacle, UndeclaredDifference } from '../analysis/obstacle.ts'
import { maxAdditional, minRoundsForOutlook } from '../analysis/outlook.ts'
import type { Context } from './context.ts'
import { absenceText } from './figure-text.ts'
import { integer, percentage } from '../format/number.ts'
import { shortDigest } from './fact-text.ts'
import { detectableText } from './hypothesis-table.ts'

/** Each distinct note with the ids of the hypotheses that it explains. */
export function verdictNotes(
  context: Context,
): readonly { readonly ids: string; readonly text: string }[] {
  const ids = new Map<string, string[]>()
  for (const result of context.analysis.hypotheses)
    for (const note of notesOf(result, context))
      ids.set(note, [...(ids.get(note) ?? []), result.hypothesis.id])
  return [...ids].map(([text, claimIds]) => ({
    ids: claimIds.join(context.words.text('join.list')),
    text,
  }))
}

function notesOf(result: HypothesisResult, context: Context): readonly string[] {
  const { verdict } = result
  const { words } = context
  return [
    ...(verdict.reason ? [reasonText(verdict.reason, context)] : []),
    // No outlook for unpaired verdicts: more rounds do not reduce run-to-run variation.
    ...(verdict.code === 'inconclusive' && !verdict.unpaired ? outlookNotes(result, context) : []),
    ...(verdict.code.startsWith('indicated-') && verdict.weaknesses.length === 0
      ? [words.text('verdictNote.noInterval')]
      : []),
    ...(verdict.decidedWithout ?? []).map(({ config, round }) =>
      words.text('verdictNote.outlier', {
        config: context.labels.full(config),
        round: integer(round),
      }),
    ),
    ...verdict.weaknesses.flatMap((weakness) => weaknessNotes(weakness, context)),
    ...(verdict.uncheckable && verdict.code !== 'pending'
      ? [words.text('verdictNote.uncheckable')]
      : []),
    ...(verdict.unpaired && result.interval !== undefined
      ? [words.text('verdictNote.unpaired')]
      : []),
    ...acceptedNotes(verdict.accepted, context),
  ]
}

/** One note on the differences that the file accepts, and one on those that a document states. */
function acceptedNotes(
  accepted: readonly UndeclaredDifference[],
  context: Context,
): readonly string[] {
  const isStated = ({ stated }: UndeclaredDifference) => stated === true
  const [stated, others] = [
    accepted.filter(isStated),
    accepted.filter((difference) => !isStated(difference)),
  ]
  return [
    ...(others.length > 0
      ? [
          context.words.text('verdictNote.accepted', {
            differences: differencesText(others, context),
          }),
        ]
      : []),
    ...(stated.length > 0
      ? [
          context.words.text('verdictNote.stated', {
            differences: differencesText(stated, context),
          }),
        ]
      : []),
  ]
}

/** Empty for different runs and documents, because `verdictNote.unpaired` and `verdictNote.uncheckable` cover them. */
function weaknessNotes(weakness: Weakness, { words }: Context): readonly string[] {
  switch (weakness.code) {
    case 'looks':
      return [words.text('verdictNote.looks', { looks: integer(weakness.looks) })]
    case 'few-requests':
      return [words.text('verdictNote.fewRequests', { requests: integer(weakness.requests) })]
    case 'maximum':
      return [words.text('verdictNote.maximum')]
    case 'between-runs':
    case 'document':
      return []
  }
}

function outlookNotes(result: HypothesisResult, { words }: Context): readonly string[] {
  const { outlook, counted, n } = result.verdict
  if (!outlook) return []
  const { additional, roundMs } = outlook
  const values = {
    n: integer(n),
    detectable: detectableText(result, outlook.detectable, words),
    rough: counted === 'rounds' && n < minRoundsForOutlook ? 'yes' : '',
  }
  if (additional === undefined) return [words.text(`verdictNote.${counted}`, values)]
  const cap = maxAdditional[counted]
  const range = (numberFor: (count: number) => number): string => {
    const least = integer(numberFor(additional.least))
    if (additional.most === undefined)
      return words.text(additional.least >= cap ? 'outlook.moreThan' : 'outlook.atLeast', { least })
    const most = integer(numberFor(additional.most))
    return least === most ? least : `${least}–${most}`
  }
  const minutesOf = (rounds: number) => Math.ceil((rounds * (roundMs ?? 0)) / 60_000)
  const minutes = roundMs === undefined ? '' : range(minutesOf)
  const more = range((count) => count)
  return [words.text(`verdictNote.${counted}More`, { ...values, more, minutes })]
}

/** Why there is no verdict, or why two configs are not compared. */
export function reasonText(reason: NoVerdict, context: Pick<Context, 'words' | 'labels'>): string {
  const { words, labels } = context
  switch (reason.code) {
    case 'stand-in':
      return words.text('noVerdict.stand-in')
    case 'failed':
      return words.text('noVerdict.failed', { config: labels.full(reason.config) })
    case 'not-comparable':
      return words.text('noVerdict.not-comparable', {
        differences: differencesText(reason.differences, context),
      })
    case 'audit':
      return words.text('noVerdict.audit', {
        audit: reason.audit,
        rule: words.text(`auditRule.${reason.audit}`),
        config: labels.full(reason.config),
      })
    case 'ok-rates':
      return words.text('noVerdict.ok-rates', {
        from: percentage(reason.from),
        to: percentage(reason.to),
      })
    case 'sources':
      return words.text('noVerdict.sources', { from: reason.from, to: reason.to })
    case 'no-figure':
      return words.text('noVerdict.no-figure', {
        config: labels.full(reason.config),
        absence: absenceText(reason.absence, words, 'whole'),
      })
  }
}

/** A footnote that says why two figures are not compared. */
export function obstacleNote(obstacle: Obstacle, context: Context): PhrasingContent {
  const reason = reasonText(obstacle, context)
  return context.footnotes.refer(context.words.markdown('doubt.notCompared', { reason }))
}

/** Differences between two configs as text, such as `server version 0.11.3 / 0.11.4`. */
export function differencesText(
  differences: readonly UndeclaredDifference[],
  { words }: Pick<Context, 'words'>,
): string {
  return differences
    .map(({ id, from, to }) => {
      const name = words.text(`undeclared.${id}`)
      if (id === 'prompts') return words.text('undeclared.samples', { name, count: from })
      return `${name} ${shortDigest(from)} / ${shortDigest(to)}`
    })
    .join(words.text('join.list'))
}
