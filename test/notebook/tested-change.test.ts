import { expect, it } from 'vitest'
import { testedRatio } from '../../src/notebook/tested-change.ts'

const ratio = (metric: string, value: number) => ({
  label: 'Q8',
  metric,
  value,
  interval: { low: value * 0.99, high: value * 1.01, confidence: 0.95 },
})

it('calls a larger ratio worse for latencies, and better for speeds', () => {
  expect(testedRatio(ratio('ratio', 0.5), ratio('ratio', 0.8)).mark).toBe('worse')
  const speed = 'ratio.decodeSpeed'
  expect(testedRatio(ratio(speed, 0.5), ratio(speed, 0.8)).mark).toBe('better')
})
