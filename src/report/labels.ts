/** The names of configs and metrics as a report writes them. */
import type { PhrasingContent } from 'mdast'
import type { Check } from '../experiment/dataset.ts'
import type { Config } from '../experiment/experiment.ts'
import { shorten, type Limit } from './limit.ts'
import { strong, text } from '../markdown/markdown.ts'
import { oneLine } from '../format/plain-text.ts'
import { metricById, type Metric } from '../metrics/catalog.ts'
import type { TemplateSet } from '../templates/templates.ts'
import { readWords, type WordId } from '../templates/words.ts'

/** The labels of configs, by key. */
export interface Labels {
  full(key: string): string
  /**
   * The text in parentheses, such as `默认` of `本机本地 (默认)`, if all labels of the config's group differ only in it.
   * Otherwise the full label.
   */
  short(key: string): string
}

export function labelsOf(configs: readonly Config[], limit: Limit): Labels {
  const full = new Map(
    configs.map(({ key, label }) => [key, shorten(oneLine(label) || key, limit)]),
  )
  const short = new Map<string, string>()
  for (const members of groupsOf(configs).values()) {
    const parts = members.map(({ key }) => ({ key, ...splitLabel(full.get(key) ?? key) }))
    const [first] = parts
    const haveSameHead =
      parts.length > 1 && parts.every(({ head, tail }) => tail !== '' && head === first?.head)
    const areDistinct = new Set(parts.map(({ tail }) => tail)).size === parts.length
    if (haveSameHead && areDistinct) for (const { key, tail } of parts) short.set(key, tail)
  }
  return {
    full: (key) => full.get(key) ?? key,
    short: (key) => short.get(key) ?? full.get(key) ?? key,
  }
}

/** The configs of each group; groups and configs are in the order of the experiment file. */
export function groupsOf(configs: readonly Config[]): ReadonlyMap<string, readonly Config[]> {
  const groups = new Map<string, Config[]>()
  for (const config of configs)
    groups.set(config.group, [...(groups.get(config.group) ?? []), config])
  return groups
}

/** A label with its head in bold: `**本机本地** (默认)`; a label without parentheses is all bold. */
export function boldLabel(label: string): PhrasingContent[] {
  const { head, tail, rest } = splitLabel(label)
  return tail === '' ? strong(label) : [...strong(head), ...text(rest).map(spaceBefore)]
}

/**
 * A label as it reads inside a sentence: `mean latency` for `Mean latency`, and `P95 延迟` for `P95延迟`. Labels that
 * start with an acronym keep their capitals.
 */
export function inSentence(label: string): string {
  const lowerCase = /^[A-Z][a-z]/.test(label)
    ? label.charAt(0).toLowerCase() + label.slice(1)
    : label
  return lowerCase.replace(/([A-Za-z0-9])(?=\p{Script=Han})/gu, '$1 ')
}

function spaceBefore(node: PhrasingContent): PhrasingContent {
  return node.type === 'text' ? { ...node, value: ` ${node.value}` } : node
}

/** The parts of `head (tail)`; `rest` is the tail with its parentheses. */
function splitLabel(label: string): { head: string; tail: string; rest: string } {
  const [, head = label, rest = '', tail = ''] =
    /^(.*\S)\s*([(（]([^()（）]+)[)）])$/.exec(label) ?? []
  return { head, tail: tail.trim(), rest }
}

export interface MetricWords {
  /** For tables and lists. The label of a score is the name of its check. */
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
    metric.family === 'score' ? metric.check : words.text(`label.${metric.id}`)
  return {
    label,
    labelOf: (id) => {
      const metric = metricById(id)
      return metric === undefined ? id : label(metric)
    },
    inSentence: (metric) => (metric.family === 'score' ? metric.check : inSentence(label(metric))),
    definition: (metric) => words.text(definitionId(metric)),
  }
}

/** The words of metrics, with the labels that datasets give their checks. */
export function withCheckLabels(metricWords: MetricWords, checks: readonly Check[]): MetricWords {
  const labels = new Map(
    checks.flatMap(({ name, label }) => (label === undefined ? [] : [[name, label] as const])),
  )
  if (labels.size === 0) return metricWords
  const checkLabel = (metric: Metric) =>
    metric.family === 'score' ? labels.get(metric.check) : undefined
  const label: MetricWords['label'] = (metric) => checkLabel(metric) ?? metricWords.label(metric)
  return {
    ...metricWords,
    label,
    labelOf: (id) => {
      const metric = metricById(id)
      return metric === undefined ? id : label(metric)
    },
    inSentence: (metric) => {
      const own = checkLabel(metric)
      return own === undefined ? metricWords.inSentence(metric) : inSentence(own)
    },
  }
}

function definitionId(metric: Metric): WordId<'metrics'> {
  return metric.family === 'score'
    ? `definition.score.${metric.measure ?? 'other'}`
    : `definition.${metric.id}`
}
