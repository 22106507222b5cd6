/** What a recorded config may say about its server: facts that a document states, and an excerpt of a log. */
import { describe, expect, it } from 'vitest'
import type { RecordedConfig } from '../../src/experiment/experiment.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'

const log = [
  'msg="Listening on 127.0.0.1:11434 (version 0.12.3)"',
  'msg="starting runner" cmd="ollama runner --model /m/sha256-a --ctx-size 8192 --parallel 2"',
  'load_tensors: offloaded 42/43 layers to GPU',
].join('\n')

/** @param lines the lines of `recorded` besides its source, date and figures */
function parse(lines: readonly string[], logText = log, figures = '{qps: 5/s}') {
  const recorded = ['source: old.md', 'date: 2025-08-06', `metrics: ${figures}`, ...lines]
  const text = ['title: Old', 'configs:', '  old:', '    recorded:'].concat(
    recorded.map((line) => `      ${line}`),
  )
  return parseExperiment({
    file: 'experiments/old.yaml',
    text: text.join('\n'),
    readDataset: () => undefined,
    readLog: (file) => (file === 'logs/old.log' ? { file, text: logText } : undefined),
  })
}

function parsed(lines: readonly string[], logText?: string, figures?: string): RecordedConfig {
  const { experiment, problems } = parse(lines, logText, figures)
  const [config] = experiment?.configs ?? []
  if (config?.kind !== 'recorded') expect.fail(problems.map(({ message }) => message).join())
  return config
}

describe('facts of a document', () => {
  it('have the names and units of measured facts', () => {
    const written =
      'facts: {ollama: v0.12.3, device: cuda, layers: 42/43, vram: 5.1GB, size: 4.8 GiB, context: 8192, quantization: q4_K_M, image: "ollama/ollama:0.12.3", slots: 2, threads: 8, kvCacheType: Q8_0, flashAttention: true, modelDigest: 7df6b6e09427}'
    expect(parsed([written]).facts?.values).toEqual({
      serverVersion: '0.12.3',
      computeDevice: 'CUDA',
      layersOffloaded: 42,
      layersTotal: 43,
      vramBytes: 5_100_000_000,
      loadedSizeBytes: 5_153_960_755,
      contextLength: 8192,
      quantization: 'Q4_K_M',
      containerImage: 'ollama/ollama:0.12.3',
      slots: 2,
      threads: 8,
      kvCacheType: 'q8_0',
      flashAttention: 'on',
      modelDigest: '7df6b6e09427',
    })
  })

  it.each([
    ['ollama: ollama version is 0.9.6', { serverVersion: '0.9.6' }],
    ['ollama: 0.10', { serverVersion: '0.10' }],
    ['device: 100% GPU', { computeDevice: 'GPU' }],
    ['layers: 29 of 29', { layersOffloaded: 29, layersTotal: 29 }],
    ['layers: offloaded 42/43 layers to GPU', { layersOffloaded: 42, layersTotal: 43 }],
    ['vram: 5615MiB / 15360MiB', { vramBytes: 5_887_754_240 }],
    ['vram: "4,800 MiB"', { vramBytes: 5_033_164_800 }],
    ['size: ５.１ＧＢ', { loadedSizeBytes: 5_100_000_000 }],
    ['context: "8,192"', { contextLength: 8192 }],
    ['context: 4096 tokens', { contextLength: 4096 }],
    ['slots: 010', { slots: 10 }],
    ['flashAttention: yes', { flashAttention: 'on' }],
    ['flashAttention: 0', { flashAttention: 'off' }],
    ['flashAttention: Auto', { flashAttention: 'auto' }],
    ['modelDigest: 012345678901', { modelDigest: '012345678901' }],
    ['modelDigest: 1e1234567890', { modelDigest: '1e1234567890' }],
  ])('may be written `%s`', (written, facts) =>
    expect(parsed([`facts: {${written}}`]).facts?.values).toEqual(facts),
  )

  it('are refused if a `k` may mean 1,000 or 1,024', () => {
    expect(parse(['facts: {context: 8k}']).problems).toMatchObject([
      { hint: 'write all its digits and no unit, such as `4096` or `8192`' },
    ])
  })

  it('are part of the measurement, and change nothing if there are none', () => {
    const digest = (lines: readonly string[]) => parsed(lines).measurementDigest
    expect(digest(['facts: {}'])).toBe(digest([]))
    expect(digest(['facts: {context: 8192}'])).not.toBe(digest([]))
    expect(digest(['facts: {vram: 5.1GB}'])).toBe(digest(['facts: {vram: 5100 MB}']))
  })

  it('may contradict each other, with a warning', () => {
    const { experiment, problems } = parse(['facts: {device: CPU, layers: 42/43}'])
    expect(experiment).toBeDefined()
    expect(problems).toMatchObject([{ code: 'contradiction', severity: 'warning', line: 8 }])
  })
})

