/** The chart of the hypotheses: the interval of each claim against its target and the noise floor. */
import type { HypothesisResult, VerdictCode } from '../analysis/analysis.ts'
import { floorOf } from '../analysis/noise-floor.ts'
import type {
  ClaimColour,
  ClaimPanel,
  ClaimsChart,
  JudgedClaim,
  UnjudgedClaim,
} from '../charts/chart.ts'
import type { Context } from './context.ts'
import { unitText } from './figure-text.ts'
import { measuredText, targetText } from './hypothesis-table.ts'
import { maxChartRows } from './time-chart.ts'
import { reasonText } from './verdict-notes.ts'

const colours: Readonly<Record<VerdictCode, ClaimColour | undefined>> = {
  supported: 'for',
  refuted: 'against',
  inconclusive: 'open',
  'indicated-for': 'leans-for',
  'indicated-against': 'leans-against',
  pending: undefined,
  none: undefined,
}

/** Undefined if no hypothesis is judged; the results of a demo judge none. */
export function claimsChart(context: Context): ClaimsChart | undefined {
  const { words, analysis } = context
  const results = analysis.hypotheses.slice(0, maxChartRows)
  const panels = panelsOf(results, context)
  if (panels.length === 0) return undefined
  const left = analysis.hypotheses.length - results.length
  const judged = new Set(panels.flatMap(({ ids }) => ids))
  const unjudged = results
    .filter(({ hypothesis }) => !judged.has(hypothesis.id))
    .map((result) => unjudgedClaim(result, context))
  const title = titleOf(context)
  const lines = [...panels.flatMap(({ claims }) => claims), ...unjudged]
  return {
    kind: 'claims',
    title,
    alt: [
      title,
      ...lines.map(({ statement, verdict }) =>
        words.text('join.about', { name: statement, value: verdict }),
      ),
    ].join(words.text('join.parts')),
    notes: left > 0 ? [words.text('chart.more', { count: left })] : [],
    panels: panels.map(({ axis, neutral, claims }) => ({
      axis,
      ...(neutral !== undefined && { neutral }),
      claims,
    })),
    unjudged,
    legend: { target: words.text('chart.target'), floor: words.text('chart.floor') },
  }
}

function titleOf({ analysis, words }: Context): string {
  const counts = new Map<VerdictCode, number>()
  for (const { verdict } of analysis.hypotheses)
    counts.set(verdict.code, (counts.get(verdict.code) ?? 0) + 1)
  return words.text('chart.claims', {
    count: analysis.hypotheses.length,
    verdicts: [...counts]
      .map(([code, count]) =>
        words.text('chart.verdicts', {
          count,
          verdict: withoutMark(words.text(`verdict.${code}`)),
        }),
      )
      .join(words.text('join.clauses')),
  })
}

/** A verdict without the emoji before it: `supported`. */
function withoutMark(verdict: string): string {
  return verdict.replace(/^[^\p{L}]+/u, '')
}

interface Panel extends ClaimPanel {
  readonly ids: readonly string[]
}

/** The judged claims; those in the same unit share a panel, in the order of the file. */
function panelsOf(results: readonly HypothesisResult[], context: Context): readonly Panel[] {
  const panels = new Map<string, Panel>()
  for (const result of results) {
    const claim = judgedClaim(result, context)
    if (claim === undefined) continue
    const { axis, neutral } = axisOf(result, context)
    const known = panels.get(axis)
    panels.set(axis, {
      axis,
      ...(neutral !== undefined && { neutral }),
      claims: [...(known?.claims ?? []), claim],
      ids: [...(known?.ids ?? []), result.hypothesis.id],
    })
  }
  return [...panels.values()]
}

function axisOf(
  { hypothesis: { claim }, figure: { metric } }: HypothesisResult,
  { words, metricWords }: Context,
): { readonly axis: string; readonly neutral?: number } {
  if (claim.kind === 'value') {
    const unit = metric.unit === '%' ? ' (%)' : unitText(metric.unit)
    const axis = metricWords.label(metric) + unit
    return metric.family === 'capacity' ? { axis, neutral: 0 } : { axis }
  }
  if (claim.kind === 'ratio') return { axis: words.text('chart.ratioAxis'), neutral: 100 }
  if (metric.change === 'ratio') return { axis: words.text('chart.changeAxis'), neutral: 0 }
  const axis =
    metric.unit === '%'
      ? words.text('chart.pointsAxis')
      : words.text('column.change') + unitText(metric.unit)
  return { axis, neutral: 0 }
}

function statementOf({ hypothesis }: HypothesisResult): string {
  return `${hypothesis.id} ${hypothesis.statement}`
}

/** Undefined if the claim has no measured value or no verdict. */
function judgedClaim(result: HypothesisResult, context: Context): JudgedClaim | undefined {
  const { measured, interval, verdict, hypothesis, figure } = result
  const { words, configs, analysis } = context
  const { claim } = hypothesis
  const colour = colours[verdict.code]
  if (measured === undefined || colour === undefined) return undefined
  const base = claim.kind === 'value' ? undefined : configs.get(claim.versus)
  const neutral = claim.kind === 'ratio' ? 100 : 0
  const floor = base && floorOf(figure.metric, base, analysis.floor)
  return {
    statement: statementOf(result),
    verdict: words.text('chart.verdict', {
      verdict: words.text(`verdict.${verdict.code}`),
      measured: measuredText(result, words),
      target: targetText(result, words),
    }),
    colour,
    measured,
    ...(interval &&
      interval.high < Infinity && { interval: { low: interval.low, high: interval.high } }),
    target: targetOf(claim),
    ...(floor !== undefined && { floor: { low: neutral - floor, high: neutral + floor } }),
  }
}

function targetOf(claim: HypothesisResult['hypothesis']['claim']): JudgedClaim['target'] {
  if (claim.kind === 'same') return { low: -claim.band, high: claim.band }
  const { comparator, value } = claim.threshold
  return comparator.startsWith('<') ? { high: value } : { low: value }
}

function unjudgedClaim(result: HypothesisResult, context: Context): UnjudgedClaim {
  const { words } = context
  const { code, reason } = result.verdict
  const verdict = words.text(`verdict.${code}`)
  return {
    statement: statementOf(result),
    verdict:
      reason === undefined
        ? verdict
        : words.text('chart.noVerdict', { verdict, reason: reasonText(reason, context) }),
  }
}
