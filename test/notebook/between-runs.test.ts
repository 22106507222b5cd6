/** Reports whose configs come from different runs: the notebook knows what runs of one definition differ by. */
import { expect, it } from 'vitest'
import { parseLock } from '../../src/notebook/lock.ts'
import { Project, yaml } from './project.ts'

const text = yaml.replace('rounds: 2', 'rounds: 3')
const runOf = (day: number, latency: Readonly<Record<string, number>>) => ({
  run: `2025080${day}T070000Z-aaaa`,
  day: `2025-08-0${day}`,
  rounds: 3,
  latency,
})

async function measuredApart(...earlier: readonly number[]): Promise<Project> {
  const project = new Project(text)
  for (const [index, ms] of earlier.entries())
    await project.measure(runOf(index + 1, { 'slots-1': ms }))
  await project.measure(runOf(9, { 'slots-4': 300 }))
  return project
}

const report = (project: Project) => project.text('reports/slots/README.md')
const lockOf = (project: Project, version: string) => {
  const file = `reports/slots/${version}.lock.json`
  return parseLock(project.bytes(file), file)
}

it('assumes 5 % without earlier runs, and only leans', async () => {
  const project = await measuredApart(400)
  const { verdicts } = await project.publish()
  expect(verdicts[0]).toContain('🔎 leans for')
  expect(report(project)).toContain(
    'up to 5.0% in mean latency is assumed, because fewer than 4 runs of one config are stored',
  )
  expect(report(project)).toContain('H1: the sides come from different runs')
  expect(report(project)).not.toContain('H1: the estimate has no interval')
  expect(lockOf(project, 'v1.0')).not.toHaveProperty('earlierRuns')
})

it('uses the spread of four runs, which the lock names, and of no excluded run', async () => {
  const project = await measuredApart(404, 396, 400, 402)
  await project.measure({ ...runOf(5, { 'slots-1': 800 }), machine: 'other' })
  await project.publish()
  // another machine measured the newest run of this config, so that no earlier run is like it
  expect(report(project)).toContain('is assumed')
  const { version } = await project.notebook.drop(
    project.experiment(),
    runOf(5, {}).run,
    'wrong machine',
    '2025-08-10T00:00:00Z',
  )
  // t(0.975; 3) · √2 · s of the logs of 404, 396, 400 and 402
  expect(report(project)).toMatch(
    /up to 3\.9% in mean latency, as 4 stored runs of one config show/,
  )
  const files = Object.keys(lockOf(project, version).earlierRuns ?? {})
  expect(files).toHaveLength(9)
  expect(await project.check()).toEqual([])
  project.remove(`reports/slots/results/${files[0] ?? ''}`)
  expect(await project.check()).toContain(`result-missing reports/slots/results/${files[0] ?? ''}`)
})