describe('the options of a recorded config', () => {
  const chain = `title: Old
configs:
  first:
    options: {num_ctx: 4096, num_thread: 6}
    recorded: {source: a.md, date: 2025-08-06, metrics: {qps: 5/s}}
  second:
    from: first
    options: {num_thread: 6, num_batch: 512}
    recorded: {source: b.md, date: 2025-08-06, metrics: {qps: 6/s}}
  renamed:
    from: second
`
  const inheritedOf = (text: string) => {
    const { experiment } = parseExperiment({ file: 'e.yaml', text, readDataset: () => undefined })
    return experiment?.configs.map((each) => [
      each.key,
      each.kind === 'recorded' && each.inheritedOptions,
    ])
  }

  it('are inherited unless it states them, or a config with the same document does', () => {
    expect(inheritedOf(chain)).toEqual([
      ['first', undefined],
      ['second', ['num_ctx']],
      ['renamed', ['num_ctx']],
    ])
  })
})

describe('a log excerpt of a document', () => {
  it('shows the facts that the log of a measured server shows, without counts', () => {
    expect(parsed(['log: logs/old.log']).log).toMatchObject({
      path: 'logs/old.log',
      facts: { serverVersion: '0.12.3', slots: 2, contextLength: 4096, layersOffloaded: 42 },
    })
    expect(parsed(['log: logs/old.log']).log?.facts).not.toHaveProperty('loadCount')
  })

  it('may lack the line that starts the runner', () => {
    const excerpt = 'load_tensors: offloaded 0/29 layers to GPU'
    expect(parsed(['log: logs/old.log'], excerpt).log?.facts).toEqual({
      layersOffloaded: 0,
      layersTotal: 29,
    })
  })

  it('is part of the measurement, whatever the ends of its lines are', () => {
    const digest = (text: string) => parsed(['log: logs/old.log'], text).measurementDigest
    expect(digest(log)).toBe(digest(log.replaceAll('\n', '\r\n')))
    expect(digest(log)).not.toBe(digest(log.replace('42/43', '41/43')))
    expect(digest(log)).not.toBe(parsed([]).measurementDigest)
  })

  it('must not contradict the facts of the document', () => {
    const { problems } = parse(['facts: {ollama: 0.12.4, slots: 2}', 'log: logs/old.log'])
    expect(problems).toMatchObject([
      { code: 'contradiction', severity: 'error', message: 'the log shows `0.12.3`, not `0.12.4`' },
    ])
  })

  it('may name the library of what a document calls a GPU', () => {
    const cuda = 'msg="inference compute" id=0 library=cuda'
    expect(parse(['facts: {device: GPU}', 'log: logs/old.log'], cuda).problems).toEqual([])
  })

  it('is refused if it shows several models, because facts are about one of them', () => {
    const other = log.split('\n')[1]?.replace('sha256-a', 'sha256-b') ?? ''
    const { experiment, problems } = parse(['log: logs/old.log'], `${log}\n${other}`)
    expect(experiment).toBeUndefined()
    expect(problems).toMatchObject([
      { code: 'log', hint: expect.stringContaining('that model') as string },
    ])
    expect(parse(['log: logs/old.log'], `${log}\n${log}`).problems).toEqual([])
  })

  it('is used from the last start of a server, with a warning', () => {
    const start = 'msg="server config" env="map[OLLAMA_NUM_PARALLEL:4]"'
    const { experiment, problems } = parse(['log: logs/old.log'], `${start}\n${log}\n${start}\n`)
    expect(experiment?.configs[0]).toMatchObject({
      log: { facts: { serverConfig: expect.anything() as unknown } },
    })
    expect(problems).toMatchObject([{ code: 'log', severity: 'warning' }])
  })

  it.each([
    ['a missing file', 'logs/new.log', log, 'does not exist'],
    ['an absolute path', '/var/log/ollama.log', log, 'is an absolute path'],
    ['a home folder', '~/old.log', log, 'is an absolute path'],
    ['a text that is no log', 'logs/old.log', 'hello', 'has no line of an Ollama server'],
    ['a large file', 'logs/old.log', log.padEnd(1_100_000, '\n'), 'the maximum is 1048576'],
  ])('is refused for %s', (_, path, text, message) => {
    const { experiment, problems } = parse([`log: ${path}`], text)
    expect(experiment).toBeUndefined()
    expect(problems).toMatchObject([{ code: 'log', line: 8, column: 12 }])
    expect(problems[0]?.message).toContain(message)
  })
})

describe('figures of several runs in a file', () => {
  it('need no quotes, although YAML has no list with a unit', () => {
    const figures = '{decodeSpeed: [5.21, 5.30, 5.18] tokens/s, qps: 3/s} # in one session'
    expect(parsed([], log, figures).figures).toMatchObject([
      { metric: 'decodeSpeed', runs: [{ value: 5.21 }, { value: 5.3 }, { value: 5.18 }] },
      { metric: 'qps', value: 3 },
    ])
  })

  it('are wrong at the run that is wrong', () => {
    const { problems } = parse([], log, '{decodeSpeed: [5.21 tokens/s, 5.3O tokens/s]}')
    expect(problems).toMatchObject([{ code: 'quantity', line: 7, column: 46 }])
  })

  it('have the kind of spread that the document or the figure names', () => {
    const figures =
      '{decodeSpeed: 475 ± 9 t/s, latencyMean: {value: 2.1s ± 90ms, spread: ci95, runs: 4}}'
    expect(parsed(['spread: sd', 'runs: 5'], log, figures).figures).toMatchObject([
      { spread: { value: 9, kind: 'sd', runs: 5 } },
      { spread: { value: 90, kind: 'ci95', runs: 4 } },
    ])
    expect(parse(['spread: sd']).problems).toMatchObject([{ code: 'no-figure', line: 8 }])
  })
})
