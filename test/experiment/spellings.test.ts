/**
 * Figures in the words of people and tools: what is read, and what is refused with a way out that is not wrong either.
 */
import { describe, expect, it } from 'vitest'
import { readFigure } from '../../src/experiment/values/recorded-figure.ts'
import { isRead } from '../../src/experiment/values/reading.ts'
import { parseThreshold } from '../../src/experiment/values/threshold.ts'
import { metricById } from '../../src/metrics/catalog.ts'

type Figure = Parameters<typeof readFigure>[1]

function read(id: string, written: Figure) {
  const metric = metricById(id)
  return metric === undefined ? expect.fail(id) : readFigure(metric, written)
}

describe('a figure of a document', () => {
  it.each([
    ['decodeSpeed', '53.2 token per sec', 53.2],
    ['decodeSpeed', '53.2tok/s', 53.2],
    ['decodeSpeed', '5３.2 ｔｏｋ／ｓ', 53.2],
    ['decodeSpeed', '53.2 词元/秒', 53.2],
    ['decodeSpeed', '53.2 tokens每秒', 53.2],
    ['decodeSpeed', '3.2 K tokens/s', 3200],
    ['tpot', '56.71 ms per output token', 56.71],
    ['tpot', '0.0567 sec per token', 56.7],
    ['load', '1 min 32 s', 92_000],
    ['load', '1 minute 32 seconds', 92_000],
    ['load', '1分32.5秒', 92_500],
    ['load', '500毫秒', 500],
    ['load', '2小时', 7_200_000],
    ['latencyMean', '0.5 s per request', 500],
    ['latencyMean', '500 ms/request', 500],
    ['qps', '120 requests per minute', 2],
    ['qps', '2.95 请求每秒', 2.95],
    ['okRate', '999 out of 1,000', 99.9],
    ['okRate', '3/4 (75.0 %)', 75],
    ['gpuShare', '100%  GPU', 100],
    ['gpuShare', '48%/52% GPU/CPU', 48],
    ['gpuShare', '48% CPU / 52% GPU', 52],
    ['gpuShare', '52.5% GPU, 47.5% CPU', 52.5],
    ['promptTokens', '46 tokens/request', 46],
    ['peakMemory', '5.1Gi', 5.476],
    ['peakMemory', '5615MiB / 15360MiB', 5.88775],
  ] as const)('gives %s of %s', (id, written, value) =>
    expect(read(id, written)).toMatchObject({ value: { value } }),
  )

  it.each(['~53 t/s', '∼53 t/s', '≈ 53 t/s', 'approx. 53 t/s', 'circa 53 t/s', '大约53 t/s'])(
    'is approximate if it says %s',
    (written) =>
      expect(read('decodeSpeed', written)).toMatchObject({
        value: { value: 53, approximate: true },
      }),
  )

  it.each([
    ['decodeSpeed', '0,525 t/s', 'write a decimal point: `0.525`, not `0,525`'],
    ['decodeSpeed', '53.2 t/s - 60.1 t/s', 'write one number, not a limit or a range'],
    ['decodeSpeed', 'between 53 and 60 t/s', 'write one number, not a limit or a range'],
    ['decodeSpeed', '60+ t/s', 'write one number, not a limit or a range'],
    [
      'decodeSpeed',
      '5.21, 5.30, 5.18 t/s',
      'write several runs as a list, such as `[A, B, C] UNIT`',
    ],
    ['load', '1:32.5', 'write the units: `1m32.5s`, not `1:32.5`'],
    ['load', '-5ms', 'write the figure itself, not a change, or remove the line'],
    ['load', '12.34m ± 2%', 'write `min` or `ms`'],
    ['requests', '221 requests', 'write only the number'],
  ] as const)('is refused as %s if it says %s, with a way out', (id, written, hint) =>
    expect(read(id, written)).toMatchObject({ hint }),
  )

  it.each(['[1,124,1,512] t/s', '[98,102,99] t/s', '[0,525,0,530] t/s'])(
    'is refused if the commas of %s may separate runs or thousands',
    (written) =>
      expect(read('decodeSpeed', written)).toMatchObject({
        hint: 'write a space after each comma between two runs',
      }),
  )

  it('is refused if YAML may have split its thousands', () => {
    // `[1,124, 1,230]` in the file
    expect(read('promptTokens', [1, 124, 1, 230])).toHaveProperty('hint')
    expect(read('latencyMean', ['1', '124 ms', '1', '230 ms'])).toHaveProperty('hint')
    expect(read('promptTokens', [98, 102, 99])).toHaveProperty('value')
    expect(read('decodeSpeed', '[475,480,478] t/s')).toHaveProperty('value.runs')
  })
})

describe('a threshold', () => {
  it.each([
    ['≤ −30％', '<=', -30, '%'],
    ['<= - 30%', '<=', -30, '%'],
    ['＞＝ 1.5倍', '>=', 1.5, 'x'],
    ['≧ 1.5 times', '>=', 1.5, 'x'],
    ['>= 5 个百分点', '>=', 5, 'pp'],
    ['>= 5 percentage points', '>=', 5, 'pp'],
  ] as const)('may be written %s', (written, comparator, value, unit) => {
    const reading = parseThreshold(written)
    expect(isRead(reading) && reading.value).toEqual({ comparator, amount: { value, unit } })
  })
})
