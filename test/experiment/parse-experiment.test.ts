import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { locales } from '../../src/format/locales.generated.ts'
import { experimentSchemaText } from '../../src/experiment/schema/schema-text.ts'
import { codes, config, experimentText, initialText, measured, parse, parsed } from './support.ts'

const experiments = path.join(import.meta.dirname, '../../experiments')

describe('parseExperiment', () => {
  it('fills in defaults', () => {
    const experiment = parsed(experimentText())
    expect(experiment).toMatchObject({
      id: 'slots',
      locales: ['zh-CN'],
      keep: { prompts: 'digest', answers: 'none' },
      rounds: 6,
      whenUnavailable: 'fail',
      hypotheses: [],
      show: [],
    })
    expect(measured(experiment, 'plain')).toMatchObject({
      label: 'plain',
      group: 'plain',
      settleMs: 0,
      workload: {
        api: 'chat',
        warmupRequests: 3,
        cache: 'cold',
        timeoutMs: 600_000,
        load: {
          kind: 'closed-duration',
          users: 3,
          durationMs: 30_000,
          atLeast: 0,
          atMostMs: 30_000,
        },
      },
    })
  })

  it('keeps the order of configs, even if keys are numbers', () => {
    const text = experimentText({
      configs: 'configs: {b: {target: process}, 2: {target: embedded}, 1: {from: b, env: {A: 1}}}',
      baseline: '',
    })
    expect(parsed(text).configs.map(({ key }) => key)).toEqual(['b', '2', '1'])
  })

  it('puts a config into the group of its `from`, by default named after the label of the first', () => {
    const text = experimentText({
      configs:
        'configs: {a: {label: A, target: process}, b: {from: a, label: B, env: {X: 1}}, c: {from: b, group: C, env: {X: 2}}, d: {target: embedded}}',
      baseline: '',
    })
    expect(parsed(text).configs).toMatchObject([
      { key: 'a', group: 'A' },
      { key: 'b', group: 'A' },
      { key: 'c', group: 'C' },
      { key: 'd', group: 'd' },
    ])
  })

  it('reads each kind of load', () => {
    const load = (written: string) =>
      measured(
        parsed(experimentText({ workload: `workload: {prompt: x, load: ${written}}` })),
        'plain',
      ).workload.load
    expect(load('{users: 3, requests: 221}')).toEqual({
      kind: 'closed-requests',
      users: 3,
      requests: 221,
    })
    expect(load('{rate: 90/min, duration: 1m}')).toEqual({
      kind: 'open',
      ratePerSecond: 1.5,
      arrival: 'poisson',
      durationMs: 60_000,
    })
    expect(load('{users: 3, duration: 4s, atLeast: 20, atMost: 2m}')).toMatchObject({
      atLeast: 20,
      atMostMs: 120_000,
    })
    expect(load('{users: 3, requests: 9, ramp: 2s}')).toEqual({
      kind: 'closed-requests',
      users: 3,
      requests: 9,
      rampMs: 2000,
    })
    expect(load('{users: 3, duration: 4s, ramp: auto}')).toMatchObject({ rampMs: 'auto' })
    expect(load('{users: 3, duration: 4s, pause: 2s}')).toMatchObject({
      pause: { meanMs: 2000, distribution: 'constant' },
    })
    expect(load('{users: 3, requests: 9, pause: {mean: 500ms}}')).toMatchObject({
      pause: { meanMs: 500, distribution: 'exponential' },
    })
  })

  it('inherits everything but the label, and merges env and options key by key', () => {
    const experiment = parsed(
      experimentText({
        workload:
          'workload: {prompt: x, options: {temperature: 0, seed: 1}, load: {users: 1, requests: 2}}',
        configs: [
          'configs:',
          '  base: {label: Base, group: Native, target: process, settle: 5s, env: {A: 1, B: 1}, options: {seed: 2}}',
          '  middle: {from: base, env: {B: 2, C: true}, model: other}',
          '  end: {from: middle, options: {top_k: 1}, label: End}',
        ].join('\n'),
        baseline: '',
      }),
    )
    expect(measured(experiment, 'end')).toMatchObject({
      label: 'End',
      group: 'Native',
      from: 'middle',
      model: { name: 'other' },
      settleMs: 5000,
      env: { A: '1', B: '2', C: 'true' },
      options: { temperature: 0, seed: 2, top_k: 1 },
    })
    expect(measured(experiment, 'middle').label).toBe('middle')
  })

  it('reads recorded configs without model, workload or dataset, and lets measured configs inherit from them', () => {
    const recorded =
      'recorded: {source: old.md, date: 2025-08-06, metrics: {qps: 6.53/s, sampleTime: ~45.4s, okRate: 100% (2/2)}}'
    const old = config(
      parsed(`title: Old\nconfigs: {old: {${recorded}, env: {OLLAMA_NUM_PARALLEL: 1}}}`),
      'old',
    )
    expect(old).toMatchObject({
      kind: 'recorded',
      date: '2025-08-06',
      env: { OLLAMA_NUM_PARALLEL: '1' },
      figures: [
        { metric: 'qps', value: 6.53 },
        { metric: 'sampleTime', value: 45_400, approximate: true },
        { metric: 'okRate', value: 100, counts: { part: 2, whole: 2 } },
      ],
    })
    const both = parsed(
      experimentText({
        configs: `configs:\n  old: {${recorded}}\n  new: {from: old, target: process}`,
        baseline: '',
      }),
    )
    expect(both.configs.map(({ kind }) => kind)).toEqual(['recorded', 'measured'])
  })

  it('compares the config of a claim with `versus`, else its `from`, else the baseline', () => {
    const experiment = parsed(
      experimentText({
        configs: [
          'configs:',
          '  plain: {target: process}',
          '  slots: {from: plain, env: {OLLAMA_NUM_PARALLEL: 4}}',
          '  docker: {target: {docker: {image: "ollama/ollama:0.11.3"}}}',
        ].join('\n'),
        hypotheses: [
          'hypotheses:',
          '  - {statement: a, claim: {metric: qps, config: slots, versus: docker, ratio: ">= 0.8x"}}',
          '  - {statement: b, claim: {metric: latencyP95, config: slots, change: "<= −30 %"}}',
          '  - {statement: c, claim: {metric: qps, config: docker, same: 5%}, gate: true}',
          '  - {statement: d, claim: {metric: latencyP95, config: docker, value: "<= 0.5s"}}',
        ].join('\n'),
        baseline: 'baseline: plain',
      }),
    )
    expect(experiment.hypotheses.map(({ id, claim }) => [id, claim])).toEqual([
      [
        'H1',
        {
          metric: 'qps',
          config: 'slots',
          kind: 'ratio',
          versus: 'docker',
          threshold: { comparator: '>=', value: 80, text: '>= 0.8x' },
        },
      ],
      [
        'H2',
        {
          metric: 'latencyP95',
          config: 'slots',
          kind: 'change',
          versus: 'plain',
          threshold: { comparator: '<=', value: -30, text: '<= −30 %' },
        },
      ],
      [
        'H3',
        { metric: 'qps', config: 'docker', kind: 'same', versus: 'plain', band: 5, text: '5%' },
      ],
      [
        'H4',
        {
          metric: 'latencyP95',
          config: 'docker',
          kind: 'value',
          threshold: { comparator: '<=', value: 500, text: '<= 0.5s' },
        },
      ],
    ])
    expect(experiment.hypotheses.map(({ gate }) => gate)).toEqual([false, false, true, false])
  })

  it('reads `until` instead of `rounds`', () => {
    const experiment = parsed(
      experimentText({ until: 'until: {metric: qps, halfWidth: 2.5%, maxRounds: 20}' }),
    )
    expect(experiment).toMatchObject({
      rounds: 20,
      until: { metric: 'qps', halfWidth: 2.5, maxRounds: 20 },
    })
  })

  it('reads the objectives of the service in the units of their metrics', () => {
    const text = experimentText({ slo: 'slo: {okRate: ">= 99%", ttftP95: "<= 0.5s"}' })
    expect(parsed(text).objectives).toEqual([
      { metric: 'ttftP95', threshold: { comparator: '<=', value: 500, text: '<= 0.5s' } },
      { metric: 'okRate', threshold: { comparator: '>=', value: 99, text: '>= 99%' } },
    ])
  })

  it('follows aliases', () => {
    const text = experimentText({
      configs:
        'configs:\n  a: {target: process, env: &env {A: 1}}\n  b: {target: embedded, env: *env}',
      baseline: '',
    })
    expect(config(parsed(text), 'b').env).toEqual({ A: '1' })
    expect(codes(text.replace('{A: 1}', '{A: [1]}'))).toContain('wrong-type')
  })

  it('keeps numbers as they are written where they are text', () => {
    const text = `title: t
model: m
hardware: {release: 24.10, driver: 550.120, cores: 8}
dataset:
  name: d
  samples: [{id: 007, text: 0123456789}, {id: b, text: 12345678901234567890, expected: 1.50}]
workload: {prompt: "{{text}}", load: {users: 1, requests: 5}}
configs: {a: {target: process, env: {OLLAMA_KEEP_ALIVE: 010}}}`
    const experiment = parsed(text)
    expect(experiment.hardware).toEqual({ release: '24.10', driver: '550.120', cores: '8' })
    expect(measured(experiment, 'a')).toMatchObject({
      env: { OLLAMA_KEEP_ALIVE: '010' },
      dataset: {
        samples: [
          { id: '007', fields: { text: '0123456789' } },
          { id: 'b', fields: { text: '12345678901234567890' }, expected: { answer: 1.5 } },
        ],
      },
    })
  })

  it.each([
    ['7df6b6e09427', '7df6b6e09427'],
    ['sha256:7DF6B6E09427AB', '7df6b6e09427ab'],
    ['123456789012', '123456789012'],
  ])('reads the digest %s of a model as its hexadecimal digits', (written, digest) => {
    const experiment = parsed(
      experimentText({ model: `model: {name: "qwen3:0.6b", digest: ${written}}` }),
    )
    expect(measured(experiment, 'plain').model).toEqual({ name: 'qwen3:0.6b', digest })
  })

  it.each(['1.10', '007', '0x10', '1e3', '+5', '.5', '1_000', '12:30', '2024-06-20', 'True', 'no'])(
    'takes %s as it is written wherever only text is accepted',
    (word) => {
      const experiment = parsed(`title: ${word}
question: ${word}
tags: [${word}]
model: {name: ${word}, size: ${word}}
dataset: {name: ${word}, samples: [{text: ${word}, id: ${word}, expected: {"${word}": a}}], checks: [{name: ${word}, measure: exact, field: ${word}}]}
workload: {prompt: ${word}, system: ${word}, options: {stop: ${word}}, load: {users: 1, requests: 5}}
configs:
  a: {label: ${word}, group: ${word}, host: ${word}, target: process, env: {X: ${word}}}
  b: {label: b, recorded: {source: ${word}, date: 2024-06-20, metrics: {qps: 1/s}}}
hypotheses: [{id: ${word}, statement: ${word}, claim: {metric: qps, config: b, value: ">= 1/s"}}]`)
      expect(experiment).toMatchObject({ title: word, question: word, tags: [word] })
      expect(experiment.hypotheses).toMatchObject([{ id: word, statement: word }])
      expect(measured(experiment, 'a')).toMatchObject({
        ...{ label: word, group: word, host: word, env: { X: word } },
        model: { name: word, size: word },
        options: { stop: word },
        dataset: {
          ...{ name: word, samples: [{ id: word, fields: { text: word } }] },
          checks: [{ name: word, field: word }],
        },
        workload: { prompt: word, system: word },
      })
      expect(config(experiment, 'b')).toMatchObject({ source: word })
    },
  )

  it.each([
    ['16 GB', 'write `16g`'],
    ['512MiB', 'write `512m`'],
  ])('gives a hint for %s that does not put its number with another unit', (memory, hint) => {
    const { problems } = parse(
      `title: t\nconfigs: {a: {target: {docker: {image: i, memory: ${memory}}}}}`,
    )
    expect(problems).toContainEqual(expect.objectContaining({ code: 'quantity', hint }))
  })

  it.each([
    ['memory: 8e3', 'is not an amount of memory'],
    ['memory: 8000000000000g', '`8000000000000g` is more memory than a machine can have'],
    [`memory: ${'9'.repeat(400)}g`, 'is more memory than a machine can have'],
    ['memory: 5m', '`5m` is less memory than a container can have'],
    ['cpus: 1e300', '100000'],
  ])('refuses `%s` of a container', (setting, message) => {
    const { problems } = parse(`title: t\nconfigs: {a: {target: {docker: {image: i, ${setting}}}}}`)
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message)
  })

  it.each(['null', '~'])('says how to write the text %s', (word) => {
    const problem = parse(`title: ${word}\nconfigs: {}`).problems.find(({ line }) => line === 1)
    expect(problem).toMatchObject({
      message: `expected text or a mapping by language, found the empty value \`${word}\``,
      hint: `put it in quotes: \`"${word}"\`, or remove the key`,
    })
  })

  it('quotes recorded figures as they are written', () => {
    const messages = parse(
      `title: t\nconfigs: {a: {recorded: {source: s, date: 2024-06-20, metrics: {qps: 1.10}}}}`,
    ).problems.map(({ message }) => message)
    expect(messages).toContain('`1.10` is not an amount in `1/s`')
  })

  it('finds no problem in a valid file', () => {
    expect(parse(experimentText()).problems).toEqual([])
  })
})

