import { describe, expect, it } from 'vitest'
import { config, experimentText, parsed } from './support.ts'

type Parts = Readonly<Record<string, string>>

/** The digest of the config `slots` of a small experiment with these parts replaced. */
function digestOf(parts: Parts, key = 'slots'): string {
  return config(parsed(experimentText(parts)), key).measurementDigest
}

/** Two configs, of which `slots` inherits from `plain`. */
function configs(slots: string, plain = 'target: process'): Parts {
  return { configs: `configs:\n  plain: {${plain}}\n  slots: {from: plain, ${slots}}` }
}

function workload(written: string): Parts {
  return { workload: `workload: {${written}}` }
}

const fourSlots = 'env: {OLLAMA_NUM_PARALLEL: 4}'
const closedLoad = 'load: {users: 3, duration: 30s}'
const original = digestOf({})

const irrelevant: readonly (readonly [name: string, parts: Parts])[] = [
  ['a title', { title: 'title: Another' }],
  ['a label', configs('label: Four, env: {OLLAMA_NUM_PARALLEL: "4"}')],
  [
    'a hypothesis',
    {
      hypotheses:
        'hypotheses: [{statement: a, claim: {metric: qps, config: slots, change: ">= 1%"}}]',
    },
  ],
  ['the metrics to show', { rounds: 'show: [ttftP95]' }],
  ['the number of rounds', { rounds: 'rounds: 8' }],
  ['the number of looks', { rounds: 'looks: 3' }],
  ['the declared size of the model', { model: 'model: {name: "qwen3:0.6b", size: 522MB}' }],
  [
    'the pinned digest of the model',
    { model: 'model: {name: "qwen3:0.6b", digest: 7df6b6e09427}' },
  ],
  [
    'a default that is written out',
    workload(
      'api: chat, prompt: "Judge {{text}}", cache: cold, load: {users: 3, duration: 30000ms}',
    ),
  ],
  ['pull', configs(fourSlots, 'target: {process: {pull: true}}')],
]

const relevant: readonly (readonly [name: string, parts: Parts])[] = [
  ['the model', { model: 'model: "qwen3:1.7b"' }],
  ['env', configs('env: {OLLAMA_NUM_PARALLEL: 2}')],
  ['options', configs(`${fourSlots}, options: {seed: 1}`)],
  ['the host', configs(`${fourSlots}, host: mac`)],
  ['the target', configs(fourSlots, 'target: embedded')],
  ['the prompt', workload(`prompt: "Rate {{text}}", ${closedLoad}`)],
  ['a mix', workload(`mix: [{name: a}, {name: b}], prompt: "Judge {{text}}", ${closedLoad}`)],
  ['the load', workload('prompt: "Judge {{text}}", load: {users: 3, duration: 31s}')],
  ['the ramp', workload('prompt: "Judge {{text}}", load: {users: 3, duration: 30s, ramp: 2s}')],
  ['the pause', workload('prompt: "Judge {{text}}", load: {users: 3, duration: 30s, pause: 2s}')],
  [
    'a sample',
    {
      dataset:
        'dataset: {name: comments, samples: [{id: a, text: first}, {id: b, text: third, note: short}]}',
    },
  ],
]

describe('the measurement digest', () => {
  it.each(irrelevant)('does not depend on %s', (_, parts) => {
    expect(digestOf(parts)).toBe(original)
  })

  it('does not depend on the key', () => {
    const renamed = `configs:\n  plain: {target: process}\n  four: {from: plain, ${fourSlots}}`
    expect(digestOf({ configs: renamed }, 'four')).toBe(original)
  })

  it.each(relevant)('depends on %s', (_, parts) => {
    expect(digestOf(parts)).not.toBe(original)
  })

  it('depends on the order of properties in `format`, because the answer follows it', () => {
    const withFormat = (properties: string) =>
      digestOf(
        workload(`prompt: x, format: {type: object, properties: {${properties}}}, ${closedLoad}`),
      )
    const [a, b] = ['a: {type: string}', 'b: {type: string}']
    expect(withFormat(`${a}, ${b}`)).not.toBe(withFormat(`${b}, ${a}`))
  })

  it('does not cover the password of a URL', () => {
    const withUrl = (url: string) =>
      digestOf({ configs: `configs: {a: {target: {url: "${url}"}}}`, baseline: '' }, 'a')
    expect(withUrl('http://me:one@ollama.example')).toBe(withUrl('http://me:two@ollama.example/'))
  })
})

describe('the digest of a mix', () => {
  const mixed = (mix: string) =>
    digestOf(workload(`mix: ${mix}, prompt: "Judge {{text}}", ${closedLoad}`))
  const two = mixed('[{model: a, weight: 3}, {model: b}]')

  it.each([
    ['its weights', '[{model: a, weight: 2}, {model: b}]'],
    ['its models', '[{model: a, weight: 3}, {model: c}]'],
    ['its options', '[{model: a, weight: 3}, {model: b, options: {num_predict: 9}}]'],
    ['its names', '[{model: a, weight: 3}, {model: b, name: c}]'],
    ['its order', '[{model: b}, {model: a, weight: 3}]'],
  ])('depends on %s', (_, mix) => {
    expect(mixed(mix)).not.toBe(two)
  })

  it('does not depend on the declared size and the pinned digest of a model', () => {
    const pinned = '{name: b, size: 1GB, digest: 7df6b6e09427}'
    expect(mixed(`[{model: a, weight: 3}, {model: ${pinned}, weight: 1}]`)).toBe(two)
  })
})
