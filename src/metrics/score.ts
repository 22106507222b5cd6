/** Scores: the metrics that the checks of a dataset define. */
import type { Localized } from '../format/locale.ts'
import type { Metric } from './metric.ts'

/** The id of a score is this prefix and the name of the check. */
export const scorePrefix = 'score.'

export type ScoreMeasure = 'exact' | 'contains' | 'regex' | 'json' | 'closeness'

const definitions: Readonly<Record<ScoreMeasure, Localized>> = {
  exact: { 'zh-CN': '与标注完全相同的比例。', en: 'Share of answers equal to the label.' },
  contains: { 'zh-CN': '包含标注的比例。', en: 'Share of answers that contain the label.' },
  regex: { 'zh-CN': '符合正则表达式的比例。', en: 'Share of answers that match the pattern.' },
  json: { 'zh-CN': '是合法 JSON 的比例。', en: 'Share of answers that are valid JSON.' },
  closeness: {
    'zh-CN': '1 − |回答 − 标注| ÷ 取值范围，取平均。',
    en: '1 − |answer − label| / range; their mean.',
  },
}

const unspecified: Localized = {
  'zh-CN': '数据集自带的检查。',
  en: "A check of the dataset's own.",
}

const pooling: Localized = {
  'zh-CN': '每个样本一个结果 (重复提问取平均)，再按不同样本取平均。',
  en: 'One outcome a sample (its mean over repeats), then the mean over distinct samples.',
}

/**
 * The metric `score.<name>` of a check.
 * @param measure how the check judges an answer; the definition says so if it is known
 */
export function scoreMetric(name: string, measure?: ScoreMeasure): Metric {
  const how = measure === undefined ? unspecified : definitions[measure]
  return {
    id: scorePrefix + name,
    family: 'score',
    unit: '%',
    direction: 'higher',
    aggregation: 'pooled',
    change: 'difference',
    appliesTo: 'any',
    prominence: 'table',
    inTryTable: false,
    minSamples: 1,
    label: { 'zh-CN': name, en: name },
    definition: {
      'zh-CN': how['zh-CN'] + pooling['zh-CN'],
      en: `${how.en} ${pooling.en}`,
    },
  }
}
