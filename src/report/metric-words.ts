/** The labels and definitions of metrics: `metrics.yaml` of a locale. */
import { metricById, type Metric } from '../metrics/catalog.ts'
import type { TemplateSet } from '../templates/templates.ts'
import { readWords, type WordId } from '../templates/words.ts'
import { inSentence } from './labels.ts'

export interface MetricWords {
  /** For tables and lists. Scores have the name of their check, which the dataset gives. */
  label(metric: Metric): string
  /** The label of the metric with this id; the id itself if no metric has it. */
  labelOf(id: string): string
  /** The label as it reads inside a sentence. Names of scores stay unchanged. */
  inSentence(metric: Metric): string
  /** May hold Markdown. */
  definition(metric: Metric): string
}

/** @throws `ExpError('template')` if a word is missing or unknown */
export function readMetricWords(templates: TemplateSet): MetricWords {
  const words = readWords(templates, 'metrics')
  const label: MetricWords['label'] = (metric) =>
    metric.family === 'score' ? metric.check : words.say(`label.${metric.id}`)
  return {
    label,
    labelOf: (id) => {
      const metric = metricById(id)
      return metric === undefined ? id : label(metric)
    },
    inSentence: (metric) => (metric.family === 'score' ? metric.check : inSentence(label(metric))),
    definition: (metric) => words.say(definitionId(metric)),
  }
}

function definitionId(metric: Metric): WordId<'metrics'> {
  return metric.family === 'score'
    ? `definition.score.${metric.measure ?? 'other'}`
    : `definition.${metric.id}`
}
