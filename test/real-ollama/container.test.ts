/** A real Ollama in a container of a real Docker engine. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasDocker, importOllamaImage } from '../support/engine-image.ts'
import { Project } from '../support/project.ts'
import { builtOllama, modelStore, questionsExperiment, realModel } from '../support/real-ollama.ts'
import { decodeRecords } from './records.ts'

const version = '0.11.3'
const program = await builtOllama(version)
const canRun = program !== undefined && (await hasDocker())
const image = `exp-notebook-real-ollama-${process.pid}`
const timeoutMs = 600_000

describe.skipIf(!canRun)('a real Ollama in a container', () => {
  const project = new Project()
  let models = ''
  beforeAll(async () => {
    models = await modelStore(program ?? '')
    await importOllamaImage(program ?? '', image)
  }, timeoutMs)
  afterAll(async () => {
    project.remove()
    await promisify(execFile)('docker', ['rmi', '--force', image])
  })

  it(
    'is loaded once, is read to the last line of its log, and leaves no container behind',
    async () => {
      project.write('experiments/container.yaml', experiment(models))
      const run = await project.exp('run', 'experiments/container.yaml', '--yes')
      expect(run.code, run.stderr).toBe(0)
      expect(decodeRecords(project, 'container')('two')).toMatchObject({
        serverVersion: version,
        slots: 2,
        contextLength: 1024,
        threads: 1,
        loadCount: 0,
        containerArchitecture: process.arch === 'x64' ? 'amd64' : process.arch,
      })
      const half = decodeRecords(project, 'container')('half')
      expect(half).toMatchObject({ containerCpus: 0.5, slots: 2 })
      expect(half['containerThrottledPeriods']).toBeGreaterThan(0)
      const report = project.read('reports/container/README.md')
      expect(report).not.toContain('reloaded repeatedly')
      const { stdout } = await promisify(execFile)('docker', [
        'ps',
        '--all',
        '--quiet',
        `--filter=ancestor=${image}`,
      ])
      expect(stdout).toBe('')
    },
    timeoutMs,
  )

  it(
    'races settings, each trial in a container of its own',
    async () => {
      project.write('experiments/race.yaml', racing(models))
      const run = await project.exp('run', 'experiments/race.yaml', '--yes')
      expect(run.code, run.stderr).toBe(0)
      expect(run.stderr).toContain('after round 2: ')
      const trials = project.list('reports/race/results')
      const ofSecondRound = trials.filter((name) => name.endsWith('-r2.jsonl'))
      expect(ofSecondRound).toHaveLength(2)
      const report = project.read('reports/race/README.md')
      expect(report).toMatch(/Over two|No gain is proven|Change nothing/)
    },
    timeoutMs,
  )
})

/** The budget pays for the first look and the confirmation only. */
const racing = (store: string) => `title: Race
locale: en
model: ${realModel}
dataset: {name: d, samples: [{id: a, text: Count to ten}]}
workload:
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 4, num_ctx: 512, num_thread: 1}
  load: {users: 2, requests: 4}
  warmup: {requests: 1}
configs:
  two: {target: {docker: {image: ${image}, models: ${store}}}, env: {OLLAMA_NUM_PARALLEL: 2}}
tune: {space: {env: {OLLAMA_NUM_PARALLEL: [1, 2]}}, maximize: qps, budget: 1s}
`

const experiment = (store: string) =>
  questionsExperiment(
    'Container',
    8,
    `  two: {target: {docker: {image: ${image}, models: ${store}}}, env: {OLLAMA_NUM_PARALLEL: 2}}
  half: {from: two, target: {docker: {image: ${image}, models: ${store}, cpus: 0.5}}}
baseline: two
`,
  )
