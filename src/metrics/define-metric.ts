/** How the catalogue's entries are written: one metric, or the four statistics of one quantity. */
import type { Localized } from '../format/locale.ts'
import type { Metric, MetricFamily } from './metric.ts'
import type { Unit } from './unit.ts'

/** A metric with what most of its family share filled in: positive by nature, compared by ratio, shown from one sample on. */
export function metric(
  id: string,
  family: MetricFamily,
  unit: Unit,
  zh: readonly [label: string, definition: string],
  en: readonly [label: string, definition: string],
  rest: Partial<Metric> = {},
): Metric {
  return {
    id,
    family,
    unit,
    direction: 'lower',
    aggregation: 'geometric',
    change: 'ratio',
    minSamples: 1,
    label: { 'zh-CN': zh[0], en: en[0] },
    definition: { 'zh-CN': zh[1], en: en[1] },
    ...rest,
  }
}

interface Quantity {
  readonly family: MetricFamily
  /** What is measured of one request. */
  readonly of: Localized
  readonly label: (statistic: Localized) => Localized
}

const statistics = [
  { id: 'Mean', label: { 'zh-CN': '平均', en: 'Mean' }, leastSamples: 1 },
  { id: 'P50', label: { 'zh-CN': 'P50', en: 'P50' }, leastSamples: 1, quantile: 0.5 },
  { id: 'P95', label: { 'zh-CN': 'P95', en: 'P95' }, leastSamples: 20, quantile: 0.95 },
  { id: 'P99', label: { 'zh-CN': 'P99', en: 'P99' }, leastSamples: 100, quantile: 0.99 },
] as const

/** Mean, P50, P95 and P99 of one quantity of a request. */
export function distribution(
  prefix: string,
  suffix: string,
  quantity: Quantity,
): readonly Metric[] {
  return statistics.map((statistic) => {
    const quantile = 'quantile' in statistic ? statistic.quantile : undefined
    const label = quantity.label(statistic.label)
    const least = statistic.leastSamples
    return metric(
      `${prefix}${statistic.id}${suffix}`,
      quantity.family,
      'ms',
      [label['zh-CN'], `${quantity.of['zh-CN']}，只计成功请求${chinese(quantile, least)}。`],
      [label.en, `${quantity.of.en}, over ok requests only${english(quantile, least)}.`],
      { minSamples: least, ...(quantile === undefined ? {} : { quantile }) },
    )
  })
}

function chinese(quantile: number | undefined, least: number): string {
  if (quantile === undefined) return '，取平均'
  return `，Hyndman-Fan 第 7 型分位数${least > 1 ? `，至少 ${least} 个请求` : ''}`
}

function english(quantile: number | undefined, least: number): string {
  if (quantile === undefined) return '; their mean'
  return `; Hyndman-Fan type 7 quantile${least > 1 ? `, from ${least} requests on` : ''}`
}
