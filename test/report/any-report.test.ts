import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Absence } from '../../src/analysis/figure.ts'
import type { Config, Hypothesis, RecordedConfig } from '../../src/experiment/experiment.ts'
import { locales } from '../../src/format/locales.generated.ts'
import { parseMarkdown, writeMarkdown } from '../../src/markdown/markdown.ts'
import { metrics } from '../../src/metrics/catalog.ts'
import { answerLines, renderReport } from '../../src/report/report.ts'
import {
  analysisOf,
  experimentOf,
  inputOf,
  measuredConfig,
  recordedConfig,
  type ConfigInput,
  type FigureInput,
} from './support/analysis.ts'
import { lintMarkdown } from '../support/markdown-lint.ts'

const shownIds = metrics.map(({ id }): string => id).concat('score.准确性')

const absences: readonly Absence[] = [
  { code: 'pending' },
  { code: 'failed', reason: 'x' },
  { code: 'too-few', n: 3, minSamples: 20 },
  { code: 'none-ok', windowMs: 30_000 },
  { code: 'one-token' },
  { code: 'cache-unknown' },
  { code: 'not-recorded' },
  { code: 'not-applicable' },
  { code: 'no-evidence' },
  { code: 'not-sampled', reason: '`x` is | not installed' },
  { code: 'few-samples' },
  { code: 'above-size' },
  { code: 'gpu-power-unknown' },
  { code: 'audit', audit: 'timeBudget' },
]

const positive = fc.oneof(
  fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  fc.integer({ min: 1, max: 100 }),
)
const figureInputs: fc.Arbitrary<FigureInput> = fc.oneof(
  { weight: 6, arbitrary: positive },
  { weight: 1, arbitrary: fc.constantFrom(...absences) },
  {
    weight: 1,
    arbitrary: positive.map((value) => ({
      value,
      doubts: [{ code: 'missingRounds' as const, details: { missing: 1, ended: 3 } }],
    })),
  },
)

const config = (
  index: number,
  group: string,
  from: number | undefined,
  recorded: boolean,
): Config => {
  const rest = {
    label: `配置 (${index})`,
    group,
    env: {
      OLLAMA_NUM_PARALLEL: String(index),
      ...(index % 2 === 0 ? { OLLAMA_MAX_QUEUE: '4' } : {}),
    },
    ...(from === undefined ? {} : { from: `c${from}` }),
  }
  return recorded
    ? recordedConfig(`c${index}`, { ...rest, ...documents[index % documents.length] })
    : measuredConfig(`c${index}`, rest)
}

/** What documents say besides their figures. */
const documents: readonly Partial<RecordedConfig>[] = [
  {},
  {
    facts: {
      written: { layers: '0/29', vram: '0 GB' },
      values: { layersOffloaded: 0, layersTotal: 29, vramBytes: 0 },
    },
  },
  {
    figures: [
      { metric: 'decodeSpeed', value: 5.2, runs: [{ value: 5.1 }, { value: 5.3 }] },
      { metric: 'throughput', value: 9, spread: { value: 0.25, kind: 'ci95', runs: 4 } },
      { metric: 'qps', value: 3, spread: { value: 1 } },
    ],
    log: { path: 'old.log', digest: 'sha256:0', facts: { slots: 1, computeDevice: 'CUDA' } },
  },
]

const results: fc.Arbitrary<readonly ConfigInput[]> = fc
  .array(
    fc.record({
      group: fc.constantFrom('甲', '乙', '丙'),
      from: fc.option(fc.nat(7), { nil: undefined }),
      recorded: fc.boolean(),
      pending: fc.boolean(),
      figures: fc.dictionary(fc.constantFrom(...shownIds), figureInputs, { noNullPrototype: true }),
      slots: fc.option(fc.integer({ min: 1, max: 16 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((written) =>
    written.map(({ group, from, recorded, pending, figures, slots }, index) => ({
      config: config(
        index,
        group,
        from === undefined || from >= index ? undefined : from,
        recorded,
      ),
      ...(pending && !recorded ? { state: 'pending' as const } : { figures }),
      ...(slots === undefined || recorded
        ? {}
        : { facts: { slots, computeDevice: slots > 8 ? 'CPU' : 'Metal' } }),
    })),
  )

const claims: readonly Hypothesis['claim'][] = [
  {
    kind: 'value',
    metric: 'qps',
    config: 'c0',
    threshold: { comparator: '>', value: 3, text: '> 3/s' },
  },
  { kind: 'same', metric: 'score.准确性', config: 'c0', versus: 'c0', band: 5, text: '5pp' },
  {
    kind: 'ratio',
    metric: 'latencyMean',
    config: 'c0',
    versus: 'c0',
    threshold: { comparator: '<=', value: 90, text: '<= 90%' },
  },
]

describe.each(locales)('any report in %s', (locale) => {
  it('composes to the same text, passes the Markdown rules, and prints no missing value', () => {
    fc.assert(
      fc.property(
        results,
        fc.nat(3),
        fc.option(fc.double({ min: 0, max: 50, noNaN: true })),
        (configs, count, halfWidth) => {
          const experiment = experimentOf(
            configs.map((each) => each.config),
            {
              baseline: 'c0',
              hypotheses: claims.slice(0, count).map((claim, index) => ({
                id: `H${index + 1}`,
                statement: '说法',
                claim,
                gate: false,
              })),
            },
          )
          const analysis = analysisOf(experiment, configs, halfWidth === null ? {} : { halfWidth })
          const input = inputOf(experiment, analysis, { locale })
          const report = renderReport(input)
          expect(writeMarkdown(parseMarkdown(report))).toBe(report)
          expect(lintMarkdown(report)).toEqual([])
          expect(report).not.toMatch(/undefined|NaN|Infinity|null|\[object|\{\{/)
          expect(report).not.toMatch(/\| *\|/)
          expect(renderReport(input)).toBe(report)
          for (const line of answerLines(input)) expect(line).not.toMatch(/undefined|NaN|\*\*/)
        },
      ),
      { numRuns: 40 },
    )
  })
})