describe('the committed files', () => {
  it('docker-opt.yaml is valid, with warnings about variables without effect', () => {
    const file = 'docker-opt.yaml'
    const { experiment, problems } = parseExperiment({
      file: `experiments/${file}`,
      text: readFileSync(path.join(experiments, file), 'utf8'),
      readDataset: (relative) => ({
        file: `experiments/${relative}`,
        text: readFileSync(path.join(experiments, relative), 'utf8'),
      }),
    })
    const warnings = problems.map(({ code, message }) => `${code} ${message.split(' ')[0] ?? ''}`)
    expect(warnings).toEqual([
      'void-setting `OLLAMA_NUM_THREADS`',
      'void-setting `OLLAMA_NUM_THREADS`',
      'void-setting `OLLAMA_CONTEXT_LENGTH`',
    ])
    expect(experiment?.configs.map(({ key, group }) => [key, group])).toEqual([
      ['native-default', '本机本地部署'],
      ['native-optimized', '本机本地部署'],
      ['docker-initial', 'Docker容器部署'],
      ['docker-optimized', 'Docker容器部署'],
    ])
    expect(experiment?.dataset?.samples).toHaveLength(48)
    const allowed = experiment?.dataset?.samples.map(({ expected }) => expected['category'])
    const format = JSON.stringify(measured(experiment!, 'native-default').workload.format)
    for (const category of new Set(allowed)) expect(format).toContain(JSON.stringify(category))
  })

  it('the JSON schema is up to date', async () => {
    await expect(experimentSchemaText()).toMatchFileSnapshot(
      path.join(experiments, 'experiment.schema.json'),
    )
  })

  it.each(locales)('the file that `exp init` writes in %s has no problems', (locale) => {
    const text = initialText('my-first', locale)
    expect(parse(text, 'experiments/my-first.yaml').problems).toEqual([])
  })
})
