/**
 * The section on root causes: the main difference with its causes, other differences, and the causes that were
 * excluded.
 */
import type { Obstacle } from '../analysis/obstacle.ts'
import { modelsDiffer } from '../analysis/ranking.ts'
import { modelsOf } from '../experiment/mix.ts'
import { oneLine } from '../format/plain-text.ts'
import type { Diagnosis, Explanation, Finding } from '../diagnosis/diagnosis.ts'
import type { Gap } from '../diagnosis/gap.ts'
import { certaintyText, shortShareText, type ShareContext } from './cause-share.ts'
import { gapSentence } from './gap-sentence.ts'
import { millisecondsText, type CauseWords } from './cause-words.ts'
import { isSettingCause } from '../diagnosis/rules.ts'
import type { CausesView, FindingView } from './section-shapes.ts'
import { configOf, type Context } from './context.ts'
import { factText } from './fact-text.ts'
import { excludedCauses } from './excluded-causes.ts'
import { basisOf, findingView, settingsView, type FindingInput } from './finding-view.ts'
import { gpuTable } from './gpu-table.ts'
import {
  explainsFailuresOrLateTokens,
  isInComments,
  isWithinNoise,
  numberedFindings,
  type NumberedFinding,
} from './numbered-findings.ts'
import { reasonText } from './verdict-notes.ts'
import type { Markdown } from '../markdown/markdown.ts'

/** A smaller unexplained share of a difference is not mentioned. */
const minUnexplainedShare = 0.05

/** Null if the results have no difference to explain. */
export function causesView(
  context: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): CausesView | null {
  const [main, ...others] = diagnosis.explanations
  const findings = numberedFindings(diagnosis)
  if (main === undefined && findings.length === 0) return null
  const isNoise = main !== undefined && isWithinNoise(main)
  const hasGpuTable = gpuTable(context) !== null
  const input = { explanation: main, findings, words, context, hasGpuTable }
  const viewed = (some: readonly NumberedFinding[]) => [
    ...some
      .filter(({ finding }) => !isInComments(finding))
      .map(({ finding, number }) => findingView(finding, String(number), input)),
    ...settingsView(some, input),
  ]
  const isShown = ({ finding }: NumberedFinding) =>
    !isNoise || explainsFailuresOrLateTokens(finding)
  const shown = findings.filter(isShown)
  const hasRanks = main?.findings.some(({ rank }) => rank !== undefined) === true
  const hidden = findings.filter((each) => !isShown(each) || (hasRanks && isOfUnknownShare(each)))
  return {
    what: main === undefined ? null : gapSentence(main, words, context),
    own: main?.gap !== undefined && main.reference === undefined,
    notShown: isNoise && main.obstacle === undefined,
    ...weakness(main, context),
    notJudged: obstacleText(main, context),
    demo: context.analysis.standIn,
    untested: main?.gap?.tested === false && main.obstacle === undefined,
    nothing: main?.findings.length === 0 && !isNoise,
    models: main === undefined ? null : declaredModels(main, context),
    findings: viewed(shown).map((view) => withoutUnknown(view, hidden)),
    bases: shown
      .filter(({ finding }) => !isInComments(finding))
      .map(({ finding: { cause } }) => ({
        name: words.markdown(`cause.${cause}.name`),
        basis: basisOf(cause, words),
      })),
    unexplained: isNoise ? null : unexplainedText(main),
    ...excludedCauses(diagnosis, words, context.labels),
    estimates: Object.entries(context.experiment.estimates ?? {}).map(([name, value]) => ({
      name,
      value,
    })),
    others: others.filter((other) => !isWithinNoise(other)).map((other) => otherView(other, input)),
    folded: [
      ...(main === undefined ? [] : [hiddenFindingsView(main, viewed(hidden), input)]),
      ...others.map((other) => foldedView(other, input)),
    ].filter(({ findings: found, notShown }) => notShown || found.length > 0),
  }
}

/** The main difference with the findings about it that only the folded part shows. */
function hiddenFindingsView(
  main: Explanation,
  findings: CausesView['findings'],
  { words, context }: CausesInput,
): CausesView['folded'][number] {
  return { what: gapSentence(main, words, context), notShown: false, notJudged: null, findings }
}

/** True if the share of the cause is unknown. The report folds its evidence, unless all shares are unknown. */
function isOfUnknownShare({ finding }: NumberedFinding): boolean {
  const { rank, cause } = finding
  return rank === undefined && !isSettingCause(cause) && !explainsFailuresOrLateTokens(finding)
}

/** Keeps only name and claim of a finding if its evidence is in the folded part. */
function withoutUnknown(view: FindingView, hidden: readonly NumberedFinding[]): FindingView {
  const isHidden = hidden.some(({ number }) => String(number) === view.number)
  return isHidden ? { ...view, evidence: null, against: null, reservations: null } : view
}

interface CausesInput extends Pick<FindingInput, 'findings' | 'words' | 'hasGpuTable'> {
  readonly context: Context
}

/** Another difference in one line, with its causes by name. */
function otherView(other: Explanation, input: CausesInput): CausesView['others'][number] {
  const { words, context } = input
  return {
    what: gapSentence({ ...other, findings: [] }, words, context),
    notJudged: obstacleText(other, context),
    nothing: other.findings.length === 0,
    models: declaredModels(other, context),
    causes: namedCauses(other.findings, { ...input, explanation: other }),
  }
}

