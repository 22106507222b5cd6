import { describe, expect, it } from 'vitest'
import { lockBytes, parseLock } from '../../src/notebook/lock.ts'
import { Project } from './project.ts'

const earlierLock = 'reports/slots/v1.0.lock.json'
const earlierQps = 7

/** A project whose only version is closed, and was computed by method 1, which gave other figures. */
async function earlierMethod(): Promise<Project> {
  const project = new Project()
  await project.measure({ run: 'a', latency: { 'slots-1': 400, 'slots-4': 300 } })
  await project.publish()
  const { method, configs, ...lock } = parseLock(project.bytes(earlierLock), earlierLock)
  expect(method).toBe(2)
  const figured = Object.entries(configs).map(
    ([key, config]) =>
      [key, { ...config, figures: { ...config.figures, qps: earlierQps } }] as const,
  )
  project.write(earlierLock, lockBytes({ ...lock, configs: Object.fromEntries(figured) }))
  return project
}

describe('a version of an earlier method', () => {
  it('is frozen byte for byte; the next version names the change of method', async () => {
    const project = await earlierMethod()
    const report = project.bytes('reports/slots/README.md')
    expect(await project.check()).toContain('stale reports/slots/README.md')
    expect((await project.publish()).version).toBe('v1.1')
    expect(project.bytes('reports/slots/v1.0.md')).toEqual(report)
    expect(parseLock(project.bytes(earlierLock), earlierLock)).toMatchObject({
      configs: { 'slots-1': { figures: { qps: earlierQps } } },
    })
    expect(project.text('reports/slots/README.md')).toContain(
      'figures computed by method 2 instead of 1',
    )
    expect(await project.check()).toEqual([])
    expect((await project.publish()).written).toEqual([])
  })

  it('is compared by figures that are computed again from its results', async () => {
    const project = await earlierMethod()
    await project.publish()
    const same = await project.notebook.difference('slots')
    expect(same).toMatchObject({ method: { from: 1, to: 2, recomputed: true }, configs: [] })
    await project.measure({
      run: 'b',
      latency: { 'slots-1': 400, 'slots-4': 200 },
      day: '2025-08-07',
    })
    await project.publish()
    const difference = await project.notebook.difference('slots', 'v1.0', 'v1.2')
    const figures = difference.configs.flatMap((config) => config.figures)
    const qps = figures.find(({ metric }) => metric === 'qps')
    expect(qps!.to! / qps!.from!).toBeCloseTo(1.5, 2)
    const text = project.notebook.describe(difference, 'text')
    expect(text).toMatch(/QPS.*\+50\.0%/)
    expect(text).toContain('computed again here from the stored results')
  })

  it('is not compared by rates if its results are missing', async () => {
    const project = await earlierMethod()
    await project.publish()
    project.remove('reports/slots/results/a-slots-4-r2.jsonl')
    const difference = await project.notebook.difference('slots')
    expect(difference.method).toEqual({ from: 1, to: 2, recomputed: false })
    const text = project.notebook.describe(difference, 'text')
    expect(text).not.toContain('QPS')
    expect(text).toContain('cannot be computed again')
  })
})
