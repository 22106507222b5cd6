/** The answer of an experiment in five lines of a terminal. */
import type { Analysis, ConfigAnalysis, HypothesisResult, Ratio } from '../analysis/analysis.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { fixed, percentChange, ratio, share, signed } from '../report/format.ts'
import { oneLine } from '../report/plain-text.ts'

export interface AnswerInput {
  readonly experiment: Experiment
  readonly analysis: Analysis
  /** What to call the result: `v1.1, complete`. */
  readonly state: string
  /** Where to read on. */
  readonly where: string
}

/** Plain text, no control codes, at most five lines. */
export function answerLines({
  experiment,
  analysis,
  state,
  where,
}: AnswerInput): readonly string[] {
  const labels = new Map(analysis.configs.map(({ config }) => [config.key, oneLine(config.label)]))
  return [
    `${oneLine(experiment.title)} (${state})`,
    ...(analysis.standIn
      ? [
          'STAND-IN: measured on the embedded engine, not on what the file asks for; the figures say nothing about Ollama',
        ]
      : []),
    ...lines(ratioLine(analysis.ratios, labels) ?? figureLine(analysis.configs)),
    ...lines(hypothesisLine(analysis.hypotheses)),
    where,
  ]
}

function lines(line: string | undefined): readonly string[] {
  return line === undefined ? [] : [line]
}

function ratioLine(
  ratios: readonly Ratio[],
  labels: ReadonlyMap<string, string>,
): string | undefined {
  const shown = ratios.flatMap(({ config, figure, value }) =>
    figure.value === undefined || value === undefined
      ? []
      : [`${labels.get(config) ?? config} ${fixed(figure.value, 0)} ms ${ratio(value)}`],
  )
  return shown.length === 0 ? undefined : `mean latency: ${shown.join(' · ')}`
}

function figureLine(configs: readonly ConfigAnalysis[]): string | undefined {
  const shown = configs.flatMap(({ config, figures }) => {
    const latency = figures.get('latencyMean')?.value
    return latency === undefined ? [] : [`${oneLine(config.label)} ${fixed(latency, 0)} ms`]
  })
  return shown.length === 0 ? undefined : `mean latency: ${shown.join(' · ')}`
}

function hypothesisLine(hypotheses: readonly HypothesisResult[]): string | undefined {
  if (hypotheses.length === 0) return undefined
  return hypotheses
    .map((result) => `${result.hypothesis.id} ${measured(result)}, target ${target(result)}`)
    .join(' · ')
}

function measured({ hypothesis: { claim }, measured, figure }: HypothesisResult): string {
  if (measured === undefined) return 'not measured'
  if (claim.kind === 'ratio') return share(measured)
  if (claim.kind === 'value') return `${fixed(measured, 1)} ${figure.metric.unit}`
  return figure.metric.change === 'ratio' ? percentChange(measured) : `${signed(measured)} points`
}

function target({ hypothesis: { claim } }: HypothesisResult): string {
  return claim.kind === 'same' ? `±${claim.text}` : claim.threshold.text
}
