/** The section on root causes: the difference to explain, and the causes found, ruled out and not checked. */
import type { Diagnosis, Explanation, Finding, WithCause } from '../diagnosis/diagnosis.ts'
import type { Gap } from '../diagnosis/gap.ts'
import type { RuledOut, Unchecked } from '../diagnosis/rule.ts'
import { referencesOf, type Cause } from '../diagnosis/rules.ts'
import { claim, gapSentence, type ClaimContext, type NumberedFinding } from './cause-claim.ts'
import { millisecondsText, type CauseWords } from './cause-words.ts'
import type { CausesView, FindingView } from './cause-view.ts'
import type { Context } from './context.ts'
import { reasonText } from './verdict-notes.ts'
import { integer } from '../format/number.ts'
import { Markdown, escapeMarkdown } from '../markdown/markdown.ts'

/** A smaller unexplained share of a difference is not mentioned. */
const minUnexplainedShare = 0.05

/** Null if the results have no difference to explain. */
export function causesView(
  context: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): CausesView | null {
  const { labels } = context
  const [main, ...others] = diagnosis.explanations
  const findings = numbered(diagnosis)
  if (main === undefined && findings.length === 0) return null
  const isNoise = main !== undefined && isWithinNoise(main)
  const excluded = [...(main?.ruledOut ?? []), ...diagnosis.configsRuledOut]
  const unchecked = [...(main?.unchecked ?? []), ...diagnosis.configsUnchecked]
  const view = (explanation: Explanation | undefined, each: Finding, number: string) =>
    findingView(each, number, { explanation, findings, words, context })
  const viewed = (which: (finding: Finding) => boolean) =>
    findings
      .filter(({ finding }) => which(finding))
      .map(({ finding, number }) => view(main, finding, String(number)))
  const viewOther = (other: Explanation) => ({
    what: gapSentence(other, words, context),
    findings: other.findings.map((each, index) => view(other, each, String(index + 1))),
  })
  return {
    what: main === undefined ? null : gapSentence(main, words, context),
    notShown: isNoise && main.obstacle === undefined,
    notJudged: obstacleText(main, context),
    demo: context.analysis.standIn,
    untested: main?.gap?.tested === false && main.obstacle === undefined,
    nothing: main?.findings.length === 0 && !isNoise,
    findings: viewed((each) => !isNoise || isApartFromLatency(each)),
    unexplained:
      isNoise ||
      main?.gap === undefined ||
      main.reference === undefined ||
      main.findings.length === 0
        ? null
        : unexplained(main.findings, main.gap),
    ruledOutCount: excluded.length === 0 ? null : integer(excluded.length),
    ruledOut: ruledOut(excluded, words, labels),
    uncheckedCount: unchecked.length === 0 ? null : integer(unchecked.length),
    unchecked: uncheckedViews(unchecked, words, labels),
    toRecord: textOfFactsToRecord(diagnosis, words),
    others: others.map((other) => {
      const notShown = isWithinNoise(other)
      const { what, findings: found } = viewOther(other)
      return {
        what,
        notShown: notShown && other.obstacle === undefined,
        notJudged: obstacleText(other, context),
        nothing: found.length === 0 && !notShown,
        findings: notShown ? [] : found,
      }
    }),
    withinNoise: [
      ...(isNoise
        ? [
            {
              what: gapSentence(main, words, context),
              findings: viewed((each) => !isApartFromLatency(each)),
            },
          ]
        : []),
      ...others.filter(isWithinNoise).map(viewOther),
    ].filter(({ findings: found }) => found.length > 0),
  }
}

/** Why the two sides are not compared; null if they are. */
function obstacleText(explanation: Explanation | undefined, context: Context): string | null {
  const obstacle = explanation?.obstacle
  return obstacle === undefined ? null : reasonText(obstacle, context)
}

/** True if the finding explains failed requests or late first tokens, which count even if mean latencies do not differ. */
export function isApartFromLatency({ failed, firstTokenShare }: Finding): boolean {
  return failed !== undefined || firstTokenShare !== undefined
}

/** True if nothing is attributed or ranked, because the sides do not differ beyond noise, or are not compared. */
export function isWithinNoise({ gap }: Explanation): boolean {
  return gap?.isBeyondNoise === false
}

/**
 * Sentences for the conclusion: one that names the causes of failed requests, and one that names the causes of the main
 * difference, the most important first. The second is absent if the difference is within noise. Causes of little
 * importance are left out.
 */
export function causeAnswers(
  context: Pick<Context, 'labels' | 'analysis' | 'diagnosis'>,
  words: CauseWords,
): readonly Markdown[] {
  const { diagnosis } = context
  if (diagnosis === undefined) return []
  const [main] = diagnosis.explanations
  const findings = numbered(diagnosis)
  const important = (all: readonly Finding[]) =>
    all.filter(({ rank }) => rank !== undefined && rank !== 'improvable').slice(0, maxCauses)
  const named = (all: readonly Finding[]) =>
    words.join(
      all.map((finding) =>
        words.write('answer.cause', {
          name: words.write(`cause.${finding.cause}.name`),
          claim: claim(finding, { explanation: main, findings, words, context }),
        }),
      ),
      'join.evidence',
    )
  const ofFailures = important(diagnosis.failures)
  const ofDifference = main === undefined || isWithinNoise(main) ? [] : important(main.findings)
  return [
    ...(ofFailures.length === 0
      ? []
      : [words.write('answer.failures', { causes: named(ofFailures), count: ofFailures.length })]),
    ...(main === undefined || ofDifference.length === 0
      ? []
      : [
          words.write('answer.causes', {
            what: gapSentence(main, words, context),
            causes: named(ofDifference),
            count: ofDifference.length,
            likely: ofDifference.some(({ certainty }) => certainty !== 'proven') ? 'yes' : '',
          }),
        ]),
  ]
}

