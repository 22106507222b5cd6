/** How much shorter prefill is where the server has seen the sample before. */
import { quantiles } from '../stats/quantile.ts'
import type { MeasuredRequests } from './measured-requests.ts'

/** How long prefill of one sample took: the first time it was asked, and all times together. */
interface PrefillTimes {
  firstSent: number
  first: number
  total: number
  n: number
}

/** How many times longer prefill takes the first time a sample is asked than later: the median over samples. */
export function prefillCollapse({ table, ok }: MeasuredRequests): number | undefined {
  const { codes } = table.texts('sample')
  const [prefills, sentAt] = [table.numbers('promptEvalMs'), table.numbers('sentMs')]
  const bySample = new Map<number, PrefillTimes>()
  for (const row of ok) {
    const code = codes[row] ?? NaN
    const times = bySample.get(code) ?? { firstSent: Infinity, first: 0, total: 0, n: 0 }
    bySample.set(code, times)
    const [prefill, sent] = [prefills[row] ?? NaN, sentAt[row] ?? NaN]
    times.total += prefill
    times.n += 1
    if (sent >= times.firstSent) continue
    times.firstSent = sent
    times.first = prefill
  }
  const ratios = [...bySample.values()].flatMap(({ first, total, n }) => {
    const ratio = first / ((total - first) / (n - 1))
    return n > 1 && Number.isFinite(ratio) ? [ratio] : []
  })
  return quantiles(ratios, [0.5]).find((median) => !Number.isNaN(median))
}
