/** Races settings of a real Ollama server. Asserts which trials were measured and what the report has, no figures. */
import { expect, it } from 'vitest'
import { describeRealOllama, realModel, realOllamaTimeoutMs } from '../support/real-ollama.ts'

const version = '0.20.0'

await describeRealOllama('a race on a real Ollama', version, (project) => {
  it(
    'measures three configs, and confirms the leader against the default',
    async () => {
      project.write('experiments/race.yaml', racingExperiment)
      const run = await project.exp('run', 'experiments/race.yaml', '--yes')
      expect(run.code, run.stderr).toBe(0)
      const trials = project.list('reports/race/results')
      const roundsOf = (config: string) =>
        trials.filter((name) => name.includes(`-${config}-r`)).length
      const configs = ['default', 'num-parallel-2', 'num-parallel-4']
      expect(configs.filter((config) => ![2, 8].includes(roundsOf(config)))).toEqual([])
      const report = project.read('reports/race/README.md')
      expect(report).toContain('### Each config')
      expect(report).toMatch(/Over default|No gain is proven|Change nothing/)
      expect((await project.exp('check')).code).toBe(0)
    },
    realOllamaTimeoutMs,
  )

  it(
    'eliminates a config whose server does not start, with the line of its log that says why',
    async () => {
      project.write(
        'experiments/broken.yaml',
        racingExperiment
          .replace('title: race', 'title: broken')
          .replace('OLLAMA_NUM_PARALLEL: [2, 4]', 'GOMEMLIMIT: [8GiB, bad]'),
      )
      const run = await project.exp('run', 'experiments/broken.yaml', '--yes')
      expect(run.stderr).toContain('malformed GOMEMLIMIT')
      const broken = project
        .list('reports/broken/results')
        .filter((name) => name.includes('-gomemlimit-bad-r'))
      expect(broken).toHaveLength(1)
      const report = project.read('reports/broken/README.md')
      expect(report).toMatch(/GOMEMLIMIT=bad \|.*in round 1, failed: .*malformed GOMEMLIMIT/)
    },
    realOllamaTimeoutMs,
  )
})

/** The budget pays for the first look and the confirmation only. */
const racingExperiment = `title: race
locale: en
model: ${realModel}
dataset: {name: d, samples: [{id: a, text: Count to ten}, {id: b, text: Name three rivers}]}
workload:
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 8, num_ctx: 512, num_thread: 1}
  load: {users: 4, requests: 12}
  warmup: {requests: 1}
configs:
  default: {target: {process: {version: "${version}"}}}
tune:
  space: {env: {OLLAMA_NUM_PARALLEL: [2, 4]}}
  maximize: throughput
  budget: 1s
`
