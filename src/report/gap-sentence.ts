/** The difference to explain, in words. */
import type { Explanation, Finding } from '../diagnosis/diagnosis.ts'
import { gapParts, type Gap, type GapPart } from '../diagnosis/gap.ts'
import { fixed, integer, ratio, signed } from '../format/number.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { millisecondsText, type CauseWords } from './cause-words.ts'
import type { Context } from './context.ts'
import { printedGap, type PrintedGap } from './latency-parts.ts'

export type LabelsAndAnalysis = Pick<Context, 'labels' | 'analysis'>

/**
 * The difference in words. If its causes account for more than the whole difference, it is a sum of the causes and of
 * the parts in which the subject is faster; never for a demo.
 */
export function gapSentence(
  { subject, reference, gap, ratio: times, findings }: Explanation,
  words: CauseWords,
  context: LabelsAndAnalysis,
): Markdown {
  const { labels, analysis } = context
  const names = { subject: labels.full(subject), reference: labels.full(reference ?? subject) }
  if (gap === undefined)
    return words.markdown(
      mixesMetrics(subject, analysis) ? 'explained.ratioMixture' : 'explained.ratio',
      {
        ...names,
        ratio: ratio(times ?? NaN),
      },
    )
  if (reference === undefined)
    return words.markdown('explained.own', {
      subject: names.subject,
      ms: millisecondsText(meanLatencyOf(subject, analysis) ?? gap.totalMs),
    })
  const rounds = fewerCommonRounds(subject, reference, analysis)
  const slower = (ms: string) =>
    rounds === undefined
      ? words.markdown('explained.gap', { ...names, ms })
      : words.markdown('explained.gapInRounds', { ...names, ms, rounds: integer(rounds) })
  const printed = printedGap(context, subject, reference)
  if (printed === undefined) return slower(millisecondsText(gap.totalMs))
  const { ms, decimals } = printed
  const what = slower(`${fixed(ms, decimals)} ms`)
  if (!exceedsGap(findings, gap) || analysis.standIn) return what
  const text = (value: number) => `${signed(value, decimals)} ms`
  const terms = offsetTerms(findings, gap, printed, words).map((term) =>
    words.markdown('sum.term', { name: term.name, ms: text(term.ms) }),
  )
  return words.markdown('explained.sum', {
    what,
    terms: words.join(terms, 'join.claims'),
    total: text(ms),
  })
}

/**
 * The mean latency that tables show. The sum of the latency's parts differs from it, because rounds are averaged
 * differently.
 */
function meanLatencyOf(key: string, { configs }: Context['analysis']): number | undefined {
  return configs.find(({ config }) => config.key === key)?.figures.get('latencyMean')?.value
}

/**
 * The number of rounds in which both configs ended. Undefined unless one of them ended in more rounds, because only
 * then do their figures contain other rounds too.
 */
function fewerCommonRounds(
  subject: string,
  reference: string,
  { configs }: Context['analysis'],
): number | undefined {
  const [one, other] = [subject, reference].map((key) => {
    const trials = configs.find(({ config }) => config.key === key)?.trials ?? []
    return new Set(
      trials.flatMap(({ outcome, header }) => (outcome === 'ended' ? [header.round] : [])),
    )
  })
  if (one === undefined || other === undefined) return undefined
  const common = [...one].filter((round) => other.has(round)).length
  return common > 0 && common < Math.max(one.size, other.size) ? common : undefined
}

/** True if the ratio of the config is one of different metrics. */
function mixesMetrics(key: string, { ratios }: Context['analysis']): boolean {
  return ratios.some((each) => each.config === key && each.mixesMetrics)
}

/**
 * True if the causes together account for clearly more than the whole difference, or one of them alone for more,
 * because the subject is faster in other parts.
 */
export function exceedsGap(findings: readonly Finding[], { totalMs }: Gap): boolean {
  const explained = findings.reduce((sum, each) => sum + each.totalMs, 0)
  return explained > totalMs * (1 + minGainShare) || findings.some((each) => each.totalMs > totalMs)
}

/** A gain of a smaller share of the difference is not named. */
const minGainShare = 0.05

interface Term {
  readonly name: Markdown
  /** Rounded as it is printed. */
  readonly ms: number
}

/** The causes, the parts in which the subject is faster, and the rest. They add up to the printed difference. */
function offsetTerms(
  findings: readonly Finding[],
  gap: Gap,
  printed: PrintedGap,
  words: CauseWords,
): readonly Term[] {
  const causes = findings.map((finding) => ({
    name: words.markdown(`cause.${finding.cause}.short`),
    ms: printedMs(finding, gap, printed),
  }))
  const gains = gapParts
    .filter((part) => gap.parts[part] <= -minGainShare * gap.totalMs)
    .map((part) => ({ name: words.markdown(`gain.${part}`), ms: printed.parts[part] }))
  const isNamed = (part: GapPart) =>
    gap.parts[part] <= -minGainShare * gap.totalMs ||
    findings.some(({ ms }) => ms[part] !== undefined)
  // Without this term, the terms of decoding do not add up to the number in the table.
  const length = isNamed('slowerTokens') && !isNamed('moreTokens') ? printed.parts.moreTokens : 0
  const lengths =
    length === 0
      ? []
      : [
          {
            name: words.markdown(length > 0 ? 'sum.moreTokens' : 'gain.moreTokens'),
            ms: length,
          },
        ]
  const named = [...causes, ...gains, ...lengths]
  const left = printed.ms - named.reduce((sum, { ms }) => sum + ms, 0)
  const rest = Number(left.toFixed(printed.decimals))
  return [...named, { name: words.markdown('sum.rest'), ms: rest }].filter(({ ms }) => ms !== 0)
}

/**
 * The milliseconds of a cause. If they are whole parts of the difference, the sum of these parts as the table prints
 * them.
 */
export function printedMs(
  { ms, totalMs }: Finding,
  gap: Gap,
  { parts, decimals }: PrintedGap,
): number {
  const affected = gapParts.filter((part) => ms[part] !== undefined)
  const isWhole = affected.every((part) => Math.abs((ms[part] ?? 0) - gap.parts[part]) < minMs)
  const sum = affected.reduce((total, part) => total + parts[part], 0)
  return Number((isWhole && affected.length > 0 ? sum : totalMs).toFixed(decimals))
}

/** Differences below this are due to floating-point arithmetic. */
const minMs = 1e-6
