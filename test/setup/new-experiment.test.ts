import { describe, expect, it } from 'vitest'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { locales } from '../../src/format/locales.generated.ts'
import type { Choices } from '../../src/setup/choices.ts'
import { newExperimentText } from '../../src/setup/new-experiment.ts'
import { readServer, readVariation } from '../../src/setup/read-options.ts'
import { readWords } from '../../src/templates/words.ts'
import { measured, parse, parsed } from '../experiment/support.ts'
import { shippedTemplates } from '../support/templates.ts'

const labels = { native: 'native', docker: 'Docker', embedded: 'embedded engine' }
const servers = (...names: readonly string[]) =>
  names.map((name) => readServer(name, labels, '0.11.3'))

const choices = (parts: Partial<Choices>): Choices => ({
  locale: 'en',
  models: ['qwen3:0.6b'],
  servers: servers('native'),
  variations: [],
  env: {},
  prompts: { kind: 'tasks' },
  users: [1],
  objectives: {},
  duration: '10s',
  atLeast: 10,
  atMost: '1m',
  rounds: 6,
  ...parts,
})

const textOf = (parts: Partial<Choices>, claims = false) =>
  newExperimentText('new', choices(parts), readWords(shippedTemplates('en'), 'init'), claims)

const experimentOf = (parts: Partial<Choices>, claims = false): Experiment =>
  parsed(textOf(parts, claims), 'experiments/new.yaml')

