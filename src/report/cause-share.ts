/** How much of a difference each of its causes accounts for, in words. */
import type { Explanation, Finding } from '../diagnosis/diagnosis.ts'
import type { Gap } from '../diagnosis/gap.ts'
import { isSettingCause, type Cause } from '../diagnosis/rules.ts'
import { fixed, percentage } from '../format/number.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { millisecondsDecimals, type CauseWords } from './cause-words.ts'
import { exceedsGap, printedMs, type LabelsAndAnalysis } from './gap-sentence.ts'
import { printedGap } from './latency-parts.ts'
import type { NumberedFinding } from './numbered-findings.ts'

/** Milliseconds, and the decimals with which they are printed. */
interface Amount {
  readonly ms: number
  readonly decimals: number
}

/** The milliseconds of a cause, rounded as in the table of parts. */
function amountOf(
  { totalMs, ...finding }: Finding,
  explanation: Explanation | undefined,
  context: LabelsAndAnalysis,
): Amount {
  const plain = { ms: totalMs, decimals: millisecondsDecimals(totalMs) }
  const { subject, reference, gap } = explanation ?? {}
  if (subject === undefined || reference === undefined || gap === undefined) return plain
  const printed = printedGap(context, subject, reference)
  if (printed === undefined) return plain
  const ms = printedMs({ ...finding, totalMs }, gap, printed)
  const isSame = ms === Number(totalMs.toFixed(printed.decimals))
  return isSame
    ? { ms: totalMs, decimals: Math.max(plain.decimals, printed.decimals) }
    : { ms, decimals: printed.decimals }
}

function amountText({ ms, decimals }: Amount): string {
  return `${fixed(ms, decimals)} ms`
}

export interface ShareContext {
  readonly explanation: Explanation | undefined
  /** The findings to which the text refers by number. It refers to all others by name. */
  readonly findings: readonly NumberedFinding[]
  readonly words: CauseWords
  readonly context: LabelsAndAnalysis
}

/** How certain a cause is, and the most that it can account for. A demo attributes nothing. */
export function shareText(
  finding: Finding,
  { explanation, findings, words, context }: ShareContext,
): Markdown {
  const certainty = words.markdown(`certainty.${finding.certainty}`)
  const gap = explanation?.obstacle === undefined ? explanation?.gap : undefined
  const whole = explanation?.reference === undefined ? 'latency' : 'difference'
  if (context.analysis.standIn) return words.markdown('claim.demo')
  if (isSettingCause(finding.cause))
    return words.join([certainty, words.markdown(`claim.settings.${whole}`)], 'join.claims')
  const { failed } = finding
  if (failed !== undefined)
    return withShare(finding, `claim.failed-${failed.counted}`, failed.share, words)
  if (finding.firstTokenShare !== undefined)
    return withShare(finding, 'claim.first-token', finding.firstTokenShare, words)
  const amount = amountOf(finding, explanation, context)
  if (finding.totalMs > 0 && gap !== undefined)
    return words.join(
      [certainty, ...amounts(finding, explanation?.findings ?? [], { gap, whole, amount }, words)],
      'join.claims',
    )
  if (finding.sharedWith.length > 0) {
    const causes = words.join(
      finding.sharedWith.map((cause) => referenceTo(cause, findings, words)),
      'join.list',
    )
    return words.join([certainty, words.markdown('claim.within', { causes })], 'join.claims')
  }
  if (gap !== undefined)
    return words.join([certainty, words.markdown(`claim.alike.${whole}`)], 'join.claims')
  if (finding.certainty === 'proven') return words.markdown('claim.exists')
  return words.join([certainty, words.markdown('claim.unknown')], 'join.claims')
}

/** Only how certain a cause of a difference is. A demo claims nothing, and a document proves no share. */
export function certaintyText(
  finding: Finding,
  { explanation, words, context }: ShareContext,
): Markdown {
  if (context.analysis.standIn) return words.markdown('claim.demo')
  if (finding.certainty === 'proven' && explanation?.gap === undefined)
    return words.markdown('claim.exists')
  return words.markdown(`certainty.${finding.certainty}`)
}

