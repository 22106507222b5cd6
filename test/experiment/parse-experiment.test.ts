import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { experimentSchemaText } from '../../src/experiment/schema/written-experiment.ts'
import { newExperimentText } from '../../src/experiment/new-experiment.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { codes, config, experimentText, measured, parse, parsed } from './support.ts'

const experiments = path.join(import.meta.dirname, '../../experiments')

describe('a parsed experiment', () => {
  it('has defaults where the file says nothing', () => {
    const experiment = parsed(experimentText())
    expect(experiment).toMatchObject({
      id: 'slots',
      locales: ['zh-CN'],
      keep: { prompts: 'digest', answers: 'none' },
      rounds: 6,
      whenUnavailable: 'fail',
      hypotheses: [],
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

  it('keeps the order of configs, even of keys that are numbers', () => {
    const text = experimentText({
      configs: 'configs: {b: {target: process}, 2: {target: embedded}, 1: {from: b, env: {A: 1}}}',
      baseline: '',
    })
    expect(parsed(text).configs.map(({ key }) => key)).toEqual(['b', '2', '1'])
  })

  it('puts configs into the group of those they come from, named after the first where nobody names it', () => {
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

  it('lets a recorded config stand before a measured one, and needs no model, workload or dataset for it', () => {
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

  it('compares a claim with versus, else from, else the baseline', () => {
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

  it('reads until in the place of rounds', () => {
    const experiment = parsed(
      experimentText({ until: 'until: {metric: qps, halfWidth: 2.5%, maxRounds: 20}' }),
    )
    expect(experiment).toMatchObject({
      rounds: 20,
      until: { metric: 'qps', halfWidth: 2.5, maxRounds: 20 },
    })
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

  it('finds a warning in no way of a healthy file', () => {
    expect(parse(experimentText()).problems).toEqual([])
  })
})

describe('the measurement digest', () => {
  const digestOf = (parts: Readonly<Record<string, string>>, key = 'slots') =>
    config(parsed(experimentText(parts)), key).measurementDigest

  const before = digestOf({})

  it.each([
    ['a title', { title: 'title: Another' }],
    [
      'a label',
      {
        configs:
          'configs:\n  plain: {target: process}\n  slots: {from: plain, label: Four, env: {OLLAMA_NUM_PARALLEL: "4"}}',
      },
    ],
    [
      'a hypothesis',
      {
        hypotheses:
          'hypotheses: [{statement: a, claim: {metric: qps, config: slots, change: ">= 1%"}}]',
      },
    ],
    ['rounds', { rounds: 'rounds: 8' }],
    ['the declared size of the model', { model: 'model: {name: "qwen3:0.6b", size: 522MB}' }],
    [
      'a default written out',
      {
        workload:
          'workload: {api: chat, prompt: "Judge {{text}}", cache: cold, load: {users: 3, duration: 30000ms}}',
      },
    ],
    [
      'pull',
      {
        configs:
          'configs:\n  plain: {target: {process: {pull: true}}}\n  slots: {from: plain, env: {OLLAMA_NUM_PARALLEL: 4}}',
      },
    ],
  ])('is not moved by %s', (_, parts) => {
    expect(digestOf(parts)).toBe(before)
  })

  it('is not moved by the key', () => {
    const renamed =
      'configs:\n  plain: {target: process}\n  four: {from: plain, env: {OLLAMA_NUM_PARALLEL: 4}}'
    expect(digestOf({ configs: renamed }, 'four')).toBe(before)
  })

  it.each([
    ['the model', { model: 'model: "qwen3:1.7b"' }],
    [
      'env',
      {
        configs:
          'configs:\n  plain: {target: process}\n  slots: {from: plain, env: {OLLAMA_NUM_PARALLEL: 2}}',
      },
    ],
    [
      'options',
      {
        configs:
          'configs:\n  plain: {target: process}\n  slots: {from: plain, env: {OLLAMA_NUM_PARALLEL: 4}, options: {seed: 1}}',
      },
    ],
    [
      'the host',
      {
        configs:
          'configs:\n  plain: {target: process}\n  slots: {from: plain, host: mac, env: {OLLAMA_NUM_PARALLEL: 4}}',
      },
    ],
    [
      'the target',
      {
        configs:
          'configs:\n  plain: {target: embedded}\n  slots: {from: plain, env: {OLLAMA_NUM_PARALLEL: 4}}',
      },
    ],
    [
      'the prompt',
      { workload: 'workload: {prompt: "Rate {{text}}", load: {users: 3, duration: 30s}}' },
    ],
    [
      'the load',
      { workload: 'workload: {prompt: "Judge {{text}}", load: {users: 3, duration: 31s}}' },
    ],
    [
      'a sample',
      {
        dataset:
          'dataset: {name: comments, samples: [{id: a, text: first}, {id: b, text: third, note: short}]}',
      },
    ],
  ])('is moved by %s', (_, parts) => {
    expect(digestOf(parts)).not.toBe(before)
  })

  it('tells formats apart by the order of their properties, which is the order of the answer', () => {
    const withFormat = (properties: string) =>
      digestOf({
        workload: `workload: {prompt: x, format: {type: object, properties: {${properties}}}, load: {users: 3, duration: 30s}}`,
      })
    const [a, b] = ['a: {type: string}', 'b: {type: string}']
    expect(withFormat(`${a}, ${b}`)).not.toBe(withFormat(`${b}, ${a}`))
  })

  it('holds no password', () => {
    const withUrl = (url: string) =>
      config(
        parsed(
          experimentText({ configs: `configs: {a: {target: {url: "${url}"}}}`, baseline: '' }),
        ),
        'a',
      ).measurementDigest
    expect(withUrl('http://me:one@ollama.example')).toBe(withUrl('http://me:two@ollama.example/'))
  })
})

describe('the committed files', () => {
  it('are valid, with the warnings that they are about', () => {
    const file = 'docker-opt.yaml'
    const { experiment, problems } = parseExperiment({
      file: `experiments/${file}`,
      text: readFileSync(path.join(experiments, file), 'utf8'),
      readDataset: (relative) => ({
        file: `experiments/${relative}`,
        text: readFileSync(path.join(experiments, relative), 'utf8'),
      }),
    })
    const told = problems.map(({ code, message }) => `${code} ${message.split(' ')[0] ?? ''}`)
    expect(told).toEqual([
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

  it('hold the JSON schema that the code makes', async () => {
    await expect(experimentSchemaText()).toMatchFileSnapshot(
      path.join(experiments, 'experiment.schema.json'),
    )
  })

  it('are joined by one that exp init writes, without a problem', () => {
    expect(parse(newExperimentText('my-first'), 'experiments/my-first.yaml').problems).toEqual([])
  })
})

describe('whatever the text', () => {
  /** Texts that are nearly experiments: cut, doubled, with lines and values put where they do not belong. */
  const words = [
    'configs',
    'from',
    'claim',
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '  ',
    '\t',
    '"',
    "'",
    '|',
    '>',
    '&a',
    '*a',
    '!!x',
    '<<',
    '---',
    '{{text}}',
    '{{#if',
    '漫画',
    '\u0000',
    '\u202e',
    '1e999',
    '.nan',
    'null',
    '%',
    '100% (1/0)',
    '__proto__',
    'constructor',
    'toString',
  ]
  const mutated = fc
    .array(fc.tuple(fc.nat(), fc.constantFrom(...words), fc.nat(12)), { maxLength: 6 })
    .map((edits) =>
      edits.reduce((text, [at, word, cut]) => {
        const start = at % (text.length + 1)
        return text.slice(0, start) + word + text.slice(start + cut)
      }, newExperimentText('fuzzed')),
    )
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...words), maxLength: 60 }),
    mutated,
  )

  it('nothing is thrown, and every problem has a place in the file, a plain message and a way out', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { experiment, problems } = parse(text)
        expect(experiment === undefined).toBe(problems.some(({ severity }) => severity === 'error'))
        const lines = text.split('\n')
        for (const { line, column, length, message, hint } of problems) {
          expect(line).toBeLessThanOrEqual(lines.length + 1)
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
          expect(length).toBeGreaterThan(0)
          expect(`${message}${hint ?? ''}`).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u)
          expect(hint).toBeTruthy()
        }
      }),
      { numRuns: 600 },
    )
  })

  it('a place is told where the parser of YAML loses count of lines', () => {
    const places = parse('|? {\n{\n---').problems.map(({ line, column }) => [line, column])
    expect(places).toEqual([
      [1, 2],
      [2, 1],
      [3, 4],
    ])
  })

  it('neither does a dataset throw', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { experiment } = parseExperiment({
          file: 'experiments/slots.yaml',
          text: experimentText({ dataset: 'dataset: d.yaml' }),
          readDataset: (file) => ({ file, text }),
        })
        expect(experiment).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  it.each(['[', '{a: ', '- ', '? ', '&a ', '*a ', '"', '!', '---\n', '|\n', ': '])(
    '%j a hundred thousand times is an error among others',
    (piece) => {
      const { problems } = parse(piece.repeat(100_000 / piece.length))
      expect(problems.length).toBeGreaterThan(0)
      expect(problems.length).toBeLessThan(20)
    },
  )

  it('ten megabytes of noise are refused at once', () => {
    expect(codes('x: '.repeat(3_500_000))).toEqual(['too-large'])
  })
})
