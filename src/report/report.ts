/**
 * The report. Enters: an experiment, its analysis, the version it becomes, and the templates of one locale.
 * Leaves: Markdown, the same bytes for the same input. Data become blocks through mdast, prose comes from
 * templates, and the whole is composed once more, so that no text from outside can become structure.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Localized } from '../format/locale.ts'
import { adviceView } from './advice.ts'
import type { CauseWords } from './cause-words.ts'
import { causeAnswers, causesView } from './causes.ts'
import { comparisonView } from './comparison.ts'
import { composeReport, layOut } from '../markdown/compose.ts'
import { answers, conclusionView } from './conclusion.ts'
import { contextOf, type Context } from './context.ts'
import { definitionViews } from './definitions.ts'
import { environmentView } from './environment.ts'
import { groupViews } from './group.ts'
import { footerView, historyTable } from './versions.ts'
import { verdictLines } from './hypothesis-table.ts'
import { maxReportBytes, limits, shorten, type Limit } from './limit.ts'
import { Markdown, plainText } from '../markdown/markdown.ts'
import { ownAnalysis } from './own-analysis.ts'
import { reliabilityView } from './reliability.ts'
import type { ReportInput } from './report-input.ts'
import { prepareTemplates, type Templates } from './prepared-templates.ts'
import type { ReportView } from './view.ts'

/**
 * Markdown with `\n` line ends, one at the end; keep blocks hold their default bodies. At most 512,000 bytes:
 * tables are shortened, and it says so.
 * Throws `ExpError` with code `template` for a template that cannot be used, `invalid-input` for an `analysis` that
 * leaves something open or is too long by itself.
 * @param isComposed tells of a text that it is what an earlier rendering came to: composing it again would only
 * give it back, and is left out
 * @param reserved bytes of what people wrote, which goes in later
 */
export function renderReport(
  input: ReportInput,
  isComposed: (text: string) => boolean = () => false,
  reserved = 0,
): string {
  const most = maxReportBytes - reserved
  const templates = prepareTemplates(input.templates)
  const analysis =
    input.experiment.analysis === undefined ? null : ownAnalysis(input.experiment.analysis)
  if (analysis === null || byteLength(analysis) <= most)
    for (const limit of limits) {
      const text = renderWithin(input, templates, analysis, limit, isComposed)
      if (text !== undefined && byteLength(text) <= most) return text
    }
  throw new ExpError(
    'invalid-input',
    `the report of \`${input.experiment.id}\` would exceed ${maxReportBytes} bytes, even with its tables shortened`,
    'shorten `analysis` and what stands in the keep blocks, or split the experiment',
  )
}

/** The answer as plain sentences, for a terminal or an index; none where nothing was measured. */
export function answerLines(input: ReportInput): readonly string[] {
  const { words, causeWords } = prepareTemplates(input.templates)
  const [limit] = limits
  if (limit === undefined) return []
  const context = contextOf(input, words, limit)
  return answers(context, causeAnswers(context, causeWords)).map(plainText)
}

/** What became of each hypothesis, a plain line each, in the file's order. */
export function verdictTexts(input: ReportInput): readonly string[] {
  const { words } = prepareTemplates(input.templates)
  const [limit] = limits
  return limit ? verdictLines(contextOf(input, words, limit)) : []
}

/** Stands where the experimenter's own Markdown goes in, while the rest is composed. */
const ownPlace = '<!-- exp:analysis -->'

/** Undefined where the report is far beyond its limit. */
function renderWithin(
  input: ReportInput,
  { render, words, causeWords }: Templates,
  analysis: string | null,
  limit: Limit,
  isComposed: (text: string) => boolean,
): string | undefined {
  const context = contextOf(input, words, limit)
  const view = viewOf(context, causeWords, limit, analysis !== null)
  const banner = input.analysis.standIn ? `${standInBanner[input.locale]}\n\n` : ''
  const loose = layOut(banner + render(view))
  // Composing takes time, and takes away next to nothing.
  if (byteLength(loose) > 1.5 * maxReportBytes) return undefined
  const whole = (text: string): string =>
    analysis === null ? text : text.replace(ownPlace, () => analysis)
  return isComposed(whole(loose)) ? whole(loose) : whole(composeReport(loose))
}

function viewOf(
  context: Context,
  causeWords: CauseWords,
  limit: Limit,
  ownWords: boolean,
): ReportView {
  const { experiment, tables, footnotes, diagnosis } = context
  const conclusion = conclusionView(context, causeAnswers(context, causeWords))
  const environment = environmentView(context)
  const groups = groupViews(context)
  const comparison = comparisonView(context)
  const definitions = definitionViews(context, comparison?.latencyParts != null)
  const history = { table: historyTable(context) }
  return {
    title: shorten(experiment.title, limit),
    conclusion,
    environment,
    groups,
    comparison,
    causes: diagnosis === undefined ? null : causesView(context, diagnosis, causeWords),
    advice: diagnosis === undefined ? null : adviceView(context, diagnosis, causeWords),
    analysis: ownWords ? new Markdown(ownPlace) : null,
    reliability: { ...reliabilityView(context), shortened: tables.shortened() },
    definitions,
    history,
    footnotes: footnotes.definitions(),
    footer: footerView(context),
  }
}

/** The first line of a report made of stand-in results. Not in a template, so that none can drop it. */
const standInBanner: Localized = {
  'zh-CN':
    '> **替身结果**：下文数字来自内置引擎 (合成权重的小模型)，不是本实验要测的服务器，只说明流程，不回答问题。',
  en: '> **Stand-in results**: the figures below come from the embedded engine (a small model with synthetic weights), not from the servers that this experiment is about. They show the procedure and answer nothing.',
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
