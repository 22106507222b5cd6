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
  expect(planned.stderr).toContain('a race decides itself')
}, 300_000)