/**
 * The models of both sides with their quantisation, if the file declares different ones. Different models explain a
 * difference by themselves.
 */
function declaredModels({ subject, reference }: Explanation, context: Context): string | null {
  const { words } = context
  const sides = [subject, ...(reference === undefined ? [] : [reference])].map((key) =>
    configOf(context, key),
  )
  if (!modelsDiffer(sides)) return null
  const names = sides.flatMap((side) => {
    if (side.config.kind !== 'measured') return []
    const [first, ...others] = modelsOf(side.config).map(({ name }) => oneLine(name))
    const size = factText('quantization', side, words)
    const name = first ?? ''
    return [size === undefined ? name : words.text('model.size', { name, size }), ...others]
  })
  return [...new Set(names)].join(words.text('join.list'))
}

/** Another difference with the evidence for its causes. */
function foldedView(other: Explanation, input: CausesInput): CausesView['folded'][number] {
  const { words, context } = input
  return {
    what: gapSentence(other, words, context),
    notShown: isWithinNoise(other) && other.obstacle === undefined,
    notJudged: obstacleText(other, context),
    findings: other.findings.map((each, index) =>
      findingView(each, String(index + 1), { ...input, explanation: other }),
    ),
  }
}

/** `name (likely); name (proven)`. */
function namedCauses(all: readonly Finding[], input: ShareContext): Markdown {
  const { words } = input
  return words.join(
    all.map((finding) =>
      words.markdown('answer.cause', {
        name: words.markdown(`cause.${finding.cause}.name`),
        claim: certaintyText(finding, input),
      }),
    ),
    'join.evidence',
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
 * difference, the most important first. The second is absent if the difference is within noise, is not clear at the
 * confidence of the conclusion, or is between configs that are not compared. Causes of little importance are left out.
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
  const isStated =
    main !== undefined && !isWithinNoise(main) && inConclusion(main, context) === 'clear'
  const ofDifference = isStated ? important(main.findings) : []
  return [
    ...(ofFailures.length === 0
      ? []
      : [
          words.markdown('answer.failures', {
            causes: namesWithShares(ofFailures, input),
            count: ofFailures.length,
          }),
        ]),
    ...(main === undefined || ofDifference.length === 0
      ? []
      : [
          words.markdown('answer.causes', {
            what: gapSentence(main, words, context),
            causes: namesWithShares(ofDifference, input),
            count: ofDifference.length,
          }),
        ]),
  ]
}

/**
 * What the conclusion says about the two mean latencies: that they clearly differ, that they do not clearly differ, why
 * they are not compared, or nothing. Its intervals are corrected for the number of comparisons. It names causes only of
 * a clear difference.
 */
function inConclusion(
  { subject, reference }: Explanation,
  { analysis }: Pick<Context, 'analysis'>,
): 'clear' | 'unclear' | 'unstated' | Obstacle {
  const pair = [subject, reference]
  const configs = analysis.configs.filter(({ config }) => pair.includes(config.key))
  // between models, the conclusion states no difference in latency
  if (modelsDiffer(configs) && analysis.rankedBy.id !== 'latencyMean') return 'unstated'
  const rows = analysis.ratios.filter(({ config }) => pair.includes(config))
  const hasBaseline = rows.some(({ value, interval }) => value === 1 && interval === undefined)
  const ratios = hasBaseline ? rows : []
  const change = analysis.comparisons
    .find(({ base, config }) => pair.includes(base) && pair.includes(config))
    ?.changes.get('latencyMean')
  const obstacle = ratios.find((ratio) => ratio.obstacle)?.obstacle ?? change?.obstacle
  if (obstacle !== undefined) return obstacle
  const isUnclear =
    ratios.some(
      ({ intervalInConclusion: ends }) => ends !== undefined && ends.low <= 1 && ends.high >= 1,
    ) || change?.markInConclusion === 'unknown'
  return isUnclear ? 'unclear' : 'clear'
}

/** The reasons why the main difference is less certain than the list of its causes suggests. */
function weakness(
  main: Explanation | undefined,
  context: Context,
): Pick<CausesView, 'open' | 'notCompared'> {
  const isJudged = main?.gap !== undefined && main.obstacle === undefined && !isWithinNoise(main)
  if (main === undefined || !isJudged || context.analysis.standIn)
    return { open: false, notCompared: null }
  const stated = inConclusion(main, context)
  return {
    open: stated === 'unclear' && main.gap.tested,
    notCompared: typeof stated === 'string' ? null : reasonText(stated, context),
  }
}

function important(findings: readonly Finding[]): readonly Finding[] {
  return findings
    .filter(({ rank }) => rank !== undefined && rank !== 'improvable')
    .slice(0, maxCauses)
}

/** The names of the causes, each with how certain it is and how much it accounts for. */
function namesWithShares(findings: readonly Finding[], input: ShareContext): Markdown {
  const { words } = input
  return words.join(
    findings.map((finding) =>
      words.markdown('answer.cause', {
        name: words.markdown(`cause.${finding.cause}.name`),
        claim: shortShareText(finding, input),
      }),
    ),
    'join.evidence',
  )
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
