import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../../src/errors/limits.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import type { Experiment } from '../../src/experiment/experiment.ts'
import type {
  WrittenConfig,
  WrittenExperiment,
} from '../../src/experiment/schema/written-experiment.ts'
import type { WrittenCheck } from '../../src/experiment/schema/written-dataset.ts'
import { writtenExperiment } from '../../src/experiment/schema/written-experiment.ts'
import { readSource } from '../../src/experiment/source/source.ts'
import type { WrittenFigure } from '../../src/experiment/values/recorded-figure.ts'
import { writeExperiment } from '../../src/experiment/write-experiment.ts'
import { yamlText } from '../../src/experiment/yaml-text.ts'
import { experimentText, parsed } from './support.ts'

/** Undefined values are left out, as in a file. */
function optional<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined })
}

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((value) => /\S/.test(value) && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value))
/** A text as a file may give it: once, or by language. */
const texts = (one: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 2, arbitrary: one },
    fc.record({ en: one }),
    fc.record({ 'zh-CN': one, en: one }),
  )
const lines = fc.array(text, { minLength: 1, maxLength: 4 }).map((all) => all.join('\n'))
const turns = fc.array(fc.record({ text: lines, expected: optional(text) }), {
  minLength: 2,
  maxLength: 3,
})
const duration = fc.constantFrom('30s', '1500ms', '5m', '1h30m', '0.25s', '90s')
const options = fc.record(
  {
    num_ctx: fc.integer({ min: 1, max: 9999 }),
    temperature: fc.constantFrom(0, 0.1, 1e-7),
    stop: fc.constantFrom('x', ['a', 'b']),
    other: fc.boolean(),
  },
  { requiredKeys: [] },
)
const digest = fc.stringMatching(/^[0-9a-f]{12,64}$/)
const model = fc.oneof(
  text,
  fc.record({ name: text, size: text, digest }),
  fc.record({ name: text }),
)
const target = fc.constantFrom<NonNullable<WrittenConfig['target']>>(
  'process',
  'embedded',
  { process: { version: '0.11.3', pull: true } },
  { docker: { image: 'ollama/ollama:0.11.3', cpus: 1.5, memory: '8g' } },
  { url: 'http://127.0.0.1:11434', headers: { Authorization: 'Bearer ${NAME}' } },
)
const figures = fc.record(
  {
    qps: fc.constantFrom('6.53/s', '90/min', '0.0000001/s'),
    latencyMean: fc.constantFrom('~45.4s', '90,725.5ms'),
    okRate: fc.constantFrom('100% (2/2)', '66.7%', '99% ± 1% (99/100)'),
    decodeSpeed: fc.constantFrom('5.28 tok/s', ['5.28 tok/s', '5.3 tok/s'], '5.28 ± 0.1 tok/s'),
    latencyP95: fc.constantFrom<WrittenFigure>(
      { value: '1.2s ± 30ms', spread: 'sd', runs: 5 },
      { value: '~1.2s ± 2%', spread: 'se' },
    ),
    users: fc.constant(3),
  },
  { requiredKeys: ['qps'] },
)
const load = fc.oneof(
  fc.record({ users: fc.integer({ min: 1, max: 9 }), duration }),
  fc.record({
    users: fc.integer({ min: 1, max: 9 }),
    requests: fc.constant(9),
    ramp: fc.constantFrom('2s', '1500ms'),
    pause: fc.constantFrom('2s', { mean: '3s', distribution: 'exponential' as const }),
  }),
  fc.constant({ users: 2, duration: '30s', ramp: '2s' }),
  fc.record({
    users: fc.integer({ min: 1, max: 9 }),
    duration: fc.constant('30s'),
    atLeast: fc.integer({ min: 1, max: 99 }),
    atMost: fc.constantFrom('30s', '5m'),
  }),
  fc.record({ users: fc.integer({ min: 1, max: 9 }), requests: fc.integer({ min: 1, max: 99 }) }),
  fc.record({
    rate: fc.constantFrom('6/s', '90/min', '100/h', '0.0000001/s'),
    arrival: fc.constantFrom('poisson' as const, 'constant' as const),
    duration,
  }),
)

