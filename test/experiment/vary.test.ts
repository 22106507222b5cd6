/** `vary` expands into the configs of a grid. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { codes, experimentText, measured, parse, parsed } from './support.ts'

function gridText(vary: string, rest: Readonly<Record<string, string>> = {}): string {
  return experimentText({
    configs: 'configs: {base: {target: process, options: {num_thread: 4}, env: {OLLAMA_DEBUG: 1}}}',
    vary: `vary: ${vary}`,
    baseline: '',
    ...rest,
  })
}

const keysOf = ({ configs }: Experiment) => configs.map(({ key }) => key)

describe('vary', () => {
  const vary =
    '{base: base, env: {OLLAMA_NUM_PARALLEL: [1, 2]}, options: {num_ctx: [2048, 8192]}, load: {users: [2, 4]}, exclude: [{OLLAMA_NUM_PARALLEL: 1, users: 4}]}'

  it('makes a config of each combination that is not excluded, in the order of the file', () => {
    expect(keysOf(parsed(gridText(vary)))).toEqual([
      'num-parallel-1-num-ctx-2048-users-2',
      'num-parallel-1-num-ctx-8192-users-2',
      'num-parallel-2-num-ctx-2048-users-2',
      'num-parallel-2-num-ctx-2048-users-4',
      'num-parallel-2-num-ctx-8192-users-2',
      'num-parallel-2-num-ctx-8192-users-4',
    ])
  })

  it('gives each cell the settings of the base, and its levels over them', () => {
    const cell = measured(parsed(gridText(vary)), 'num-parallel-2-num-ctx-8192-users-4')
    expect(cell).toMatchObject({
      label: 'OLLAMA_NUM_PARALLEL=2, num_ctx=8192, users=4',
      group: 'base',
      env: { OLLAMA_DEBUG: '1', OLLAMA_NUM_PARALLEL: '2' },
      options: { num_thread: 4, num_ctx: 8192 },
      workload: { load: { kind: 'closed-duration', users: 4, durationMs: 30_000 } },
    })
    expect(cell.from).toBeUndefined()
  })

  it('says which level of each factor a cell has', () => {
    const { grid } = parsed(gridText(vary))
    expect(grid?.factors).toEqual([
      { name: 'OLLAMA_NUM_PARALLEL', section: 'env', levels: ['1', '2'] },
      { name: 'num_ctx', section: 'options', levels: ['2048', '8192'] },
      { name: 'users', section: 'load', levels: ['2', '4'] },
    ])
    expect(grid?.cells[3]).toEqual({
      config: 'num-parallel-2-num-ctx-2048-users-4',
      levels: [1, 0, 1],
    })
  })

  it('names only what differs: a single value is a setting of all cells', () => {
    const experiment = parsed(gridText('{env: {A: 1}, load: {users: [2, 4]}}'))
    expect(keysOf(experiment)).toEqual(['users-2', 'users-4'])
    expect(measured(experiment, 'users-2')).toMatchObject({ label: 'users=2', env: { A: '1' } })
  })

  it.each([
    '{env: {DB_PASSWORD: [a, b]}}',
    '{env: {API_TOKEN: [abc, def]}, load: {users: [2, 4]}}',
    '{env: {LLAMA_ARGS: ["--token x1y2z3", "--verbose"]}}',
    '{model: ["https://me:pass@host/m", m]}',
  ])('names no config and no report after a secret: %s', (text) => {
    expect(codes(gridText(text))).toContain('secret')
  })

  it.each(['{env: {MAX_TOKENS: [1, 2]}}', '{env: {OLLAMA_AUTH: [true, false]}}'])(
    'varies settings that are no secrets: %s',
    (text) => {
      expect(codes(gridText(text))).not.toContain('secret')
    },
  )

  it('varies models and versions', () => {
    const experiment = parsed(
      gridText('{model: ["qwen3:0.6b", "qwen3:1.7b"], target: {version: ["0.11.3", installed]}}'),
    )
    expect(keysOf(experiment)).toEqual([
      'qwen3-0-6b-version-0-11-3',
      'qwen3-0-6b-version-installed',
      'qwen3-1-7b-version-0-11-3',
      'qwen3-1-7b-version-installed',
    ])
    expect(measured(experiment, 'qwen3-1-7b-version-0-11-3')).toMatchObject({
      label: 'qwen3:1.7b, version=0.11.3',
      model: { name: 'qwen3:1.7b' },
      target: { kind: 'process', version: '0.11.3' },
    })
  })

  it('varies the CPUs of a container', () => {
    const experiment = parsed(
      gridText('{cpus: [2, 4]}', {
        configs: 'configs: {base: {target: {docker: {image: "ollama/ollama:0.11.3"}}}}',
      }),
    )
    expect(measured(experiment, 'cpus-4').target).toMatchObject({ kind: 'docker', cpus: 4 })
  })

  it('leaves other configs where they are', () => {
    const experiment = parsed(
      gridText('{base: base, load: {users: [2, 4]}}', {
        configs:
          'configs: {first: {target: embedded}, base: {target: process}, last: {target: embedded, env: {A: 1}}}',
        baseline: 'baseline: users-2',
      }),
    )
    expect(keysOf(experiment)).toEqual(['first', 'users-2', 'users-4', 'last'])
  })

  it('is refused above 24 configs, with what it would cost, unless `maxConfigs` allows it', () => {
    const large = '{env: {A: [1, 2, 3, 4, 5]}, load: {users: [1, 2, 3, 4, 5]}}'
    const [problem, ...others] = parse(gridText(large)).problems
    expect(others).toEqual([])
    expect(problem).toMatchObject({ code: 'too-large', severity: 'error', line: 7 })
    expect(problem?.message).toBe(
      'the grid has 25 cells, and at most 24 are measured: with 6 rounds it would take at least 75 minutes, the windows alone',
    )
    expect(keysOf(parsed(gridText(large, { maxConfigs: 'maxConfigs: 25' })))).toHaveLength(25)
  })

  it('is refused before it fills the memory', () => {
    const levels = `[${Array.from({ length: 100 }, (_, index) => index + 1).join(', ')}]`
    const env = `{A: ${levels}, B: ${levels}, C: ${levels}, D: ${levels}}`
    expect(codes(gridText(`{env: ${env}}`))).toEqual(['too-large'])
  })

  it('warns once of slots that no user can fill, at the level', () => {
    const { problems } = parse(
      gridText('{env: {OLLAMA_NUM_PARALLEL: [1, 4]}, load: {users: [2, 3]}}'),
    )
    expect(problems).toMatchObject([
      {
        code: 'void-setting',
        severity: 'warning',
        line: 7,
        column: 'vary: {env: {OLLAMA_NUM_PARALLEL: [1, '.length + 1,
        message: 'with 2 users, only 2 of 4 slots are ever used',
      },
    ])
  })

  it('warns of a context that is shorter than the longest prompt', () => {
    const dataset = `dataset: {name: long, samples: [{text: "${'word '.repeat(2000)}"}]}`
    const { problems } = parse(gridText('{options: {num_ctx: [2048, 8192]}}', { dataset }))
    expect(problems).toMatchObject([
      {
        code: 'void-setting',
        severity: 'warning',
        column: 'vary: {options: {num_ctx: ['.length + 1,
      },
    ])
  })
})

describe('a grid of any size', () => {
  const levels = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 4 })
  const varied = fc
    .record({ A: levels, num_ctx: levels, users: levels })
    .filter((all) => Object.values(all).some(({ length }) => length > 1))

  const textOf = ({ A, num_ctx, users }: Record<'A' | 'num_ctx' | 'users', readonly number[]>) =>
    gridText(
      `{env: {A: [${A.join(', ')}]}, options: {num_ctx: [${num_ctx.join(', ')}]}, load: {users: [${users.join(', ')}]}}`,
      { maxConfigs: 'maxConfigs: 200' },
    )

  it('has every combination exactly once, with keys that are unique and file names', () => {
    fc.assert(
      fc.property(varied, (all) => {
        const experiment = parsed(textOf(all))
        const count = all.A.length * all.num_ctx.length * all.users.length
        const digests = experiment.configs.map(({ measurementDigest }) => measurementDigest)
        expect(new Set(digests).size).toBe(count)
        const keys = keysOf(experiment)
        expect(new Set(keys).size).toBe(count)
        expect(keys.every((key) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(key))).toBe(true)
        for (const { config, levels: indices } of experiment.grid?.cells ?? []) {
          const cell = measured(experiment, config)
          experiment.grid?.factors.forEach(({ name, levels: texts }, at) => {
            const load = cell.workload.load
            const values = { ...cell.env, ...cell.options, users: 'users' in load && load.users }
            expect(String(new Map(Object.entries(values)).get(name))).toBe(texts[indices[at] ?? -1])
          })
        }
      }),
      { numRuns: 30 },
    )
  })

  it('keeps what is measured if the order of its levels changes', () => {
    fc.assert(
      fc.property(varied, (all) => {
        const digestsOf = (text: string) =>
          parsed(text)
            .configs.map(({ measurementDigest }) => measurementDigest)
            .sort()
        const turned = { ...all, A: all.A.toReversed(), users: all.users.toReversed() }
        expect(digestsOf(textOf(turned))).toEqual(digestsOf(textOf(all)))
      }),
      { numRuns: 20 },
    )
  })
})

describe('a claim about a factor', () => {
  const claim = (text: string) =>
    gridText('{env: {OLLAMA_NUM_PARALLEL: [1, 2]}, load: {users: [2, 4]}}', {
      hypotheses: `hypotheses: [{statement: Slots help, claim: {metric: qps, ${text}}}]`,
    })

  it('names two levels', () => {
    const [hypothesis] = parsed(
      claim('factor: OLLAMA_NUM_PARALLEL, between: [1, 2], change: ">= 20%"'),
    ).hypotheses
    expect(hypothesis?.claim).toMatchObject({
      kind: 'change',
      factor: { name: 'OLLAMA_NUM_PARALLEL', from: '1', to: '2' },
      config: 'num-parallel-2-users-2',
      versus: 'num-parallel-1-users-2',
    })
  })

  it.each([
    ['factor: OLLAMA_NUM_PARALEL, between: [1, 2], change: ">= 20%"', 'wrong-value'],
    ['factor: users, change: ">= 20%"', 'missing-key'],
    ['factor: users, between: [2, 8], change: ">= 20%"', 'wrong-value'],
    ['factor: users, between: [2, 2], change: ">= 20%"', 'self-comparison'],
    ['factor: users, between: [2, 4], value: ">= 2/s"', 'unknown-key'],
    ['between: [2, 4], change: ">= 20%"', 'missing-key'],
    [
      'factor: users, config: num-parallel-1-users-2, between: [2, 4], change: ">= 1%"',
      'unknown-key',
    ],
    ['change: ">= 20%"', 'missing-key'],
    ['config: base, change: ">= 20%"', 'unknown-config'],
  ])('is refused if it says `%s`', (text, code) => {
    expect(codes(claim(text))).toContain(code)
  })
})
