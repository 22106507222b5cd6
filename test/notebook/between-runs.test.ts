/** Reports whose configs come from different runs: the notebook knows what runs of one definition differ by. */
import { describe, expect, it } from 'vitest'
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
    'up to 5.0% in mean latency, assumed because fewer than 4 runs of one config are stored',
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
  expect(report(project)).toContain('assumed because')
  const { version } = await project.notebook.drop(
    project.experiment(),
    runOf(5, {}).run,
    'wrong machine',
    '2025-08-10T00:00:00Z',
  )
  // t(0.975; 3) · √2 · s of the logs of 404, 396, 400 and 402
  expect(report(project)).toMatch(
    /up to 3\.9% in mean latency, estimated from 4 stored runs of one config/,
  )
  const files = Object.keys(lockOf(project, version).earlierRuns ?? {})
  expect(files).toHaveLength(9)
  expect(await project.check()).toEqual([])
  project.remove(`reports/slots/results/${files[0] ?? ''}`)
  expect(await project.check()).toContain(`result-missing reports/slots/results/${files[0] ?? ''}`)
})

describe('exp diff between two runs of one definition', () => {
  async function twoRuns(
    before: Readonly<Record<string, number>>,
    after: Readonly<Record<string, number>>,
  ) {
    const project = new Project(text)
    await project.measure(runOf(1, before))
    await project.publish()
    await project.measure(runOf(2, after))
    await project.publish()
    const difference = await project.notebook.difference('slots')
    const say = (format: 'text' | 'md') => project.notebook.describe(difference, format)
    return { difference, text: say('text'), md: say('md') }
  }

  it('has no arrow for a change within run-to-run variation, and leaves out these rows', async () => {
    const {
      difference,
      text: shown,
      md,
    } = await twoRuns({ 'slots-1': 400, 'slots-4': 300 }, { 'slots-1': 415, 'slots-4': 311 })
    const figures = difference.configs.flatMap((one) => one.figures)
    expect(figures.length).toBeGreaterThan(4)
    expect(figures.filter(({ mark }) => mark === 'better' || mark === 'worse')).toEqual([])
    expect(shown).not.toMatch(/\d%? (?:⬆️|⬇️)/)
    expect(shown).not.toContain('Mean latency')
    expect(shown).toContain(`${figures.length} without a clear difference`)
    expect(md).toContain(`<summary>${figures.length} without a clear difference</summary>`)
    expect(md).toMatch(/\| Mean latency \(ms\) \| 3\d\d \| 3\d\d \| \+3\.\d% ❔ \|/)
  })

  it('marks a larger change, and a ratio of two configs of the same run', async () => {
    const { difference, text: shown } = await twoRuns(
      { 'slots-1': 400, 'slots-4': 300 },
      { 'slots-1': 600, 'slots-4': 330 },
    )
    const latency = difference.configs.map(({ figures }) =>
      figures.find(({ metric }) => metric === 'latencyMean')!,
    )
    expect(latency.map(({ mark }) => mark)).toEqual(['worse', 'worse'])
    const { low, high } = latency[1]!.interval!
    // +10 %, widened by 5 % on the log scale; the simulated trials do not vary
    expect(low).toBeCloseTo((1.1 / 1.05 - 1) * 100, 1)
    expect(high).toBeCloseTo((1.1 * 1.05 - 1) * 100, 1)
    // 0.75x before and 0.55x now
    expect(difference.ratios).toMatchObject([{ label: 'Four slots', mark: 'better' }])
    expect(shown).toMatch(/^Ratios to the baseline\n.*\n +Four slots +0\.75x +0\.55x +-26\.7% ⬆️/m)
    expect(shown.indexOf('Ratios to the baseline')).toBeLessThan(shown.indexOf('Figures'))
  })

  it('shows figures without a mark if results are missing', async () => {
    const project = new Project(text)
    for (const [day, ms] of [400, 600].entries()) {
      await project.measure(runOf(day + 1, { 'slots-1': ms, 'slots-4': 300 }))
      await project.publish()
    }
    project.remove('reports/slots/results')
    const difference = await project.notebook.difference('slots')
    const marks = difference.configs.flatMap(({ figures }) => figures.map(({ mark }) => mark))
    expect(new Set(marks)).toEqual(new Set(['unknown']))
  })
})
