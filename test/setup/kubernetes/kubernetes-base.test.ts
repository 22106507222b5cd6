import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { kubernetesBase } from '../../../src/setup/kubernetes/kubernetes-base.ts'
import { parse, parsed } from '../../experiment/support.ts'
import { schemaProblems } from '../../support/kubernetes-schema.ts'

const experiment = (configs: string, rest = '') => `title: Slots
locale: en
model: "qwen3:0.6b"
dataset: {name: d, samples: [{text: one}]}
workload:
  prompt: "{{text}}"
  load: {users: 1, requests: 3}
rounds: 2
configs:
${configs}
${rest}`

const two = `  one:
    target: {docker: {image: "ollama/ollama:0.20.0@sha256:${'a'.repeat(64)}", cpus: 1.5, memory: 8g, gpus: "1", platform: linux/arm64}}
    env: {OLLAMA_NUM_PARALLEL: 1, OLLAMA_HOST: "127.0.0.1:1"}
    host: box
  four:
    from: one
    env: {OLLAMA_NUM_PARALLEL: 4}`

const baseOf = (text: string) => kubernetesBase(parsed(text), undefined)

interface Objects {
  readonly kind: string
  readonly metadata?: { readonly name: string }
}

/** All objects of a base, as the parser of YAML reads them. */
function objectsOf({ files }: ReturnType<typeof baseOf>): readonly Objects[] {
  return [...files]
    .filter(([file]) => file.startsWith('kubernetes/') && file.endsWith('.yaml'))
    .flatMap(([, text]) => parseAllDocuments(text))
    .map((document) => {
      expect('errors' in document && document.errors).toEqual([])
      return ('toJS' in document ? document.toJS() : undefined) as Objects
    })
}

/** The first object of a kind, as JSON to search in. */
const json = (base: ReturnType<typeof baseOf>, kind: string) =>
  JSON.stringify(objectsOf(base).find((each) => each.kind === kind))

describe('kubernetesBase', () => {
  it('writes objects that the published schemas of Kubernetes accept', () => {
    const objects = objectsOf(baseOf(experiment(two)))
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata?.name}`)).toEqual([
      'Kustomization undefined',
      'Deployment exp-slots-one',
      'Service exp-slots-one',
      'Deployment exp-slots-four',
      'Service exp-slots-four',
      'PersistentVolumeClaim exp-slots',
      'Job exp-slots',
      'Pod exp-slots-collect',
    ])
    for (const each of objects)
      if (each.kind !== 'Kustomization') expect(schemaProblems(each)).toEqual([])
  })

  it('is refused by these schemas with a misspelt key or a wrong type', () => {
    const [, deployment] = objectsOf(baseOf(experiment(two)))
    expect(schemaProblems({ ...deployment, specs: {} })).not.toEqual([])
    const text = JSON.stringify(deployment).replace('"replicas":1', '"replicas":"1"')
    expect(schemaProblems(JSON.parse(text) as object)).not.toEqual([])
  })

  it('gives each server the image, the variables and the limits of its config', () => {
    const deployment = json(baseOf(experiment(two)), 'Deployment')
    expect(deployment).toContain(`"image":"ollama/ollama:0.20.0@sha256:${'a'.repeat(64)}"`)
    expect(deployment).toContain('{"name":"OLLAMA_NUM_PARALLEL","value":"1"}')
    expect(deployment).toContain('{"name":"OLLAMA_HOST","value":"0.0.0.0:11434"}')
    expect(deployment).toContain('"limits":{"cpu":"1500m","memory":"8Gi","nvidia.com/gpu":1}')
    expect(deployment).toContain(
      '"nodeSelector":{"kubernetes.io/os":"linux","kubernetes.io/arch":"arm64"}',
    )
    expect(deployment).toContain('"qwen3:0.6b"]')
  })

  it('writes an experiment that names the services and sets no variables', () => {
    const { files } = baseOf(experiment(two))
    const text = files.get('experiments/slots-kubernetes.yaml') ?? ''
    const { experiment: measured, problems } = parse(text, 'experiments/slots-kubernetes.yaml')
    expect(problems).toEqual([])
    expect(measured?.whenUnavailable).toBe('fail')
    expect(measured?.configs).toMatchObject([
      { key: 'one', env: {}, target: { kind: 'url', url: 'http://exp-slots-one:11434' } },
      { key: 'four', from: 'one', env: {}, target: { url: 'http://exp-slots-four:11434' } },
    ])
    expect(text).not.toContain('host:')
  })

  it('starts one server for configs that differ only in what they ask of it', () => {
    const levels = two.replace('host: box', 'load: {users: [1, 2], requests: 3}')
    const objects = objectsOf(baseOf(experiment(levels)))
    expect(objects.filter(({ kind }) => kind === 'Deployment')).toHaveLength(2)
  })

  it('keeps text of the experiment data: in YAML, in the shell, and in variables that Kubernetes expands', () => {
    const hostile = 'x\n---\nkind: Secret # $(HOSTNAME) `id` $(id)'
    const base = baseOf(
      experiment(`  one:
    label: ${JSON.stringify(hostile)}
    target: {docker: {image: "ollama/ollama:0.20.0"}}
    env: {LLAMA_ARG_X: ${JSON.stringify(hostile.replaceAll('\n', ' '))}}`),
    )
    expect(objectsOf(base).map(({ kind }) => kind)).not.toContain('Secret')
    expect(json(base, 'Deployment')).toContain('# $$(HOSTNAME) `id` $$(id)')
  })

  it.each([
    ['native: {target: process}', /`native` does not name an image/],
    ['url: {target: {url: "http://a:1"}}', /no config has a server to start in a cluster/],
    ['all: {target: {docker: {image: a, gpus: all}}}', /`gpus: all`: it needs a number/],
    [
      'many: {target: {docker: {image: a, gpus: "10000"}}}',
      /`gpus: 10000`: it needs a number from/,
    ],
  ])('refuses %s', (config, message) => {
    expect(() => baseOf(experiment(`  ${config}`))).toThrow(message)
  })

  it('refuses a race', () => {
    const race = `tune: {base: one, space: {env: {OLLAMA_NUM_PARALLEL: [1, 2]}}, maximize: throughput, budget: 5m, ignoreBelow: 3%}`
    const one = '  one: {target: {docker: {image: a}}}'
    expect(() => baseOf(experiment(one, race).replace('rounds: 2\n', ''))).toThrow(/`tune` chooses/)
  })
})
