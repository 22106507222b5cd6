/** The recommendations that follow from causes: settings to change now, experiments to run next, settings to align. */
import { areLevelsOfOneLoad } from '../analysis/design-pairs.ts'
import { modelsDiffer } from '../analysis/ranking.ts'
import { causeTestOf, type Diagnosis } from '../diagnosis/diagnosis.ts'
import type { Fix, FixCode } from '../diagnosis/fix.ts'
import { measuredSaving, savingOf } from '../diagnosis/saving.ts'
import type { CauseWords } from './cause-words.ts'
import type { AdviceView } from './section-shapes.ts'
import { applyFix } from '../diagnosis/next-plan.ts'
import { isSettingCause, planOf, type TestableCause } from '../diagnosis/rules.ts'
import {
  explainsFailuresOrLateTokens,
  isWithinNoise,
  numberedFindings,
  type NumberedFinding,
} from './numbered-findings.ts'
import type { Context } from './context.ts'
import { fileOf } from './links.ts'
import { alignView } from './align.ts'
import { fixBlocks } from './fix-code.ts'
import { percentage } from '../format/number.ts'
import { inline, inlineCode, Markdown, parseInline } from '../markdown/markdown.ts'

/** The recommendations; null if no cause leads to one. */
export function adviceView(
  context: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): AdviceView | null {
  const { standIn } = context.analysis
  const all = standIn ? [] : recommendations(diagnosis)
  const { tests, ofHousekeeping } = testsOf(all, context, diagnosis, words)
  const now = all.filter(({ isHousekeeping }) => !isHousekeeping)
  // Leaves out experiments that a recommendation already names.
  const others = tests.filter((test) => !now.some(({ findings }) => isTestOf(test, findings)))
  const [next, housekeepingNext] = [others, ofHousekeeping].map((each) =>
    testTable(each, context, words),
  )
  const align = standIn ? null : alignView(context, diagnosis)
  if (all.length === 0 && !next && !housekeepingNext && align === null) return null
  const view = ({ code, fixes, findings }: Recommendation, index: number) => ({
    number: String(index + 1),
    name: words.markdown(`fix.${code}`),
    against: addressedCauses(findings, words),
    expected: expectedGain(findings, context, diagnosis, words),
    command: testCommand(tests, findings, context),
    ...fixBlocks(fixes, context),
  })
  return {
    now: now.map(view),
    ranked: !standIn && isRanked(diagnosis),
    next: next ?? null,
    align,
    housekeepingNext: housekeepingNext ?? null,
    housekeeping: all.filter(({ isHousekeeping }) => isHousekeeping).map(view),
  }
}

/** True if the experiment applies the fix of one of these causes. */
function isTestOf({ cause, isFix }: Test, findings: readonly NumberedFinding[]): boolean {
  return isFix && findings.some(({ finding }) => finding.cause === cause)
}

/** The command that writes the experiment which tests the recommended change; null if there is none. */
function testCommand(
  tests: readonly Test[],
  findings: readonly NumberedFinding[],
  { experiment }: Context,
): Markdown | null {
  const test = tests.find((each) => isTestOf(each, findings))
  return test ? inline(inlineCode(`exp next ${experiment.id} ${test.cause}`)) : null
}

/** `addresses causes 1 and 3`. */
function addressedCauses(findings: readonly NumberedFinding[], words: CauseWords): Markdown {
  const numbers = [...new Set(findings.map(({ number }) => String(number)))]
  return words.markdown('fix.for', {
    numbers: words.enumerate(numbers.map((number) => new Markdown(number))),
    count: numbers.length,
  })
}

/**
 * What to do, in one line for the conclusion: the recommended changes or, without any, the first experiment; for a
 * demo, to measure. Null if there is nothing to do.
 */
export function nextSteps(context: Context, words: CauseWords): Markdown | null {
  const { analysis, diagnosis, experiment } = context
  const command = (text: string) => inline(inlineCode(text))
  if (analysis.standIn)
    return words.markdown('todo.measure', { command: command(`exp run ${fileOf(experiment)}`) })
  if (diagnosis === undefined) return null
  // Different models give answers of different lengths, which no setting changes.
  const isOfModels = (cause: string) => modelsDiffer(analysis.configs) && cause === 'answer-length'
  const all = recommendations(diagnosis).filter(
    ({ findings }) => !findings.every(({ finding }) => isOfModels(finding.cause)),
  )
  const changes = all.filter(({ isHousekeeping }) => !isHousekeeping)
  if (changes.length > 0)
    return words.join(
      changes.map(({ code }) => words.markdown(`fix.${code}`)),
      'join.evidence',
    )
  const { tests } = testsOf(all, context, diagnosis, words)
  const first = tests.find(({ cause }) => !isOfModels(cause))
  if (first === undefined) return null
  return words.markdown('todo.next', {
    name: words.markdown(`next.${first.cause}.do`),
    command: command(`exp next ${experiment.id} ${first.cause}`),
  })
}

