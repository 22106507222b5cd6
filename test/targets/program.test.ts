/** Runs the built program with process targets and Docker targets, as a user would. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ownerLabel } from '../../src/targets/docker/create-arguments.ts'
import { hasDocker, importEngineImage } from '../support/engine-image.ts'
import { Project } from '../support/project.ts'
import { file, trial, writeNative } from './native-project.ts'

const minute = 60_000
const image = `exp-notebook-test-experiment-${process.pid}`
const state = mkdtempSync(join(tmpdir(), 'exp-state-'))
process.env['XDG_STATE_HOME'] = state
const docker = async (...args: readonly string[]) =>
  (await promisify(execFile)('docker', [...args])).stdout.trim()
const projects: Project[] = []

afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})
afterAll(() => rmSync(state, { recursive: true }))

async function projectWith(configs: string, requests: number): Promise<Project> {
  const project = new Project()
  projects.push(project)
  await writeNative(project, configs, { requests, rounds: 'rounds: 2' })
  return project
}

const startedFolder = join(state, 'exp/started')
const started = () => readdirSync(startedFolder)

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('exp run with a process target', () => {
  it(
    'reports a crash while loading with the last lines of the log, continues with the other trials, and exits 4',
    async () => {
      const project = await projectWith(
        '  broken:\n    from: native\n    env: {TEST_OLLAMA: crashes-at-load}\n',
        4,
      )
      const { code, stderr } = await project.exp('run', file, '--yes')
      expect(code, stderr).toBe(4)
      expect(trial(project, 'native', 2).end?.outcome).toBe('ended')
      const { end, text } = trial(project, 'broken', 2)
      expect(end?.outcome).toBe('failed')
      expect(end?.reason).toMatch(
        /while it loaded `qwen3:0.6b`; its log says: panic: out of memory/,
      )
      expect(text).not.toContain(project.root)
      expect(project.read('reports/targets/README.md')).toContain('panic: out of memory')
      expect(started()).toEqual([])
    },
    3 * minute,
  )

  it(
    'stores how a server ended if it crashes, ignores SIGTERM or leaves children, and leaves no process behind',
    async () => {
      const failingConfig = (key: string, what: string) =>
        `  ${key}:\n    from: native\n    env: {TEST_OLLAMA: ${what}, TEST_FOLDER: "${state}"}\n`
      const project = await projectWith(
        failingConfig('dying', 'crashes-while-serving') +
          failingConfig('stubborn', 'ignores-sigterm') +
          failingConfig('escaping', 'escapes'),
        12, // four requests are under way when the server crashes
      )
      const { code, stderr } = await project.exp('run', file, '--yes')
      expect(code, stderr).toBe(4)
      for (const key of ['stubborn', 'escaping'])
        expect(trial(project, key, 2).end?.outcome).toBe('ended')
      const { end, facts } = trial(project, 'dying', 2)
      expect(end).toMatchObject({
        outcome: 'failed',
        reason: expect.stringContaining('ended (signal SIGKILL) while it was measured') as string,
      })
      expect(facts('after')['crashes']).toBe(1)
      expect(project.read('reports/targets/README.md')).toContain('signal SIGKILL')
      const escaped = Number(readFileSync(join(state, 'escaped'), 'utf8'))
      await expect.poll(() => isRunning(escaped), { timeout: minute }).toBe(false)
      expect(started()).toEqual([])
    },
    4 * minute,
  )

  it(
    'when exp runs again, it stops the server that a run killed with kill -9 left running',
    async () => {
      const project = await projectWith('', 20_000)
      const running = project.start('run', file, '--yes')
      await expect
        .poll(() => project.list('reports/targets/results'), { timeout: minute })
        .toHaveLength(1)
      await expect.poll(started, { timeout: minute }).toHaveLength(1)
      running.child.kill('SIGKILL')
      await running.finished
      const [name = ''] = started()
      const group = Number(name.replace('.json', ''))
      expect(process.kill(-group, 0)).toBe(true)
      const doctor = await project.exp('doctor')
      expect(doctor.stdout).toContain('`ollama serve`')
      expect(() => process.kill(-group, 0)).toThrow('ESRCH')
      expect(started()).toEqual([])
    },
    3 * minute,
  )
})

describe.skipIf(!(await hasDocker()))(
  'exp run with a Docker target (skipped if no Docker engine is running)',
  () => {
    beforeAll(() => importEngineImage(image), 5 * minute)
    afterAll(() => docker('image', 'rm', '--force', image))
    const container = `  container:\n    from: native\n    target: {docker: {image: ${image}, cpus: 0.5, models: models}}\n    options: {num_thread: 2}\n`
    const containersOfTest = () =>
      docker('ps', '--all', '--quiet', `--filter=label=${ownerLabel}`, `--filter=ancestor=${image}`)

    it(
      'when exp runs again, it removes the container that a killed run left behind',
      async () => {
        const project = await projectWith(container, 20_000)
        const running = project.start('run', file, '--yes')
        await expect.poll(containersOfTest, { timeout: minute }).not.toBe('')
        expect((await project.exp('doctor')).stdout).not.toContain(image)
        await expect.poll(containersOfTest, { timeout: minute }).not.toBe('')
        running.child.kill('SIGKILL')
        await running.finished
        const killed = await containersOfTest()
        expect(killed).not.toBe('')
        const again = project.start('run', file, '--yes')
        await again.untilStderr(/\d configs, 2 rounds/)
        expect((await containersOfTest()).split('\n')).not.toContain(killed)
        again.child.kill('SIGINT')
        expect((await again.finished).code).toBe(130)
        expect(await containersOfTest()).toBe('')
      },
      3 * minute,
    )
  },
)
