/** A mix of two models, levels of a load and a grid on a real Ollama, in a short form: mechanics, no figures. */
import { expect, it } from 'vitest'
import type { Project } from '../support/project.ts'
import {
  addCopy,
  describeRealOllama,
  realModel,
  realOllamaTimeoutMs,
} from '../support/real-ollama.ts'
import { decodeRecords, trialHeaders } from './records.ts'

const version = '0.20.0'
const copy = 'smollm2-copy:135m'

await describeRealOllama(
  'a real Ollama',
  version,
  (project) => {
    it(
      'evicts the models of a mix in turn if it may keep only one, and none if it may keep both',
      async () => {
        project.write('experiments/mix.yaml', mixExperiment)
        const run = await project.exp('run', 'experiments/mix.yaml', '--yes')
        expect(run.code, run.stderr).toBe(0)
        const facts = decodeRecords(project, 'mix')
        expect(facts('one')['loadCount']).toBeGreaterThanOrEqual(4)
        expect(JSON.parse(String(facts('one')['loadedModels']))).toHaveLength(1)
        expect(facts('both')).toMatchObject({
          loadCount: 0,
          otherModelLoads: 0,
          loadedModels: JSON.stringify([realModel, copy]),
        })
        const report = project.read('reports/mix/README.md')
        expect(report).toMatch(/^\| Model loads \| [1-9]\d* \| 0 \|/m)
        expect(report).toMatch(/^\| Evictions \| [1-9]\d* \| 0 \|/m)
        expect(report).toContain('The models of the mix evict each other')
        expect(report).toContain('export OLLAMA_MAX_LOADED_MODELS=2')
        expect(report).not.toContain('there is only one model to load')
        expect((await project.exp('check')).code).toBe(0)
      },
      realOllamaTimeoutMs,
    )

    it(
      'measures all levels of a load, and all cells of a grid that differ in users, on one server',
      async () => {
        project.write('experiments/levels.yaml', levelsExperiment)
        project.write('experiments/cells.yaml', gridExperiment)
        for (const name of ['levels', 'cells']) {
          const run = await project.exp('run', `experiments/${name}.yaml`, '--yes')
          expect(run.code, run.stderr).toBe(0)
        }
        expect(startsOf(project, 'levels')).toEqual([1, 1, 3, 3])
        expect(startsOf(project, 'cells')).toEqual([1, 1, 3, 3])
        expect(project.read('reports/levels/README.md')).toContain('## Load and capacity')
        expect(project.read('reports/cells/README.md')).toContain('OLLAMA_NUM_PARALLEL')
      },
      realOllamaTimeoutMs,
    )
  },
  (program, models) => addCopy(program, models, copy),
)

/** The start of the server of each trial, in the order of the trials. */
function startsOf(project: Project, experiment: string): readonly (number | undefined)[] {
  return trialHeaders(project, experiment).map(({ start }) => start)
}

const common = `locale: en
model: "${realModel}"
dataset: {name: questions, samples: [{text: Name a colour.}, {text: Name an animal.}]}
`
const workload = (load: string, mix = '') => `workload:
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 8, num_ctx: 1024}
${mix}  load: ${load}
  warmup: {requests: 2}
`
const target = `target: {process: {version: ${version}}}`

const mixExperiment = `title: Mix
${common}${workload(
  '{users: 1, requests: 10}',
  `  mix: [{model: "${realModel}"}, {model: "${copy}"}]\n`,
)}rounds: 1
configs:
  one: {${target}, env: {OLLAMA_MAX_LOADED_MODELS: 1}}
  both: {from: one, env: {OLLAMA_MAX_LOADED_MODELS: 2}}
baseline: one
`
const levelsExperiment = `title: Levels
${common}${workload('{users: [1, 2], requests: 4}')}rounds: 2
slo: {latencyMean: "<= 1m", okRate: ">= 99%"}
configs:
  any: {${target}}
`
const gridExperiment = `title: Cells
${common}${workload('{users: 1, requests: 4}')}rounds: 1
configs:
  base: {${target}}
vary: {base: base, env: {OLLAMA_NUM_PARALLEL: [1, 2]}, load: {users: [1, 2]}}
`