/** For the conclusion: how certain a cause is, and its share of the difference. The section on causes says the rest. */
export function shortShareText(finding: Finding, input: ShareContext): Markdown {
  const { explanation, words, context } = input
  const gap = explanation?.obstacle === undefined ? explanation?.gap : undefined
  const isPart = finding.failed === undefined && finding.firstTokenShare === undefined
  if (context.analysis.standIn || gap === undefined || !isPart || finding.totalMs <= 0)
    return shareText(finding, input)
  const whole = explanation?.reference === undefined ? 'latency' : 'difference'
  const share = exceedsGap(explanation?.findings ?? [], gap)
    ? words.markdown('claim.measured', {
        ms: amountText(amountOf(finding, explanation, context)),
      })
    : words.markdown(`claim.percent.${whole}`, {
        percent: percentage((finding.totalMs / gap.totalMs) * 100),
      })
  return words.join([words.markdown(`certainty.${finding.certainty}`), share], 'join.claims')
}

/**
 * The share of failures or of the first token time that the cause accounts for; for several configs, the largest one.
 */
function withShare(
  { certainty, configs }: Finding,
  what: 'claim.failed-requests' | 'claim.failed-trials' | 'claim.first-token',
  share: number,
  words: CauseWords,
): Markdown {
  const percent = percentage(share * 100)
  const value = configs.length > 1 ? words.markdown('claim.up-to', { percent }) : percent
  const accounted = words.markdown(what, { percent: value })
  return words.join([words.markdown(`certainty.${certainty}`), accounted], 'join.claims')
}

/**
 * A saving is mentioned only if it differs by more than this share from the milliseconds that the cause accounts for.
 */
const minMultipliedShare = 0.05

/** The milliseconds, their share of the whole and, if it differs from them, the saving from removing the cause. */
function amounts(
  finding: Finding,
  all: readonly Finding[],
  {
    gap,
    whole,
    amount: own,
  }: { readonly gap: Gap; readonly whole: 'latency' | 'difference'; readonly amount: Amount },
  words: CauseWords,
): readonly Markdown[] {
  const { totalMs, savedMs, cost } = finding
  const isMultiplied = Math.abs(savedMs - totalMs) > minMultipliedShare * totalMs
  const code = cost === 'measured' || cost === 'about' ? cost : 'at-most'
  const amount = words.markdown(`claim.${code}`, { ms: amountText(own) })
  const percent = percentage((totalMs / gap.totalMs) * 100)
  return [
    isMultiplied ? words.markdown('claim.alone', { amount }) : amount,
    ...(exceedsGap(all, gap) ? [] : [words.markdown(`claim.percent.${whole}`, { percent })]),
    ...(isMultiplied ? [saving(finding, gap, own.decimals, words)] : []),
  ]
}

/** @param decimals the number of decimals, as for the milliseconds that the cause accounts for by itself */
function saving(
  { ms, savedMs, cost }: Finding,
  { dependence }: Gap,
  decimals: number,
  words: CauseWords,
): Markdown {
  const isQueue = dependence.queue !== undefined && (ms.wait ?? 0) < dependence.queue.waitMs
  const bound = cost === 'about' ? 'about' : 'at-most'
  const amount = words.markdown(`claim.${bound}`, { ms: amountText({ ms: savedMs, decimals }) })
  return words.markdown(isQueue ? 'claim.saves-wait' : 'claim.saves', { amount })
}

/** `cause 1`, or the cause's name if it has no number. */
function referenceTo(
  cause: Cause,
  findings: readonly NumberedFinding[],
  words: CauseWords,
): Markdown {
  const found = findings.find(({ finding }) => finding.cause === cause)
  return found === undefined
    ? words.markdown(`cause.${cause}.short`)
    : words.markdown('within.number', { number: found.number })
}
