/** Findings as the section on root causes shows them: numbered, with their claim, evidence and sources. */
import type { Finding } from '../diagnosis/diagnosis.ts'
import { referencesOf, type Cause } from '../diagnosis/rules.ts'
import type { Statement } from '../diagnosis/statement.ts'
import { shareText, type ShareContext } from './cause-share.ts'
import type { CauseWords } from './cause-words.ts'
import type { FindingView } from './section-shapes.ts'
import { Markdown } from '../markdown/markdown.ts'
import { isInComments, type NumberedFinding } from './numbered-findings.ts'

export interface FindingInput extends ShareContext {
  /** True if the report has a table of compute devices and layers. */
  readonly hasGpuTable: boolean
}

/** One finding. */
export function findingView(finding: Finding, number: string, input: FindingInput): FindingView {
  const { words, context } = input
  const { labels, analysis } = context
  return {
    ...place(number, analysis.standIn),
    rank:
      analysis.standIn || finding.rank === undefined
        ? null
        : words.markdown(`rank.${finding.rank}`).source,
    name: words.markdown(`cause.${finding.cause}.name`),
    claim: shareText(finding, input),
    evidence: words.sentence(shownEvidence(finding, input), labels),
    against: words.sentence(finding.against, labels),
    // A demo has no cost to prove.
    reservations: analysis.standIn ? null : words.sentence(finding.reservations, labels),
  }
}

/** The evidence without the statements that the table of GPUs shows, unless no other statement would be left. */
function shownEvidence({ evidence }: Finding, { hasGpuTable }: FindingInput): readonly Statement[] {
  const others = evidence.filter(({ code }) => !ofGpuTable.has(code))
  return hasGpuTable && others.length > 0 ? others : evidence
}

const ofGpuTable: ReadonlySet<string> = new Set(['device.cpu', 'device.gpu', 'device.layers'])

/** All findings about settings without effect as one finding: how many settings, and what to use instead. */
export function settingsView(
  findings: readonly NumberedFinding[],
  input: ShareContext,
): readonly FindingView[] {
  const { words, context } = input
  const found = findings.filter(({ finding }) => isInComments(finding))
  const [first] = found
  if (first === undefined) return []
  const evidence = found.flatMap(({ finding }) => finding.evidence)
  const settings = new Set(
    evidence.flatMap(({ values: { config, setting } }) =>
      config && setting ? [JSON.stringify([config, setting])] : [],
    ),
  )
  const instead = evidence.filter(({ code }) => code === 'setting.read-instead')
  const count = words.markdown('settings.count', { count: settings.size })
  const clausesOf = (statements: readonly Statement[]) =>
    statements.map((each) => words.clause(each, context.labels))
  // A grid shows no code, and its cells share their settings.
  const clauses = context.analysis.grid
    ? clausesOf(onePerSetting(evidence))
    : [count, ...clausesOf(instead)]
  return [
    {
      ...place(String(first.number), context.analysis.standIn),
      rank: null,
      name: words.markdown('settings.name'),
      claim: context.analysis.standIn ? shareText(first.finding, input) : settingsShare(input),
      evidence: words.end(words.join(clauses, 'join.evidence')),
      against: null,
      reservations: null,
    },
  ]
}

function onePerSetting(evidence: readonly Statement[]): readonly Statement[] {
  const bySetting = new Map(
    evidence.map((each) => [JSON.stringify([each.code, each.values['setting']]), each]),
  )
  return [...bySetting.values()]
}

function settingsShare({ explanation, words }: ShareContext): Markdown {
  const whole = explanation?.reference === undefined ? 'latency' : 'difference'
  return words.markdown(`claim.settings.${whole}`)
}

/** A numbered entry or, for a demo, a bullet, because nothing is attributed. */
function place(number: string, listed: boolean): Pick<FindingView, 'number' | 'listed' | 'indent'> {
  const marker = listed ? '-' : `${number}.`
  return { number, listed, indent: new Markdown(' '.repeat(marker.length + 1)) }
}

/** The explanation why a cause of this kind costs time, with its sources. */
export function basisOf(cause: Cause, words: CauseWords): Markdown {
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
