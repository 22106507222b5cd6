import { describe, expect, it } from 'vitest'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { pairsOfVersions } from '../../src/setup/rerun.ts'

function experiment(target: string) {
  const text = `title: T
model: some:1b
dataset: {name: d, samples: [{text: one}]}
workload: {prompt: "{{text}}", load: {users: 1, requests: 1}}
configs:
  main: {target: ${target}}
`
  const { experiment, problems } = parseExperiment({
    file: 'experiments/t.yaml',
    text,
    readDataset: () => undefined,
  })
  if (experiment === undefined) throw new Error(JSON.stringify(problems))
  return experiment
}

const targetsOf = (target: string, versions: readonly [string, string]) =>
  pairsOfVersions(experiment(target), versions, []).pairs.map(({ before, after }) => [
    before.target,
    after.target,
  ])

describe('two versions of Ollama', () => {
  it('are two programs for a process', () => {
    expect(targetsOf('process', ['0.11.3', 'installed'])).toEqual([
      [
        { kind: 'process', pull: false, version: '0.11.3' },
        { kind: 'process', pull: false },
      ],
    ])
  })

  it('are two images for a container, of which the file names one', () => {
    const images = targetsOf('{docker: {image: "ollama/ollama:0.20.0"}}', ['0.11.3', 'installed'])
    expect(images.flat()).toMatchObject([
      { image: 'ollama/ollama:0.11.3' },
      { image: 'ollama/ollama:0.20.0' },
    ])
  })

  it('may differ in version and default context', () => {
    const { pairs } = pairsOfVersions(experiment('process'), ['0.11.3', 'installed'], [])
    expect(pairs[0]?.after.accept).toEqual(['serverVersion', 'contextLength'])
    expect(pairs[0]?.before.measurementDigest).not.toBe(pairs[0]?.after.measurementDigest)
  })

  it('leave out a config that both versions start alike', () => {
    expect(
      pairsOfVersions(
        experiment('{docker: {image: "ollama/ollama:0.20.0"}}'),
        ['0.20.0', 'installed'],
        [],
      ),
    ).toEqual({ pairs: [], unchanged: ['main'] })
  })
})
