/** Labels inside a sentence. */
import type { Locale } from '../format/locale.ts'
import type { Metric } from '../metrics/metric.ts'

/** `mean latency` for `Mean latency`; `QPS` and `P95 latency` stay. */
export function inSentence(label: string): string {
  return /^[A-Z][a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label
}

/** A metric inside a sentence; the name of a score is its dataset's own, and stays as it is. */
export function metricInSentence({ label, family }: Metric, locale: Locale): string {
  return family === 'score' ? label[locale] : inSentence(label[locale])
}