const ownKeys = fc.record({
  label: optional(texts(text)),
  group: optional(texts(text)),
  env: fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('1', 2, true, 'a: b')),
  options: optional(options),
  model: optional(model),
  load: fc.constantFrom(
    undefined,
    { users: 2 },
    { duration: '20s' },
    { users: 3, requests: 9 },
    { users: 2, duration: '30s', atLeast: 5, atMost: '5m' },
    { rate: '6/s', arrival: 'constant' as const, duration: '5s' },
  ),
  workload: fc.constantFrom(
    undefined,
    { cache: 'as-is' as const },
    { system: 'Be brief.', think: false, warmup: { requests: 2 } },
    { prompt: 'Say {{text}}', format: { type: 'string' }, keepAlive: '5m', timeout: '1m' },
    {
      mix: [
        { model: 'b:1b', weight: 3 },
        { name: 'long', model: { name: 'b:1b' }, options: { num_predict: 99 }, system: 'Explain.' },
      ],
    },
  ),
  host: optional(text),
  settle: optional(fc.constantFrom('0s', '5s', '1m')),
  accept: optional(fc.constantFrom([], ['prompts' as const, 'options' as const])),
  target,
  recorded: fc.record(
    {
      source: texts(text),
      date: fc.constant('2025-08-06'),
      metrics: figures,
      facts: fc.constantFrom(
        { ollama: 'v0.12.3', layers: '42/43', vram: '5.1GB' },
        { context: 8192, flashAttention: true, image: 'a/b:c' },
      ),
    },
    { requiredKeys: ['source', 'date', 'metrics'] },
  ),
  isRecorded: fc.boolean(),
  parent: fc.integer({ min: -2, max: 4 }),
  overrides: fc.boolean(),
})

/**
 * Configs that inherit from an earlier one or from none. Each sets a different variable, so that no two measure the
 * same.
 */
const configs = fc.array(ownKeys, { minLength: 1, maxLength: 5 }).map((all) =>
  Object.fromEntries(
    all.map(({ isRecorded, parent, overrides, target, recorded, env, ...own }, index) => {
      const from = parent < 0 || parent >= index ? undefined : `config-${parent}`
      const kind = isRecorded ? { recorded } : { target }
      const config = {
        ...own,
        from,
        ...(from === undefined || overrides ? kind : {}),
        env: { ...env, ID: String(index) },
      }
      return [`config-${index}`, config] as const
    }),
  ),
)

