/**
 * The section on root causes: the main difference with its causes, other differences, and the causes that were
 * excluded.
 */
import type { Diagnosis, Explanation, Finding } from '../diagnosis/diagnosis.ts'
import type { Gap } from '../diagnosis/gap.ts'
import { referencesOf, type Cause } from '../diagnosis/rules.ts'
import { claim, gapSentence, type ClaimContext } from './cause-claim.ts'
import { millisecondsText, type CauseWords } from './cause-words.ts'
import type { CausesView, FindingView } from './cause-view.ts'
import type { Context } from './context.ts'
import { excludedCauses } from './excluded-causes.ts'
import {
  explainsFailuresOrLateTokens,
  isWithinNoise,
  numberedFindings,
  type NumberedFinding,
} from './numbered-findings.ts'
import { reasonText } from './verdict-notes.ts'
import { Markdown } from '../markdown/markdown.ts'

/** A smaller unexplained share of a difference is not mentioned. */
const minUnexplainedShare = 0.05

/** Null if the results have no difference to explain, and no config has a finding. */
export function causesView(
  context: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): CausesView | null {
  const [main, ...others] = diagnosis.explanations
  const findings = numberedFindings(diagnosis)
  if (main === undefined && findings.length === 0) return null
  const isNoise = main !== undefined && isWithinNoise(main)
  const input: ClaimContext = { explanation: main, findings, words, context }
  const isShown = ({ finding }: NumberedFinding) =>
    !isNoise || explainsFailuresOrLateTokens(finding)
  const hidden = findings.filter((each) => !isShown(each))
  return {
    what: main === undefined ? null : gapSentence(main, words, context),
    notShown: isNoise && main.obstacle === undefined,
    notJudged: obstacleText(main, context),
    demo: context.analysis.standIn,
    untested: main?.gap?.tested === false && main.obstacle === undefined,
    nothing: main?.findings.length === 0 && !isNoise,
    findings: findings.filter(isShown).map((each) => findingView(each, input)),
    unexplained: isNoise ? null : unexplainedText(main),
    ...excludedCauses(diagnosis, words, context.labels),
    others: others.map((other) => otherView(other, input, context)),
    withinNoise: [
      ...(main === undefined || hidden.length === 0
        ? []
        : [
            {
              what: gapSentence(main, words, context),
              findings: hidden.map((each) => findingView(each, input)),
            },
          ]),
      ...others
        .filter((other) => isWithinNoise(other) && other.findings.length > 0)
        .map((other) => ({
          what: gapSentence(other, words, context),
          findings: otherFindings(other, input),
        })),
    ],
  }
}

/** One of the other differences. If it is within noise, its findings are listed elsewhere. */
function otherView(
  other: Explanation,
  input: ClaimContext,
  context: Context,
): CausesView['others'][number] {
  const isNoise = isWithinNoise(other)
  return {
    what: gapSentence(other, input.words, context),
    notShown: isNoise && other.obstacle === undefined,
    notJudged: obstacleText(other, context),
    nothing: other.findings.length === 0 && !isNoise,
    findings: isNoise ? [] : otherFindings(other, input),
  }
}

/** The findings about one of the other differences. They refer to causes by name, because they are not numbered. */
function otherFindings(explanation: Explanation, input: ClaimContext): readonly FindingView[] {
  return explanation.findings.map((finding, index) =>
    findingView({ finding, number: index + 1 }, { ...input, explanation, findings: [] }),
  )
}

/** Why the two sides are not compared; null if they are. */
function obstacleText(explanation: Explanation | undefined, context: Context): string | null {
  const obstacle = explanation?.obstacle
  return obstacle === undefined ? null : reasonText(obstacle, context)
}

/** The conclusion names at most this many causes. */
const maxCauses = 2

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
  const input = { explanation: main, findings: numberedFindings(diagnosis), words, context }
  const ofFailures = important(diagnosis.failures)
  const ofDifference = main === undefined || isWithinNoise(main) ? [] : important(main.findings)
  return [
    ...(ofFailures.length === 0
      ? []
      : [
          words.markdown('answer.failures', {
            causes: namesWithClaims(ofFailures, input),
            count: ofFailures.length,
          }),
        ]),
    ...(main === undefined || ofDifference.length === 0
      ? []
      : [
          words.markdown('answer.causes', {
            what: gapSentence(main, words, context),
            causes: namesWithClaims(ofDifference, input),
            count: ofDifference.length,
            likely: ofDifference.some(({ certainty }) => certainty !== 'proven') ? 'yes' : '',
          }),
        ]),
  ]
}

function important(findings: readonly Finding[]): readonly Finding[] {
  return findings
    .filter(({ rank }) => rank !== undefined && rank !== 'improvable')
    .slice(0, maxCauses)
}

/** The names of the causes, each with how certain it is and how much it accounts for. */
function namesWithClaims(findings: readonly Finding[], input: ClaimContext): Markdown {
  const { words } = input
  return words.join(
    findings.map((finding) =>
      words.markdown('answer.cause', {
        name: words.markdown(`cause.${finding.cause}.name`),
        claim: claim(finding, input),
      }),
    ),
    'join.evidence',
  )
}

function findingView({ finding, number }: NumberedFinding, input: ClaimContext): FindingView {
  const { words, context } = input
  const { labels, analysis } = context
  const marker = analysis.standIn ? '-' : `${number}.`
  return {
    number: String(number),
    listed: analysis.standIn,
    indent: new Markdown(' '.repeat(marker.length + 1)),
    rank:
      analysis.standIn || finding.rank === undefined
        ? null
        : words.markdown(`rank.${finding.rank}`).source,
    name: words.markdown(`cause.${finding.cause}.name`),
    claim: claim(finding, input),
    evidence: words.sentence(finding.evidence, labels),
    against: words.sentence(finding.against, labels),
    // A demo claims no cost, so it needs no caveat.
    reservations: analysis.standIn ? null : words.sentence(finding.reservations, labels),
    basis: basis(finding.cause, words),
  }
}

function basis(cause: Cause, words: CauseWords): Markdown {
  const text = words.markdown(`cause.${cause}.basis`)
  const sources = referencesOf(cause)
  if (sources.length === 0) return text
  // These texts are ours, so that `ollama/ollama#7758` needs no escape.
  const list = words.join(
    sources.map((source) => words.markdown('reference', { source: new Markdown(source) })),
    'join.list',
  )
  return words.markdown('basis', { text, sources: list })
}

/** The milliseconds that no cause accounts for; null if they are few, and for a difference without causes or parts. */
function unexplainedText(explanation: Explanation | undefined): string | null {
  const { reference, gap, findings = [] } = explanation ?? {}
  if (reference === undefined || gap === undefined || findings.length === 0) return null
  const slowerMs = slowerPartsMs(gap)
  const leftMs = slowerMs - findings.reduce((sum, finding) => sum + finding.totalMs, 0)
  const isSmall = leftMs < minUnexplainedShare * Math.max(slowerMs, gap.totalMs)
  return isSmall ? null : millisecondsText(leftMs)
}

/** The sum of the parts in which the subject is slower beyond noise, in ms. */
function slowerPartsMs({ parts, partsBeyondNoise }: Gap): number {
  return [...partsBeyondNoise].reduce((sum, part) => sum + Math.max(0, parts[part]), 0)
}
