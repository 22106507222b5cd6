/**
 * Renders reports.
 *
 * Input: an experiment, its analysis and diagnosis, its version, and the templates of one locale. Output: Markdown,
 * the same bytes for the same input. Each section builds a view, which is plain data, and templates turn the views into
 * prose. The whole text is then parsed and written once more, so that no text from outside can become structure.
 */
import { ExpError } from '../errors/exp-error.ts'
import { checksOf, inLocale } from '../experiment/in-locale.ts'
import { tidyWhiteSpace, normaliseMarkdown } from '../markdown/normalise.ts'
import { Markdown, plainText, everyNode, parseMarkdown } from '../markdown/markdown.ts'
import { type Words, readWords } from '../templates/words.ts'
import type { Chart } from '../charts/chart.ts'
import { adviceView } from './advice.ts'
import { type CauseWords, readCauseWords } from './cause-words.ts'
import { causeAnswers, causesView } from './causes.ts'
import { capacityView } from './capacity.ts'
import { chartImage, chartsOf } from './charts.ts'
import { comparisonView } from './comparison.ts'
import { answers, conclusionView } from './conclusion.ts'
import { contextOf, type Context } from './context.ts'
import { definitionViews } from './definitions.ts'
import { environmentView } from './environment.ts'
import { gridView } from './factors.ts'
import { groupViews } from './group.ts'
import { linksView } from './links.ts'
import { verdictLines, verdictReasons } from './verdict-lines.ts'
import { limits, maxReportBytes, noLimit, shorten, type Limit } from './limit.ts'
import { authorAnalysis } from './author-analysis.ts'
import { reliabilityView } from './reliability.ts'
import type { ReportInput } from './report-input.ts'
import { tuningTexts, tuningView, type TuningTexts } from './tuning.ts'
import { footerView, historyTable } from './versions.ts'
import { type ReportView, reportShape } from './view.ts'
import { compileTemplates, type TemplateSet } from '../templates/templates.ts'
import { labelsOf, readMetricWords, withCheckLabels, type MetricWords } from './labels.ts'

/**
 * The report as Markdown, with `\n` line ends and one at the end. Keep blocks hold their default bodies. The result
 * has at most 512,000 bytes: if it would be longer, tables are shortened and the report says so.
 * @param isAlreadyRendered returns true for a text that an earlier call returned. For such a text, the slow last step
 * is skipped, because it would change nothing.
 * @param reserved the number of bytes that the bodies of keep blocks will add
 * @param charts the charts of the report, if they are known
 * @throws `ExpError('template')` for an invalid template
 * @throws `ExpError('invalid-input')` if `analysis` leaves a fence, comment or tag open, or is longer than a report may
 * be
 */
export function renderReport(
  input: ReportInput,
  isAlreadyRendered: (text: string) => boolean = () => false,
  reserved = 0,
  charts = reportCharts(input),
): string {
  const maxBytes = maxReportBytes - reserved
  const templates = prepareTemplates(input.templates)
  const { analysis: source } = inLocale(input.experiment, input.locale)
  const analysis = source === undefined ? null : authorAnalysis(source)
  if (analysis === null || byteLength(analysis) <= maxBytes)
    for (const limit of limits) {
      const text = renderWithin(input, templates, analysis, limit, isAlreadyRendered, charts)
      if (text !== undefined && byteLength(text) <= maxBytes) return text
    }
  throw new ExpError(
    'invalid-input',
    `the report of \`${input.experiment.id}\` would exceed ${maxReportBytes} bytes, even with its tables shortened`,
    'shorten `analysis` and the text in the keep blocks, or split the experiment',
  )
}

/**
 * The answer as plain sentences, for the terminal and the index; empty if nothing was measured or recorded. For
 * stand-in results, it says only that they are a demo.
 */
export function answerLines(input: ReportInput): readonly string[] {
  const templates = prepareTemplates(input.templates)
  if (input.analysis.standIn) return [plainText(standInBanner(templates.words))]
  const context = contextOf(input, templates, noLimit)
  const causes = context.analysis.tuning ? [] : causeAnswers(context, templates.causeWords)
  return answers(context, causes).map(plainText)
}

/**
 * The charts of a report, as data; empty for a version without charts. Labels are as long as those of the longest
 * tables.
 */
export function reportCharts(input: ReportInput): readonly Chart[] {
  return chartsOf(contextOf(input, prepareTemplates(input.templates), chartLimit))
}

const chartLimit: Limit = { rows: Infinity, characters: 120 }

/** The verdicts as plain lines, see `verdictLines`. */
export function verdictTexts(input: ReportInput): readonly string[] {
  return verdictLines(contextOf(input, prepareTemplates(input.templates), noLimit))
}

/** Why hypotheses have no verdict, by id. */
export function reasonTexts({
  experiment,
  analysis,
  locale,
  templates,
}: Pick<ReportInput, 'experiment' | 'analysis' | 'locale' | 'templates'>): ReadonlyMap<
  string,
  string