const experiments = fc.record({
  title: texts(text),
  question: optional(texts(lines)),
  locale: fc.constantFrom<WrittenExperiment['locale']>('en', ['zh-CN', 'en'], undefined),
  tags: optional(fc.array(text, { minLength: 1, maxLength: 2 })),
  hardware: optional(fc.record({ device: texts(text), cores: fc.integer({ min: 1, max: 9 }) })),
  model,
  dataset: fc.record({
    name: text,
    samples: fc.uniqueArray(
      fc.oneof(
        { weight: 2, arbitrary: fc.record({ id: text, text: lines, expected: optional(text) }) },
        fc.record({ id: text, note: text, turns }),
      ),
      { selector: ({ id }) => id, minLength: 1, maxLength: 3 },
    ),
    checks: fc.constantFrom<readonly WrittenCheck[] | undefined>(
      undefined,
      [{ name: 'valid', measure: 'json' }],
      [{ name: 'valid', label: { en: 'Valid JSON', 'zh-CN': 'JSON 有效' }, measure: 'json' }],
    ),
  }),
  keep: optional(fc.constant({ answers: 'text' as const })),
  workload: fc.record({
    prompt: fc.constantFrom('Judge {{text}}', '{{text}}\n\n  - {{id}}: #1'),
    system: optional(lines),
    options: optional(options),
    think: fc.constantFrom(undefined, true, 'low' as const),
    format: fc.constantFrom(undefined, 'json' as const, { type: 'object', required: ['b', 'a'] }),
    keepAlive: fc.constantFrom(undefined, -1, '10m'),
    load,
    warmup: optional(fc.record({ requests: fc.integer({ min: 0, max: 9 }) })),
    cache: fc.constantFrom(undefined, 'warm' as const),
    timeout: optional(duration),
  }),
  rounds: fc.constantFrom(undefined, 2, 4),
  until: fc.constantFrom(undefined, { metric: 'qps', halfWidth: '2.5%', maxRounds: 12 }),
  slo: fc.constantFrom(undefined, { latencyP95: '<= 2s', okRate: '>= 99%' }),
  looks: fc.constantFrom(undefined, 3),
  budget: optional(duration),
  whenUnavailable: fc.constantFrom(undefined, 'skip' as const, 'embedded' as const),
  configs,
  baseline: fc.constant('config-0'),
  show: fc.constantFrom(undefined, ['ttftP95', 'users']),
  hypotheses: optional(
    fc.array(
      fc.record({
        statement: texts(text),
        claim: fc.constant({ metric: 'qps', config: 'config-0', value: '>= 1/s' }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  estimates: fc.constantFrom<WrittenExperiment['estimates']>(
    undefined,
    { 虚拟化: '10-20%' },
    { en: { virtualisation: '10-20%' }, 'zh-CN': { 虚拟化: '10-20%' } },
  ),
  analysis: optional(texts(lines)),
  follows: optional(fc.record({ experiment: text, version: fc.constant('v1.0'), cause: text })),
})
/** Conversations cannot be sent at a rate. */
const isSendable = ({ dataset, workload, configs }: WrittenExperiment) =>
  typeof dataset !== 'object' ||
  dataset.samples.every(({ turns }) => turns === undefined) ||
  [workload, ...Object.values(configs)].every((part) => !('rate' in (part?.load ?? {})))
// A file has `rounds` or `until`, not both.
const valid = experiments
  .map((all) =>
    writtenExperiment.parse(all.until === undefined ? all : { ...all, rounds: undefined }),
  )
  .filter(isSendable)

const levelsOf = <Value>(value: fc.Arbitrary<Value>, minLength: number) =>
  fc.uniqueArray(value, { minLength, maxLength: 3, selector: String })
/** Two settings with several values, some with one, and combinations that are left out. */
const races = fc
  .record({
    base: fc.record({
      target,
      env: fc.constantFrom({}, { OLLAMA_NUM_PARALLEL: 1 }, { A: 'x', OLLAMA_KEEP_ALIVE: '-1' }),
      options: fc.constantFrom({}, { num_ctx: 512 }, { num_ctx: 512, temperature: 0 }),
    }),
    slots: levelsOf(fc.integer({ min: 1, max: 4 }), 2),
    contexts: levelsOf(fc.constantFrom(512, 1024, 4096), 2),
    flash: fc.constantFrom(undefined, true, 'false'),
    sampling: fc.constantFrom(undefined, 0.5, [0, 0.5]),
    stop: fc.constantFrom(undefined, [['x', 'y'], 'x']),
    excludes: fc.boolean(),
    maximize: fc.constantFrom('throughput', 'qps'),
    budget: duration,
    ignoreBelow: fc.constantFrom(undefined, '3%', '2.5%'),
  })
  .map(({ base, slots, contexts, flash, sampling, stop, excludes, ...race }) => {
    const exclude = excludes ? [{ OLLAMA_NUM_PARALLEL: slots[0], num_ctx: contexts[0] }] : undefined
    const space = {
      env: {
        OLLAMA_NUM_PARALLEL: slots,
        ...(flash === undefined ? {} : { OLLAMA_FLASH_ATTENTION: flash }),
      },
      options: {
        num_ctx: contexts,
        ...(sampling === undefined ? {} : { temperature: sampling }),
        ...(stop === undefined ? {} : { stop }),
      },
      exclude,
    }
    return writtenExperiment.parse({
      title: 'a race',
      model: 'm',
      dataset: { name: 'd', samples: [{ id: 'a', text: 'x' }] },
      workload: { prompt: '{{text}}', load: { users: 4, duration: '10s' } },
      configs: { base },
      maxConfigs: 100,
      tune: { base: 'base', space, ...race },
    })
  })

describe('a written experiment', () => {
  it('has the same as-written form when it is read again', () => {
    fc.assert(
      fc.property(valid, (written) => {
        const { source } = readSource('a.yaml', yamlText(written), limits.experiment)
        expect(writtenExperiment.parse(source?.value)).toEqual(written)
      }),
    )
  })

  it('means the same when it is parsed again', () => {
    const meaning = ({ configs, ...rest }: Experiment) => ({
      ...rest,
      configs: configs.map((config) => ({ ...config, inheritedOptions: undefined })),
    })
    fc.assert(
      fc.property(valid, (written) => {
        const experiment = parsed(yamlText(written))
        expect(meaning(parsed(writeExperiment(experiment)))).toEqual(meaning(experiment))
      }),
      { numRuns: 200 },
    )
  })

  it('means the same if it has a race', () => {
    fc.assert(
      fc.property(races, (written) => {
        const experiment = parsed(yamlText(written))
        expect(experiment.tuning?.grid.cells.length).toBeGreaterThan(1)
        const text = writeExperiment(experiment)
        expect(parsed(text)).toEqual(experiment)
        expect(
          Object.keys(
            writtenExperiment.parse(readSource('a.yaml', text, limits.experiment).source?.value)
              .configs,
          ),
        ).toEqual(['base'])
      }),
      { numRuns: 200 },
    )
  })

  /**
   * The cells of a grid and the levels of a load are written as configs; claims about a factor as claims about two of
   * them, and claims about what the levels carry not at all.
   */
  const asConfigs = (parsed: Experiment) => {
    const { grid: _, search: __, series, texts, ...experiment } = parsed
    const isWritten = (config: string) => series?.some(({ key }) => key === config) !== true
    const statements = (all: readonly unknown[]) =>
      all.filter((_, index) => isWritten(experiment.hypotheses[index]?.claim.config ?? ''))
    return {
      ...experiment,
      ...(texts && {
        texts: Object.fromEntries(
          Object.entries(texts).map(([locale, each]) => [
            locale,
            { ...each, statements: statements(each.statements) },
          ]),
        ),
      }),
      hypotheses: experiment.hypotheses
        .filter(({ claim }) => isWritten(claim.config))
        .map(({ claim: { factor: ___, ...claim }, ...rest }) => ({ ...rest, claim })),
    }
  }

  const files = readdirSync('experiments').filter((name) => name.endsWith('.yaml'))
  it.each(files)(
    'means the same for experiments/%s, with its dataset in the experiment file',
    (file) => {
      const { experiment } = parseExperiment({
        file,
        text: readFileSync(`experiments/${file}`, 'utf8'),
        readDataset: (dataset) => ({
          file: dataset,
          text: readFileSync(`experiments/${dataset}`, 'utf8'),
        }),
      })
      if (experiment === undefined) expect.fail(`experiments/${file} has errors`)
      expect(parsed(writeExperiment(experiment), file)).toEqual(asConfigs(experiment))
    },
  )

  it('keeps `from` and `until`, and repeats nothing that a config inherits', () => {
    const written = writeExperiment(
      parsed(
        experimentText({
          configs: [
            'configs:',
            '  plain: {target: process, env: {A: 1}, options: {num_ctx: 512}}',
            '  slots: {from: plain, env: {OLLAMA_NUM_PARALLEL: 4}}',
          ].join('\n'),
          until: 'until: {metric: qps, halfWidth: 3%, maxRounds: 20}',
        }),
      ),
    )
    expect(written).toContain(
      [
        '  slots:',
        '    label: slots',
        '    from: plain',
        '    env:',
        '      OLLAMA_NUM_PARALLEL: "4"',
        'baseline: plain',
      ].join('\n'),
    )
    expect(written).toContain('until:\n  metric: qps\n  halfWidth: 3%\n  maxRounds: 20\n')
    expect(written).not.toContain('rounds:')
  })
})