describe('newExperimentText', () => {
  it('compares each other value with the first one', () => {
    const { configs, baseline } = experimentOf({
      variations: [readVariation('OLLAMA_NUM_PARALLEL=1,2,4')],
    })
    expect(configs.map(({ key, from }) => [key, from])).toEqual([
      ['num-parallel-1', undefined],
      ['num-parallel-2', 'num-parallel-1'],
      ['num-parallel-4', 'num-parallel-1'],
    ])
    expect(configs.map(({ env }) => env['OLLAMA_NUM_PARALLEL'])).toEqual(['1', '2', '4'])
    expect(baseline).toBe('num-parallel-1')
  })

  it('compares models, and gives each config a key that can be a file name', () => {
    const experiment = experimentOf({ models: ['qwen3:4b-q4_K_M', 'qwen3:4b-q8_0'] })
    expect(experiment.title).toBe('qwen3:4b-q4_K_M vs qwen3:4b-q8_0')
    expect(experiment.question).toBe('Which is faster: qwen3:4b-q4_K_M or qwen3:4b-q8_0?')
    expect(measured(experiment, 'qwen3-4b-q4-k-m').model.name).toBe('qwen3:4b-q4_K_M')
    expect(measured(experiment, 'qwen3-4b-q8-0').model.name).toBe('qwen3:4b-q8_0')
  })

  it('compares servers; the container has the version of the installed Ollama', () => {
    const experiment = experimentOf({
      servers: servers('native', 'docker', 'ssh:gpu-box', 'http://mac:11434'),
    })
    expect(measured(experiment, 'gpu-box').target).toEqual({
      kind: 'process',
      pull: false,
      ssh: 'gpu-box',
    })
    expect(experiment.configs.map(({ label }) => label)).toEqual([
      'native',
      'Docker',
      'gpu-box',
      'mac:11434',
    ])
    expect(measured(experiment, 'docker').target).toEqual({
      kind: 'docker',
      image: 'ollama/ollama:0.11.3',
      pull: true,
    })
    expect(measured(experiment, 'mac-11434').target).toMatchObject({ url: 'http://mac:11434' })
  })

  it('compares running servers as they are, also if their versions differ', () => {
    const urls = servers('http://mac:11434', 'http://box:11434')
    const running = experimentOf({ servers: urls })
    expect(measured(running, 'box-11434').accept).toEqual(['serverVersion', 'modelParameters'])
    const own = experimentOf({ servers: servers('native', 'http://box:11434') })
    expect(measured(own, 'box-11434').accept).toEqual(['modelParameters'])
    const versions = experimentOf({ variations: [readVariation('version=0.11.3,installed')] })
    expect(measured(versions, 'installed').accept).toEqual(['serverVersion'])
    const started = experimentOf({ servers: servers('native', 'docker') })
    expect(measured(started, 'docker').accept).toEqual([])
  })

  it('makes a grid of several settings, with a claim about each', () => {
    const text = textOf(
      {
        models: ['qwen3:0.6b', 'qwen3:1.7b'],
        variations: ['OLLAMA_NUM_PARALLEL=1,4', 'users=2,8', 'version=0.11.3,installed'].map(
          readVariation,
        ),
      },
      true,
    )
    const { problems } = parse(text, 'experiments/new.yaml')
    expect(problems).toEqual([])
    const { title, grid, configs, hypotheses, baseline } = parsed(text, 'experiments/new.yaml')
    expect(title).toBe('model × OLLAMA_NUM_PARALLEL × users × version')
    expect(grid?.factors.map(({ name, levels }) => [name, levels])).toEqual([
      ['OLLAMA_NUM_PARALLEL', ['1', '4']],
      ['users', ['2', '8']],
      ['model', ['qwen3:0.6b', 'qwen3:1.7b']],
      ['version', ['0.11.3', 'installed']],
    ])
    // Four slots and two users are left out: nobody could fill the slots.
    expect(configs).toHaveLength(12)
    expect(baseline).toBeUndefined()
    expect(hypotheses.map(({ claim }) => claim.factor)).toEqual([
      { name: 'model', from: 'qwen3:0.6b', to: 'qwen3:1.7b' },
      { name: 'OLLAMA_NUM_PARALLEL', from: '1', to: '4' },
      { name: 'users', from: '2', to: '8' },
      { name: 'version', from: '0.11.3', to: 'installed' },
    ])
  })

  it('varies users by themselves as configs', () => {
    const { configs, baseline } = experimentOf({ variations: [readVariation('users=1,4')] })
    expect(configs.map(({ key, from }) => [key, from])).toEqual([
      ['users-1', undefined],
      ['users-4', 'users-1'],
    ])
    expect(baseline).toBe('users-1')
  })

  it('measures levels of users, and asks how much load each config can serve if there are objectives', () => {
    const levels = {
      users: [1, 2, 4],
      objectives: { latencyP95: '<= 2s' },
      variations: [readVariation('OLLAMA_NUM_PARALLEL=1,4')],
    }
    const text = textOf(levels, true)
    expect(text).toContain('load: {users: [1, 2, 4], duration: 10s')
    expect(text).toContain('slo: {latencyP95: <= 2s}')
    expect(parse(text, 'experiments/new.yaml').problems).toEqual([])
    const { configs, objectives, hypotheses } = parsed(text, 'experiments/new.yaml')
    expect(configs.map(({ key }) => key)).toContain('num-parallel-4-users-2')
    expect(objectives?.map(({ metric }) => metric)).toEqual(['latencyP95'])
    expect(hypotheses.map(({ claim }) => [claim.metric, claim.config])).toEqual([
      ['capacity', 'num-parallel-1'],
      ['capacity', 'num-parallel-4'],
      ['qps', 'num-parallel-4-users-4'],
    ])
    expect(textOf({ ...levels, objectives: {} })).not.toContain('capacity')
  })

  it('measures one config at levels of users', () => {
    const choice = { users: [1, 4], objectives: { latencyP95: '<= 2s' } }
    expect(textOf(choice)).toContain('\nconfigs:\n  native:\n    label: native\n')
    const { title, question, configs } = experimentOf(choice)
    expect(title).toBe('qwen3:0.6b, native: 1, 4 users')
    expect(question).toBe('How many users can native serve?')
    expect(configs.map(({ key }) => key)).toEqual(['native-users-1', 'native-users-4'])
  })

  it('searches what a config can serve, and claims only that', () => {
    const choice = { capacity: 32, objectives: { latencyP95: '<= 2s' }, pause: '3s' }
    const { title, question, search, hypotheses } = experimentOf(choice, true)
    expect(title).toBe('qwen3:0.6b, native: how many of up to 32 users?')
    expect(question).toBe('How many users can native serve?')
    expect(search).toEqual({ of: 'users', from: 1, upTo: 32 })
    expect(hypotheses.map(({ claim }) => [claim.metric, claim.config])).toEqual([
      ['capacity', 'native'],
    ])
    const two = { ...choice, variations: [readVariation('OLLAMA_NUM_PARALLEL=1,4')] }
    expect(experimentOf(two, true).hypotheses.map(({ claim }) => claim.metric)).toEqual([
      ...['capacity', 'capacity'],
    ])
    expect(experimentOf(two).baseline).toBeUndefined()
  })

  it('refuses a search without objectives, beside levels, and over several settings', () => {
    const search = { capacity: 32, objectives: { latencyP95: '<= 2s' } }
    expect(() => textOf({ capacity: 32 })).toThrow('needs objectives')
    expect(() => textOf({ ...search, users: [1, 4] })).toThrow(
      'cannot be combined with several numbers of users',
    )
    const users = [readVariation('users=1,4')]
    expect(() => textOf({ ...search, variations: users })).toThrow(
      'cannot be combined with several numbers of users',
    )
    const slots = readVariation('OLLAMA_NUM_PARALLEL=1,4')
    const context = readVariation('num_ctx=512,1024')
    for (const several of [
      { variations: [slots, context] },
      { variations: [slots], models: ['a', 'b'] },
    ])
      expect(() => textOf({ ...search, ...several })).toThrow('at most one')
  })

  it('sends the requests of a mix, and loads each of its models in the warm-up', () => {
    const mix = [
      { model: 'small:1b', weight: 3 },
      { model: 'large:8b', weight: 1 },
    ]
    const variations = [readVariation('OLLAMA_MAX_LOADED_MODELS=1,2')]
    const text = textOf({ models: ['small:1b'], mix, variations, users: [2] }, true)
    expect(text).not.toMatch(/^model:/m)
    expect(parse(text, 'experiments/new.yaml').problems).toEqual([])
    const { workload } = measured(parsed(text, 'experiments/new.yaml'), 'max-loaded-models-2')
    expect(workload.mix?.map(({ name, weight }) => [name, weight])).toEqual([
      ['small:1b', 3],
      ['large:8b', 1],
    ])
    expect(workload.warmupRequests).toBe(4)
  })

  it('pauses between the requests of a user', () => {
    const { load } = measured(
      experimentOf({ pause: '2s', variations: [readVariation('num_ctx=512,1024')] }),
      'num-ctx-512',
    ).workload
    expect(load).toMatchObject({ pause: { meanMs: 2000, distribution: 'constant' } })
  })

  it('refuses levels of users where the users are a setting, or several settings make a grid', () => {
    const users = readVariation('users=1,4')
    expect(() => textOf({ users: [1, 4], variations: [users] })).toThrow('are stated twice')
    const variations = ['OLLAMA_NUM_PARALLEL=1,4', 'num_ctx=512,1024'].map(readVariation)
    expect(() => textOf({ users: [1, 4], variations })).toThrow('cannot be combined with several')
  })

  it('combines several settings, and refuses too many configs', () => {
    const slots = readVariation('OLLAMA_NUM_PARALLEL=1,4')
    const cache = readVariation('OLLAMA_KV_CACHE_TYPE=f16,q8_0')
    const { configs } = experimentOf({ variations: [slots, cache] })
    expect(configs.map(({ label }) => label)).toEqual([
      'OLLAMA_NUM_PARALLEL=1, OLLAMA_KV_CACHE_TYPE=f16',
      'OLLAMA_NUM_PARALLEL=1, OLLAMA_KV_CACHE_TYPE=q8_0',
      'OLLAMA_NUM_PARALLEL=4, OLLAMA_KV_CACHE_TYPE=f16',
      'OLLAMA_NUM_PARALLEL=4, OLLAMA_KV_CACHE_TYPE=q8_0',
    ])
    const many = readVariation('num_ctx=1,2,3,4,5,6,7')
    expect(() => textOf({ variations: [slots, cache, many] })).toThrow('make 28 configs')
    const two = { servers: servers('native', 'embedded'), variations: [slots, cache, many] }
    expect(() => textOf(two)).toThrow('make 56 configs')
  })

  it('names no config and no report after a secret, and does not print it', () => {
    for (const text of ['DB_PASSWORD=hunter2,hunter3', 'LLAMA_ARGS=--token hunter2,--verbose'])
      expect(() => readVariation(text)).toThrow(
        /^`--vary \w+=…` compares values that look like secrets/,
      )
  })

  it('refuses choices that compare nothing', () => {
    expect(() => textOf({})).toThrow('there is nothing to compare')
  })

  it('gives every config the settings of the server that people have, and the other config only what it varies', () => {
    const text = textOf({
      env: { OLLAMA_FLASH_ATTENTION: '1' },
      variations: [readVariation('OLLAMA_NUM_PARALLEL=1,4')],
    })
    expect(text.match(/OLLAMA_FLASH_ATTENTION/g)).toHaveLength(1)
    for (const { env } of parsed(text, 'experiments/new.yaml').configs)
      expect(env['OLLAMA_FLASH_ATTENTION']).toBe('1')
  })

  it('keeps the keys apart if two values have the same letters and digits', () => {
    const { configs } = experimentOf({ models: ['a:b', 'a-b'] })
    expect(configs.map(({ key }) => key)).toEqual(['a-b', 'a-b-2'])
  })

  it.each(locales)('is valid in %s, with claims and without', (locale) => {
    const words = readWords(shippedTemplates(locale), 'init')
    const variations = [readVariation('OLLAMA_NUM_PARALLEL=1,4')]
    for (const kind of ['example', 'tasks'] as const)
      for (const claims of [true, false]) {
        const text = newExperimentText(
          'new',
          choices({ locale, variations, prompts: { kind }, users: [3] }),
          words,
          claims,
        )
        expect(parse(text, 'experiments/new.yaml').problems).toEqual([])
      }
  })

  it.each(locales)('races variations against the default settings, in %s', (locale) => {
    const words = readWords(shippedTemplates(locale), 'init')
    const variations = ['OLLAMA_NUM_PARALLEL=1,4', 'num_thread=2,4'].map(readVariation)
    const race = { maximize: 'throughput', budget: '20m', ignoreBelow: '5%' }
    const raced = choices({ locale, variations, race, users: [4] })
    const { experiment, problems } = parse(
      newExperimentText('new', raced, words, false),
      'experiments/new.yaml',
    )
    expect(problems).toEqual([])
    expect(experiment?.tuning).toMatchObject({
      ...{ maximize: 'throughput', ignoreBelow: 5, budgetMs: 20 * 60_000 },
      grid: { base: 'default', factors: [{ name: 'OLLAMA_NUM_PARALLEL' }, { name: 'num_thread' }] },
    })
    expect(experiment?.configs).toHaveLength(5)
  })
})
