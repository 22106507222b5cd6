import { describe, expect, it } from 'vitest'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { planTrials } from '../../src/experiment/plan.ts'
import { seededRandom } from '../../src/run/random.ts'

function parsed(load: string, configs: string) {
  const text = `title: t
locale: en
model: m
dataset: {name: d, samples: [{text: x}]}
workload:
  prompt: "{{text}}"
  load: ${load}
configs:
${configs}`
  const { experiment, problems } = parseExperiment({
    file: 't.yaml',
    text,
    readDataset: () => undefined,
  })
  if (experiment === undefined) throw new Error(JSON.stringify(problems))
  return experiment
}
const slots = `  plain: {label: Plain, target: process}
  slots: {label: {en: Four slots, zh-CN: 四个槽}, from: plain, env: {OLLAMA_NUM_PARALLEL: 4}}
  old: {recorded: {source: a.md, date: 2025-08-06, metrics: {qps: 1/s}}}`

describe('levels of a load', () => {
  const experiment = parsed('{users: [4, 1], duration: 20s}', slots)

  it('make a config of each measured config and level, and leave figures of documents alone', () => {
    expect(experiment.configs.map(({ key }) => key)).toEqual([
      ...['plain-users-4', 'plain-users-1', 'slots-users-4', 'slots-users-1', 'old'],
    ])
    expect(experiment.configs.map(({ label }) => label)).toEqual([
      ...['Plain, users=4', 'Plain, users=1', 'Four slots, users=4', 'Four slots, users=1', 'old'],
    ])
    const loads = experiment.configs.flatMap((config) =>
      config.kind === 'measured' ? [config.workload.load] : [],
    )
    expect(loads.map((load) => 'users' in load && load.users)).toEqual([4, 1, 4, 1])
  })

  it('are compared level by level, and the levels of a config share a section', () => {
    expect(experiment.configs.map(({ from }) => from)).toEqual([
      ...[undefined, undefined, 'plain-users-4', 'plain-users-1', undefined],
    ])
    expect(experiment.configs.map(({ group }) => group)).toEqual([
      ...['Plain', 'Plain', 'Plain', 'Plain', 'old'],
    ])
  })

  it('are listed in ascending order', () => {
    expect(experiment.series?.map(({ key, of, levels }) => [key, of, levels])).toEqual([
      [
        'plain',
        'users',
        [
          { value: 1, config: 'plain-users-1', suffix: ', users=1' },
          { value: 4, config: 'plain-users-4', suffix: ', users=4' },
        ],
      ],
      [
        'slots',
        'users',
        [
          { value: 1, config: 'slots-users-1', suffix: ', users=1' },
          { value: 4, config: 'slots-users-4', suffix: ', users=4' },
        ],
      ],
    ])
  })

  it('may be rates, and those of one config only', () => {
    const { configs, series } = parsed(
      '{users: 2, duration: 20s}',
      `  plain: {target: process}
  open: {from: plain, load: {rate: [30/min, 2/s]}}`,
    )
    expect(configs.map(({ key }) => key)).toEqual(['plain', 'open-rate-30-min', 'open-rate-2-s'])
    expect(configs[2]).toMatchObject({
      from: 'plain',
      workload: { load: { kind: 'open', ratePerSecond: 2, durationMs: 20_000 } },
    })
    expect(series?.map(({ levels }) => levels.map(({ value }) => value))).toEqual([[0.5, 2]])
  })

  it('give a config with one level what it inherits, and the level that it is compared with', () => {
    const { configs } = parsed(
      '{users: [1, 4], duration: 20s}',
      `  plain: {target: process, env: {OLLAMA_NUM_PARALLEL: 2}}
  four: {from: plain, options: {num_ctx: 2048}, load: {users: 4}}`,
    )
    expect(configs[2]).toMatchObject({
      key: 'four',
      from: 'plain-users-4',
      env: { OLLAMA_NUM_PARALLEL: '2' },
    })
  })

  it('measure the same as the config with that load', () => {
    const { configs } = parsed('{users: 4, duration: 20s}', '  one: {target: process}')
    expect(experiment.configs[0]?.measurementDigest).toBe(configs[0]?.measurementDigest)
  })
})

describe('the plan of levels', () => {
  const experiment = parsed('{users: [1, 2, 4], duration: 20s}', slots)
  const { trials } = planTrials(experiment, { random: seededRandom(3, 0), rounds: 2 })

  it('measures all levels of a config after one start, up in odd rounds and down in even ones', () => {
    const loads = trials.map(({ config, start }) => `${start ?? ''} ${config}`)
    const [first = '', second = ''] = [trials[0]?.config, trials[3]?.config].map((key) =>
      key?.startsWith('plain') === true ? 'plain' : 'slots',
    )
    expect(loads).toEqual([
      ...[1, 2, 4].map((users) => `1 ${first}-users-${users}`),
      ...[1, 2, 4].map((users) => `2 ${second}-users-${users}`),
      ...[4, 2, 1].map((users) => `3 ${second}-users-${users}`),
      ...[4, 2, 1].map((users) => `4 ${first}-users-${users}`),
    ])
  })

  it('measures all levels of a config that `only` names', () => {
    const only = planTrials(experiment, {
      ...{ random: seededRandom(3, 0), rounds: 1, only: ['plain'], alone: true },
    })
    expect(only.trials.map(({ config }) => config)).toEqual([
      ...['plain-users-1', 'plain-users-2', 'plain-users-4'],
    ])
  })
})