/** The conclusion names at most this many causes. */
const maxCauses = 2

/**
 * The findings about failed requests, those of the main difference, then those about late first tokens and about settings,
 * numbered from 1.
 */
export function numbered({
  failures,
  explanations,
  delivery,
  settings,
}: Diagnosis): readonly NumberedFinding[] {
  const ofLatency = explanations[0]?.findings ?? []
  return [...failures, ...ofLatency, ...delivery, ...settings].map((finding, index) => ({
    finding,
    number: index + 1,
  }))
}

function findingView(finding: Finding, number: string, input: ClaimContext): FindingView {
  const { words, context } = input
  const { labels, analysis } = context
  const marker = analysis.standIn ? '-' : `${number}.`
  return {
    number,
    listed: analysis.standIn,
    indent: new Markdown(' '.repeat(marker.length + 1)),
    rank:
      analysis.standIn || finding.rank === undefined
        ? null
        : words.write(`rank.${finding.rank}`).source,
    name: words.write(`cause.${finding.cause}.name`),
    claim: claim(finding, input),
    evidence: words.sentence(finding.evidence, labels),
    against: words.sentence(finding.against, labels),
    // A demo has no cost to prove.
    reservations: analysis.standIn ? null : words.sentence(finding.reservations, labels),
    basis: basis(finding.cause, words),
  }
}

function basis(cause: Cause, words: CauseWords): Markdown {
  const text = words.write(`cause.${cause}.basis`)
  const sources = referencesOf(cause)
  if (sources.length === 0) return text
  const list = words.join(
    sources.map((source) => words.write('reference', { source })),
    'join.list',
  )
  return words.write('basis', { text, sources: list })
}

/**
 * The unexplained milliseconds of all parts in which the subject is slower beyond noise; null if they are a small share
 * of the difference.
 */
function unexplained(
  findings: readonly Finding[],
  { parts, partsBeyondNoise, totalMs }: Gap,
): string | null {
  const slower = [...partsBeyondNoise].reduce((sum, part) => sum + Math.max(0, parts[part]), 0)
  const left = slower - findings.reduce((sum, finding) => sum + finding.totalMs, 0)
  return left < minUnexplainedShare * Math.max(slower, totalMs) ? null : millisecondsText(left)
}

/** Grouped by evidence, because one fact often rules out several causes. */
function ruledOut(
  excluded: readonly WithCause<RuledOut>[],
  words: CauseWords,
  labels: Context['labels'],
): CausesView['ruledOut'] {
  const byEvidence = new Map<string, { evidence: Markdown; causes: Markdown[] }>()
  for (const { cause, evidence: statements } of excluded) {
    const evidence = words.sentence(statements, labels) ?? new Markdown('')
    const entry = byEvidence.get(evidence.source) ?? { evidence, causes: [] }
    entry.causes.push(words.write(`cause.${cause}.short`))
    byEvidence.set(evidence.source, entry)
  }
  return [...byEvidence.values()].map(({ evidence, causes }) => ({
    causes: words.join(causes, 'join.list'),
    evidence,
  }))
}

/** Grouped by missing facts, because one missing fact often stops several rules. */
function uncheckedViews(
  unchecked: readonly WithCause<Unchecked>[],
  words: CauseWords,
  labels: Context['labels'],
): CausesView['unchecked'] {
  const byMissing = new Map<string, { missing: Unchecked['missing']; causes: Cause[] }>()
  for (const { cause, missing } of unchecked) {
    const key = missing.map(({ config, fact }) => `${config} ${fact}`).join()
    const entry = byMissing.get(key) ?? { missing, causes: [] }
    entry.causes.push(cause)
    byMissing.set(key, entry)
  }
  return [...byMissing.values()].map(({ missing, causes }) => ({
    missing: missingText(missing, words, labels),
    causes: words.join(
      causes.map((cause) => words.write(`cause.${cause}.short`)),
      'join.list',
    ),
  }))
}

/** `缺 A、B 的线程数，缺 C 的 GPU`: configs that lack the same facts are grouped. */
function missingText(
  missing: Unchecked['missing'],
  words: CauseWords,
  labels: Context['labels'],
): Markdown {
  const named = (key: string) => new Markdown(escapeMarkdown(labels.full(key)))
  const byConfigs = new Map<string, { configs: Markdown; what: Markdown[] }>()
  for (const what of new Set(missing.map((each) => each.fact))) {
    const keys = missing.filter((each) => each.fact === what).map(({ config }) => config)
    const configs = words.join(keys.map(named), 'join.list')
    const entry = byConfigs.get(configs.source) ?? { configs, what: [] }
    entry.what.push(words.write(`missing.${what}`))
    byConfigs.set(configs.source, entry)
  }
  const clauses = [...byConfigs.values()].map(({ configs, what }) =>
    words.write('missing', { config: configs, what: words.join(what, 'join.list') }),
  )
  return words.join(clauses, 'join.claims')
}

function textOfFactsToRecord(
  { factsToRecord: missing }: Diagnosis,
  words: CauseWords,
): Markdown | null {
  const ids = [...new Set(missing.map(({ fact }) => fact))]
  if (ids.length === 0) return null
  return words.join(
    ids.map((id) => words.write(`missing.${id}`)),
    'join.list',
  )
}
