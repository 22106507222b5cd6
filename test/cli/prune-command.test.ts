import { afterEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { openNotebook as openLibrary } from '../../src/library/index.ts'
import { Project } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'

async function runExp(root: string, ...args: readonly string[]) {
  const io = memoryIo(root)
  return { code: await runCommandLine(args, io), stdout: io.out(), stderr: io.err() }
}

const projects: Project[] = []
afterEach(() => projects.splice(0).forEach((project) => project.remove('.')))

/** Three versions, each from a run of its own. */
async function threeVersions(): Promise<Project> {
  const project = new Project()
  projects.push(project)
  for (const [index, run] of ['r1', 'r2', 'r3'].entries()) {
    const latency = { 'slots-1': 200 + index, 'slots-4': 100 + index }
    await project.measure({ run, latency, day: `2025-08-0${index + 1}` })
    await project.publish()
  }
  return project
}

const results = 'reports/slots/results'
const shapeOf = (project: Project, run: string) =>
  project
    .files(results)
    .filter((name) => name.startsWith(run))
    .map(
      (name) =>
        project
          .text(`${results}/${name}`)
          .match(/"type":"\w+"/g)
          ?.join(' ') ?? '',
    )

describe('exp prune', () => {
  it('says what would be removed, and changes nothing without a terminal', async () => {
    const project = await threeVersions()
    const before = project.snapshot()
    const { code, stderr } = await runExp(project.root, 'prune', 'slots')
    expect(code).toBe(2)
    expect(stderr).toContain('slots: the results of v1.2, v1.1 stay whole')
    expect(stderr).toContain('v1.0: 4 trials shrink to their figures')
    expect(stderr).toContain('Nothing was pruned. `--yes` prunes without a question.')
    expect(project.snapshot()).toEqual(before)
  })

  it('leaves the figures of the oldest version, and everything else as it was', async () => {
    const project = await threeVersions()
    const isResult = ([file]: readonly [string, string]) => file.startsWith(`${results}/r1`)
    const before = [...project.snapshot()].filter((entry) => !isResult(entry))
    const { code, stdout } = await runExp(project.root, 'prune', 'slots', '--yes')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^slots: pruned; results take \d+ kB instead of \d+ kB\n$/)
    expect([...project.snapshot()].filter((entry) => !isResult(entry))).toEqual(before)
    for (const shape of shapeOf(project, 'r1'))
      expect(shape).toBe(
        '"type":"trial" "type":"evidence" "type":"window" "type":"figures" "type":"end"',
      )
    const [first = ''] = project.files(results)
    const figures = JSON.parse(project.text(`${results}/${first}`).split('\n')[3] ?? '') as {
      figures: Record<string, { value: number; n: number }>
    }
    expect(figures.figures['latencyMean']).toEqual({ value: 200, n: 24 })
  })

  it('leaves a notebook that passes the check, which names the version that cannot be computed again', async () => {
    const project = await threeVersions()
    await runExp(project.root, 'prune', 'slots', '--yes')
    const { code, stderr, stdout } = await runExp(project.root, 'check')
    expect(code).toBe(0)
    expect(stdout + stderr).toContain('the results of v1.0 were pruned to the figures')
  })

  it('has nothing more to do when it is repeated, or if all versions are kept', async () => {
    const project = await threeVersions()
    const all = await runExp(project.root, 'prune', 'slots', '--keep', '3', '--yes')
    expect(all.stdout).toContain('slots: nothing to prune')
    await runExp(project.root, 'prune', 'slots', '--yes')
    const again = await runExp(project.root, 'prune', 'slots', '--yes')
    expect(again.stdout).toContain('slots: nothing to prune')
  })

  it('keeps the results of an older version that the current one uses', async () => {
    const project = await threeVersions()
    await runExp(project.root, 'drop', 'slots', 'r3', '--why', 'on battery')
    const { stderr } = await runExp(project.root, 'prune', 'slots', '--keep', '1', '--yes')
    // v1.3 uses run r2 again
    expect(stderr).toContain('slots: the results of v1.3 stay whole')
    expect(shapeOf(project, 'r2').every((shape) => shape.includes('request'))).toBe(true)
    expect(shapeOf(project, 'r1').some((shape) => shape.includes('request'))).toBe(false)
    expect(shapeOf(project, 'r3').some((shape) => shape.includes('request'))).toBe(false)
    expect((await runExp(project.root, 'check')).code).toBe(0)
  })

  it('never lets a report use a pruned run: without its own run, a config is pending', async () => {
    const project = await threeVersions()
    await runExp(project.root, 'prune', 'slots', '--keep', '1', '--yes')
    await runExp(project.root, 'drop', 'slots', 'r3', '--why', 'on battery')
    expect(project.text('reports/slots/README.md')).toContain('0/2 configs have results')
  })

  it('refuses if a result is not the one that its version was made from', async () => {
    const project = await threeVersions()
    const [first = ''] = project.files(results)
    project.edit(`${results}/${first}`, '"index":0', '"index":7')
    const before = project.snapshot()
    const { code, stderr } = await runExp(project.root, 'prune', 'slots', '--yes')
    expect(code).toBe(2)
    expect(stderr).toContain(`${first} is not the result that v1.0 was made from`)
    expect(project.snapshot()).toEqual(before)
  })

  it('lists pruned trials without requests in the library', async () => {
    const project = await threeVersions()
    await runExp(project.root, 'prune', 'slots', '--yes')
    const pruned: number[] = []
    for await (const trial of openLibrary(project.root).trials('slots'))
      if (trial.pruned === true) pruned.push(trial.requests.length)
    expect(pruned).toEqual([0, 0, 0, 0])
  })
})