> {
  const { words } = prepareTemplates(templates)
  return verdictReasons({
    analysis,
    words,
    labels: labelsOf(inLocale(experiment, locale).configs, noLimit),
  })
}

/** A race for the terminal; undefined without one. */
export function raceTexts({
  experiment,
  analysis,
  locale,
  templates,
}: Pick<ReportInput, 'experiment' | 'analysis' | 'locale' | 'templates'>): TuningTexts | undefined {
  if (analysis.tuning === undefined) return undefined
  const { words, metricWords } = prepareTemplates(templates)
  return tuningTexts(analysis.tuning, {
    configs: new Map(analysis.configs.map((each) => [each.config.key, each])),
    words,
    metricWords: withCheckLabels(metricWords, checksOf(experiment)),
    labels: labelsOf(inLocale(experiment, locale).configs, noLimit),
  })
}

/** The templates and words of one locale, checked and compiled for reports. */
export interface Templates {
  readonly render: (view: ReportView) => string
  readonly words: Words
  readonly causeWords: CauseWords
  readonly metricWords: MetricWords
}

/** Template sets are read-only, so a compiled set stays valid. */
const prepared = new WeakMap<TemplateSet, Templates>()

/** @throws `ExpError('template')` if a template is missing, malformed, or names a value that does not exist */
export function prepareTemplates(set: TemplateSet): Templates {
  const known = prepared.get(set)
  if (known) return known
  const made = {
    render: compileTemplates(set, reportShape),
    words: readWords(set, 'words'),
    causeWords: readCauseWords(set),
    metricWords: readMetricWords(set),
  }
  prepared.set(set, made)
  return made
} /** Placeholder for the Markdown of the experiment's author, which must not be parsed and written again. */
const authorAnalysisPlaceholder = '<!-- exp:analysis -->'

/** The report with tables and labels within the limit; undefined if it is still far too long. */
function renderWithin(
  input: ReportInput,
  templates: Templates,
  analysis: string | null,
  limit: Limit,
  isAlreadyRendered: (text: string) => boolean,
  charts: readonly Chart[],
): string | undefined {
  const context = contextOf(input, templates, limit)
  const view = viewOf(context, templates.causeWords, limit, analysis !== null, charts)
  const unnormalised = tidyWhiteSpace(templates.render(view))
  // Normalising is slow and hardly shortens a text, so a text that is far too long is not normalised.
  if (byteLength(unnormalised) > 1.5 * maxReportBytes) return undefined
  const finish = (text: string): string => {
    const whole = analysis === null ? text : text.replace(authorAnalysisPlaceholder, () => analysis)
    return input.analysis.standIn ? withBanner(whole, standInBanner(templates.words)) : whole
  }
  return isAlreadyRendered(finish(unnormalised))
    ? finish(unnormalised)
    : finish(normaliseMarkdown(unnormalised))
}

function viewOf(
  context: Context,
  causeWords: CauseWords,
  limit: Limit,
  hasAuthorAnalysis: boolean,
  charts: readonly Chart[],
): ReportView {
  const { experiment, tables, footnotes, diagnosis } = context
  const conclusion = conclusionView(context, causeWords, charts)
  const grid = gridView(context)
  const tuning = tuningView(context, charts)
  const environment = environmentView(context)
  const groups = groupViews(context)
  const comparison = comparisonView(context)
  const definitions = definitionViews(context)
  const history = {
    table: historyTable(context),
    picture: chartImage(charts, 'history', context),
  }
  const reliability = reliabilityView(context)
  return {
    title: shorten(experiment.title, limit),
    links: linksView(context),
    conclusion,
    grid,
    tuning,
    environment,
    groups,
    capacity: capacityView(context, charts),
    comparison,
    causes: diagnosis === undefined ? null : causesView(context, diagnosis, causeWords),
    advice: diagnosis === undefined ? null : adviceView(context, diagnosis, causeWords),
    analysis: hasAuthorAnalysis ? new Markdown(authorAnalysisPlaceholder) : null,
    // Last, because only then is it known whether a table or list was shortened.
    reliability: { ...reliability, shortened: tables.shortened() },
    definitions,
    history,
    footnotes: footnotes.definitions(),
    footer: footerView(context),
  }
}

/** The note at the top of a report with stand-in results. Throws if a project's template leaves it empty. */
function standInBanner(words: Words): Markdown {
  const banner = words.markdown('banner.standIn')
  const isVisible = [...everyNode(parseMarkdown(banner.source))].some(
    (node) => node.type === 'text' && node.value.trim() !== '',
  )
  if (!isVisible)
    throw new ExpError(
      'template',
      'the word `banner.standIn` is empty',
      'write that the figures are from a demo, as in the original',
    )
  return banner
}

/**
 * The report with the banner as the first block below its title, or as the first block if the report does not
 * begin with a title. The banner is not part of a template, so that no template can remove or hide it.
 */
function withBanner(report: string, { source }: Markdown): string {
  const [title = ''] = /^# .*\n+/.exec(report) ?? []
  return `${title}> [!WARNING]\n> ${source}\n\n${report.slice(title.length)}`
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
