/** The recommendations that follow from causes: settings to change now, and experiments to run next. */
import { causeTestOf, type Diagnosis } from '../diagnosis/diagnosis.ts'
import type { Fix, FixCode } from '../diagnosis/fix.ts'
import { measuredSaving, savingOf } from '../diagnosis/saving.ts'
import type { CauseWords } from './cause-words.ts'
import type { AdviceView } from './cause-view.ts'
import { applyFix } from '../diagnosis/next-plan.ts'
import { isSettingCause, planOf } from '../diagnosis/rules.ts'
import {
  explainsFailuresOrLateTokens,
  isWithinNoise,
  numberedFindings,
  type NumberedFinding,
} from './numbered-findings.ts'
import type { Context } from './context.ts'
import { fixCode } from './fix-code.ts'
import { percentage } from '../format/number.ts'
import { inlineCode, Markdown, parseInline } from '../markdown/markdown.ts'

/** The recommendations; null if no cause leads to one. */
export function adviceView(
  context: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): AdviceView | null {
  const findings = numberedFindings(diagnosis)
  const { standIn } = context.analysis
  const all = standIn ? [] : recommendations(diagnosis)
  // The fixes only remove settings, which changes no figure.
  const isHousekeepingOnly = ({ finding }: NumberedFinding) =>
    all
      .filter(({ isHousekeeping }) => isHousekeeping)
      .some(({ findings: addressed }) => addressed.some((each) => each.finding === finding)) &&
    finding.fixes.every(({ code }) => code === 'take-out')
  const next = nextTable(
    findings.filter((each) => !isHousekeepingOnly(each)),
    context,
    diagnosis,
    words,
  )
  const housekeepingNext = nextTable(findings.filter(isHousekeepingOnly), context, diagnosis, words)
  if (all.length === 0 && next === null && housekeepingNext === null) return null
  const view = ({ code, fixes, findings: addressed }: Recommendation, index: number) => ({
    number: String(index + 1),
    name: words.markdown(`fix.${code}`),
    against: words.markdown('fix.for', {
      numbers: words.enumerate(addressed.map(({ number }) => new Markdown(String(number)))),
      count: addressed.length,
    }),
    expected: expected(addressed, context, diagnosis, words),
    code: fixCode(fixes, context, words),
  })
  return {
    now: all.filter(({ isHousekeeping }) => !isHousekeeping).map(view),
    ranked: !standIn && isRanked(diagnosis),
    next,
    housekeepingNext,
    housekeeping: all.filter(({ isHousekeeping }) => isHousekeeping).map(view),
  }
}

interface Recommendation {
  readonly code: FixCode
  readonly fixes: readonly Fix[]
  readonly findings: readonly NumberedFinding[]
  /** True if the change affects no figure, or only a difference that is within noise. */
  readonly isHousekeeping: boolean
}

/**
 * Fixes of proven and likely causes, one recommendation for each kind of fix. A cause of a difference needs an
 * experiment first if its share is not known, or if the difference is within noise; no fix of it is recommended then.
 */
function recommendations(diagnosis: Diagnosis): readonly Recommendation[] {
  const byCode = new Map<FixCode, { fixes: Fix[]; findings: NumberedFinding[] }>()
  for (const numberedFinding of numberedFindings(diagnosis)) {
    const { finding } = numberedFinding
    if (finding.certainty === 'possible') continue
    const isOfDifference = !isSettingCause(finding.cause) && !explainsFailuresOrLateTokens(finding)
    if (isOfDifference && (finding.rank === undefined || !isMainBeyondNoise(diagnosis))) continue
    for (const fix of finding.fixes.filter(({ needsExperiment }) => needsExperiment !== true)) {
      const entry = byCode.get(fix.code) ?? { fixes: [], findings: [] }
      entry.fixes.push(fix)
      if (!entry.findings.includes(numberedFinding)) entry.findings.push(numberedFinding)
      byCode.set(fix.code, entry)
    }
  }
  return [...byCode].map(([code, { fixes, findings }]) => {
    const changesFigures = code !== 'take-out' && findings.some(mayChangeFigures)
    const isImportant =
      findings.some(({ finding }) => explainsFailuresOrLateTokens(finding)) ||
      (isRanked(diagnosis) && changesFigures)
    return { code, fixes, findings, isHousekeeping: !isImportant }
  })
}

/** False if the main difference is within noise, or is not judged. */
function isRanked({ explanations: [main] }: Diagnosis): boolean {
  return main === undefined || (!isWithinNoise(main) && main.obstacle === undefined)
}

/** False if the finding certainly accounts for none of the difference. */
function mayChangeFigures({ finding }: NumberedFinding): boolean {
  return finding.cost === 'unknown' || finding.totalMs > 0 || finding.sharedWith.length > 0
}

/** False if the main difference was not tested, or is within noise. */
function isMainBeyondNoise({ explanations }: Diagnosis): boolean {
  const gap = explanations[0]?.gap
  return gap === undefined || (gap.isBeyondNoise && gap.tested)
}

/**
 * By how many percent the slower config's latency falls if all these causes are removed: measured if a config of the
 * file has the fix, otherwise computed. Null if it is unknown or within noise, and for a demo.
 */
function expected(
  findings: readonly NumberedFinding[],
  { analysis, labels }: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): Markdown | null {
  const [main] = diagnosis.explanations
  if (main?.gap === undefined || !isMainBeyondNoise(diagnosis) || analysis.standIn) return null
  const [only, ...others] = findings
  const measured =
    only === undefined || others.length > 0
      ? undefined
      : measuredSaving(only.finding, main, analysis)
  if (measured !== undefined)
    return words.markdown('expected.measured', {
      percent: percentage(measured.savedPercent),
      config: labels.full(measured.config),
    })
  const ms = savingOf(
    findings.map(({ finding }) => finding),
    main.gap,
  )
  const latencyMs = analysis.breakdown.configs.find(({ config }) => config === main.subject)?.total
  if (ms === 0 || latencyMs === undefined) return null
  const isExact = findings.every(({ finding }) => finding.cost !== 'about')
  return words.markdown(isExact ? 'expected.atMost' : 'expected.about', {
    percent: percentage((ms / latencyMs) * 100),
  })
}

function nextTable(
  findings: readonly NumberedFinding[],
  context: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): Markdown | null {
  const [main] = diagnosis.explanations
  const rows = findings.flatMap((finding) => {
    const test = causeTestOf(context.analysis, diagnosis, finding.finding.cause)
    if (test === undefined) return []
    // The gain is that of the fix, so an experiment that changes something else has none.
    const isFix = planOf(test.cause) === applyFix
    if (isFix && main && measuredSaving(finding.finding, main, context.analysis)) return []
    return [
      { cause: test.cause, gain: isFix ? expected([finding], context, diagnosis, words) : null },
    ]
  })
  if (rows.length === 0) return null
  const cell = (word: Markdown) => parseInline(word.source)
  const knowsGain = rows.some(({ gain }) => gain !== null)
  return context.tables.make(
    [
      cell(words.markdown('column.do')),
      cell(words.markdown('column.learn')),
      ...(knowsGain ? [cell(words.markdown('column.expected'))] : []),
      cell(words.markdown('column.command')),
    ],
    rows.map(({ cause, gain }) => [
      cell(words.markdown(`next.${cause}.do`)),
      cell(words.markdown(`next.${cause}.learn`)),
      ...(knowsGain ? [cell(gain ?? words.markdown('expected.unknown'))] : []),
      inlineCode(`exp next ${context.experiment.id} ${cause}`),
    ]),
  )
}