interface Recommendation {
  readonly code: FixCode
  readonly fixes: readonly Fix[]
  readonly findings: readonly NumberedFinding[]
  /** True if the change affects no figure, or only a difference that is within noise. */
  readonly isHousekeeping: boolean
}

/** Fixes of proven and likely causes, one recommendation for each kind of fix. A cause of a difference needs an
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

/** False only if the finding is known to account for none of the difference. */
function mayChangeFigures({ finding }: NumberedFinding): boolean {
  return finding.cost === 'unknown' || finding.totalMs > 0 || finding.sharedWith.length > 0
}

/** False if the main difference was not tested, or is within noise. */
function isMainBeyondNoise({ explanations }: Diagnosis): boolean {
  const gap = explanations[0]?.gap
  return gap === undefined || (gap.isBeyondNoise && gap.tested)
}

/**
 * By how many percent the slower config's latency falls if all these causes are removed. Measured if a config of the
 * file has the fix, otherwise computed. Null for a demo, and if the gain is unknown or within noise.
 */
function expectedGain(
  findings: readonly NumberedFinding[],
  { analysis, experiment, labels }: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): Markdown | null {
  const [main] = diagnosis.explanations
  if (main?.gap === undefined || !isMainBeyondNoise(diagnosis) || analysis.standIn) return null
  // The cost of a higher load is not the gain of a setting.
  const { subject, reference } = main
  if (reference !== undefined && areLevelsOfOneLoad(experiment.series ?? [], subject, reference))
    return null
  const [only, ...others] = findings
  const measured =
    only === undefined || others.length > 0
      ? undefined
      : measuredSaving(only.finding, main, analysis)
  if (measured !== undefined)
    return words.markdown('expected.measured', {
      percent: percentage(measured.savedPercent),
      config: labels.full(measured.config),
      slots: measured.slotsIfMore ?? '',
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

/** An experiment that would test a cause. */
interface Test {
  readonly cause: TestableCause
  /** True if the experiment applies the cause's fix. */
  readonly isFix: boolean
  /** The largest gain to expect from the tested change; null if it is unknown. */
  readonly gain: Markdown | null
}

/**
 * The experiments that would test causes, and those that would show whether removed settings affect a figure after all.
 */
function testsOf(
  all: readonly Recommendation[],
  context: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): { readonly tests: readonly Test[]; readonly ofHousekeeping: readonly Test[] } {
  const findings = numberedFindings(diagnosis)
  // True if the finding's only fixes remove settings, which changes no figure.
  const isHousekeepingOnly = ({ finding }: NumberedFinding) =>
    all
      .filter(({ isHousekeeping }) => isHousekeeping)
      .some(({ findings: addressed }) => addressed.some((each) => each.finding === finding)) &&
    finding.fixes.every(({ code }) => code === 'take-out')
  const testOf = (finding: NumberedFinding) => testsOfFinding(finding, context, diagnosis, words)
  return {
    tests: findings.filter((each) => !isHousekeepingOnly(each)).flatMap(testOf),
    ofHousekeeping: findings.filter(isHousekeepingOnly).flatMap(testOf),
  }
}

function testsOfFinding(
  finding: NumberedFinding,
  context: Context,
  diagnosis: Diagnosis,
  words: CauseWords,
): readonly Test[] {
  const [main] = diagnosis.explanations
  const test = causeTestOf(context.analysis, diagnosis, finding.finding.cause)
  if (test === undefined) return []
  // Only an experiment that applies the fix has an expected gain.
  const isFix = planOf(test.cause) === applyFix
  if (isFix && main && measuredSaving(finding.finding, main, context.analysis)) return []
  const gain = isFix ? expectedGain([finding], context, diagnosis, words) : null
  return [{ cause: test.cause, isFix, gain }]
}

/** A row per experiment; null without any. */
function testTable(
  tests: readonly Test[],
  { experiment, tables }: Context,
  words: CauseWords,
): Markdown | null {
  if (tests.length === 0) return null
  const cell = (word: Markdown) => parseInline(word.source)
  return tables.make(
    [
      cell(words.markdown('column.do')),
      cell(words.markdown('column.learn')),
      cell(words.markdown('column.command')),
    ],
    tests.map(({ cause, gain }) => {
      const learn = words.markdown(`next.${cause}.learn`)
      return [
        cell(words.markdown(`next.${cause}.do`)),
        cell(gain === null ? learn : words.markdown('learn.gain', { learn, gain })),
        inlineCode(`exp next ${experiment.id} ${cause}`),
      ]
    }),
  )
}
