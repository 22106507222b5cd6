import { describe, expect, it } from 'vitest'
import { formatProblems } from '../../src/experiment/format-problem.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'

const parse = (tune: string, extra = '', configs = '  native: {target: process}') =>
  parseExperiment({
    file: 't.yaml',
    text: `title: t
model: m
dataset: {name: d, samples: [{id: a, text: x}]}
workload: {prompt: "{{text}}", load: {users: 4, duration: 10s}, options: {temperature: 0}}
configs:
${configs}
tune: ${tune}
${extra}`,
    readDataset: () => undefined,
  })
const space = '{env: {OLLAMA_NUM_PARALLEL: [1, 4]}, options: {num_ctx: [512, 1024]}}'
const messages = (parsed: ReturnType<typeof parse>) =>
  parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)

describe('a file with `tune`', () => {
  it('races every combination and the base', () => {
    const { experiment, problems } = parse(`{space: ${space}, maximize: throughput, budget: 45m}`)
    expect(problems).toEqual([])
    expect(experiment?.configs.map(({ key }) => key)).toEqual([
      'native',
      'num-parallel-1-num-ctx-512',
      'num-parallel-1-num-ctx-1024',
      'num-parallel-4-num-ctx-512',
      'num-parallel-4-num-ctx-1024',
    ])
    expect(experiment?.grid).toBeUndefined()
    expect(experiment?.tuning).toMatchObject({
      maximize: 'throughput',
      ignoreBelow: 3,
      budgetMs: 2_700_000,
      grid: { base: 'native', factors: [{ name: 'OLLAMA_NUM_PARALLEL' }, { name: 'num_ctx' }] },
    })
  })

  it('counts the combination that the base is only once', () => {
    const base =
      '  native: {target: process, env: {OLLAMA_NUM_PARALLEL: 1}, options: {num_ctx: 512}}'
    const { experiment } = parse(`{space: ${space}, maximize: qps, budget: 5m}`, '', base)
    expect(experiment?.configs).toHaveLength(4)
    expect(experiment?.tuning?.grid.cells[0]).toEqual({ config: 'native', levels: [0, 0] })
  })

  it('counts the options of the workload as those of the base', () => {
    const { experiment, problems } = parse(
      '{space: {options: {temperature: [0, 1]}}, maximize: qps, budget: 5m}',
    )
    expect(problems).toEqual([])
    expect(experiment?.configs.map(({ key }) => key)).toEqual(['native', 'temperature-1'])
    expect(experiment?.tuning?.grid.cells[0]).toEqual({ config: 'native', levels: [0] })
  })

  it('reports keys that it may not have, with their positions', () => {
    const text = `{space: ${space}, maximize: throughput, budget: 45m}`
    expect(messages(parse(text, 'rounds: 6\nbudget: 10m'))).toEqual([
      expect.stringContaining('8:1 `rounds` has no meaning with `tune`'),
      expect.stringContaining('9:1 `budget` has no meaning with `tune`'),
    ])
    const [beside] = messages(
      parse(
        text.replace('{space', '{base: native, space'),
        '',
        '  native: {target: process}\n  other: {from: native, env: {OLLAMA_MAX_QUEUE: 3}}',
      ),
    )
    expect(beside).toContain('7:3 `other` does not race')
  })

  it.each([
    ['{space: {env: {OLLAMA_NUM_PARALLEL: 4}}, maximize: qps, budget: 5m}', '`space` has no list'],
    [`{space: ${space}, maximize: latencyP95, budget: 5m}`, 'latencyP95'],
    [`{space: ${space}, maximize: qps}`, '`budget` is missing'],
    [`{space: ${space}, maximize: qps, budget: 5m, ignoreBelow: 0%}`, '`0%`'],
    [`{space: {load: {users: [1, 2]}}, maximize: qps, budget: 5m}`, '`load`'],
  ])('refuses %s', (tune, message) => {
    const parsed = parse(tune)
    expect(parsed.experiment).toBeUndefined()
    expect(formatProblems(parsed.problems, parsed.texts)).toContain(message)
  })
})
