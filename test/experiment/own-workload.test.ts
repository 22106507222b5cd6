/** A config may change the load, parts of the workload and the dataset of the file. */
import { describe, expect, it } from 'vitest'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { codes, experimentText, measured, parsed } from './support.ts'

const load = 'load: {users: 3, duration: 30s, atLeast: 20, atMost: 5m, pause: 1s}'

function withConfig(own: string, others: readonly string[] = []): string {
  return experimentText({
    workload: `workload: {prompt: "Judge {{text}}", options: {num_ctx: 4096}, ${load}}`,
    configs: [
      'configs:',
      '  plain: {target: process}',
      `  own: {from: plain, ${own}}`,
      ...others,
    ].join('\n'),
  })
}

describe("a config's own load", () => {
  it('replaces the keys that it states, and inherits the others', () => {
    const experiment = parsed(withConfig('load: {users: 8}'))
    expect(measured(experiment, 'own').workload.load).toEqual({
      ...{ kind: 'closed-duration', users: 8, durationMs: 30_000 },
      ...{ atLeast: 20, atMostMs: 300_000, pause: { meanMs: 1000, distribution: 'constant' } },
    })
    expect(measured(experiment, 'plain').workload.load).toMatchObject({ users: 3 })
    expect(experiment.workload?.load).toMatchObject({ users: 3 })
  })

  it('drops what a load of another kind does not have', () => {
    const own = (text: string) => measured(parsed(withConfig(`load: ${text}`)), 'own').workload.load
    expect(own('{requests: 40}')).toEqual({
      kind: 'closed-requests',
      users: 3,
      ...{ requests: 40, pause: { meanMs: 1000, distribution: 'constant' } },
    })
    expect(own('{pause: {mean: 2s}}')).toMatchObject({
      pause: { meanMs: 2000, distribution: 'exponential' },
    })
    expect(own('{rate: 5/s}')).toEqual({
      ...{ kind: 'open', ratePerSecond: 5, arrival: 'poisson', durationMs: 30_000 },
    })
  })

  it('is inherited along `from`, key by key', () => {
    const text = withConfig('load: {users: 8}', ['  long: {from: own, load: {duration: 60s}}'])
    expect(measured(parsed(text), 'long').workload.load).toMatchObject({
      users: 8,
      durationMs: 60_000,
    })
  })

  it('is part of what is measured', () => {
    const [plain, own, same] = parsed(
      withConfig('load: {users: 8}', ['  same: {from: plain, load: {users: 4}}']),
    ).configs.map(({ measurementDigest }) => measurementDigest)
    expect(new Set([plain, own, same]).size).toBe(3)
    expect(codes(withConfig('load: {users: 3}'))).toEqual(['same-measurement'])
  })
})

describe("a config's own parts of the workload", () => {
  it('override those of the file', () => {
    const experiment = parsed(withConfig('workload: {cache: warm, think: false}'))
    expect(measured(experiment, 'own')).toMatchObject({
      options: { num_ctx: 4096 },
      workload: { prompt: 'Judge {{text}}', cache: 'warm', think: false },
    })
    expect(measured(experiment, 'plain').workload).toMatchObject({ cache: 'cold' })
  })

  it('are looked at for settings without effect', () => {
    const own = 'env: {OLLAMA_KEEP_ALIVE: 1m}, workload: {keepAlive: 10m}'
    expect(codes(withConfig(own))).toEqual(['void-setting'])
  })
})

describe("a config's own dataset", () => {
  const files = {
    'datasets/long.yaml':
      'name: long\nsamples: [{text: a very long text}]\nchecks: [{name: valid, measure: json}]\n',
  }
  const parseWith = (text: string) => {
    const read: string[] = []
    const result = parseExperiment({
      file: 'experiments/slots.yaml',
      text,
      readDataset(path) {
        read.push(path)
        const found = new Map(Object.entries(files)).get(path)
        return found === undefined ? undefined : { file: path, text: found }
      },
    })
    return { ...result, read }
  }
  const long = 'dataset: datasets/long.yaml'

  it('replaces that of the file, and is read once', () => {
    const { experiment, problems, read } = parseWith(
      withConfig(long, ['  other: {from: own, env: {A: 1}}']),
    )
    expect(problems).toEqual([])
    expect(read).toEqual(['datasets/long.yaml'])
    expect(
      experiment?.configs.map((config) => (config.kind === 'measured' ? config.dataset.name : '')),
    ).toEqual(['comments', 'long', 'long'])
    expect(experiment?.dataset?.name).toBe('comments')
  })

  it('may be the only one, if every config has one', () => {
    const configs = `configs: {plain: {target: process, ${long}}}`
    const { experiment, problems } = parseWith(experimentText({ dataset: '', configs }))
    expect(problems).toEqual([])
    expect(experiment?.dataset).toBeUndefined()
  })

  it('must have the fields that the prompt uses', () => {
    const { problems } = parseWith(withConfig(`${long}, workload: {prompt: "{{note}}"}`))
    expect(problems.map(({ code, line }) => [code, line])).toEqual([['prompt-field', 7]])
  })

  it('brings the scores that claims may name', () => {
    const claim = 'claim: {metric: score.valid, config: own, value: ">= 90%"}'
    const hypotheses = `hypotheses: [{statement: Valid, ${claim}}]`
    expect(parseWith(`${withConfig(long)}\n${hypotheses}`).problems).toEqual([])
  })
})
