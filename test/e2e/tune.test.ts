/** A race between settings by the built program, on the embedded engine. Asserts no figures. */
import { afterEach, expect, it } from 'vitest'
import { Project, smallExperiment } from '../support/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const file = 'experiments/slots.yaml'

/** The base has one slot and is one of two configs. The budget pays for the first look only. */
function racingExperiment(): string {
  const [head = ''] = smallExperiment().split('rounds:')
  return `${head}configs:
  one-slot: {target: embedded, env: {OLLAMA_NUM_PARALLEL: 1}}
tune: {space: {env: {OLLAMA_NUM_PARALLEL: [1, 2]}}, maximize: qps, budget: 1s}
`.replace('locale: en', 'locale: [en, zh-CN]')
}

it('races, confirms, and writes a report that passes exp check', async () => {
  const project = new Project()
  projects.push(project)
  project.write(file, racingExperiment())
  const refused = await project.exp('run', file)
  expect(refused.stderr).toContain('the budget of the race is 1')
  expect(project.list('.')).not.toContain('reports')
  const run = await project.exp('run', file, '--yes')
  expect(run.code, run.stderr).toBe(0)
  expect(run.stderr).toContain('after round 2: ')
  const report = project.read('reports/slots/README.md')
  expect(report).toMatch(/^- \*\*(?:Best settings|Cannot tell which settings are best)/m)
  expect(report).toMatch(/^- (?:\*\*Change nothing|Over one-slot|\*\*No gain is proven)/m)
  expect(report).toContain('### Each config')
  expect(project.read('reports/slots/README.zh-CN.md')).toContain('### 每个配置')
  const check = await project.exp('check')
  expect(check.code, check.stdout + check.stderr).toBe(0)
  const again = await project.exp('run', file, '--resume')
  expect(again.code, again.stderr).toBe(0)
  expect(project.read('reports/slots/README.md')).toBe(report)
  const planned = await project.exp('run', file, '--rounds', '4')
  expect(planned.stderr).toContain('a race itself decides how often')
}, 300_000)

it('eliminates a faster config whose answers fail the checks of the dataset', async () => {
  const project = new Project()
  projects.push(project)
  const samples = Array.from({ length: 10 }, (_, index) => `{id: s${index}, text: "word ${index}"}`)
  project.write(
    'experiments/spoilt.yaml',
    `title: spoilt
locale: en
model: tiny
dataset:
  name: words
  samples: [${samples.join(', ')}]
  checks: [{name: long, measure: regex, pattern: "^[^]{6,}"}]
workload:
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 48, num_ctx: 512}
  load: {users: 2, requests: 20}
  warmup: {requests: 1}
configs:
  whole: {target: embedded}
tune: {space: {options: {num_predict: [2, 48]}}, maximize: qps, budget: 1s}
`,
  )
  const run = await project.exp('run', 'experiments/spoilt.yaml', '--yes')
  expect(run.code, run.stderr).toBe(0)
  const report = project.read('reports/spoilt/README.md')
  expect(report).toMatch(
    /num_predict=2 \|.*after round 2: misses the quality of the default in long/,
  )
  expect(report).not.toMatch(/num_predict=2\*\*|num_predict=2 gains/)
}, 300_000)
