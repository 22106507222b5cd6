/** A notebook of hundreds of experiments: the work of a command grows with their number, not with its square. */
import { mkdirSync, openSync, readdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { Project, yaml } from './project.ts'

vi.mock('node:fs', { spy: true })

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove('.')
})

function projectOf(count: number): Project {
  const project = new Project(yaml, 'e0')
  projects.push(project)
  for (let at = 0; at < count; at += 1) {
    project.write(`experiments/e${at}.yaml`, yaml.replace('两个设置', `title ${at}`))
    mkdirSync(path.join(project.root, `reports/e${at}`), { recursive: true })
  }
  return project
}

/** How many files a command opens, and how many names it reads from folders. */
async function workOf(project: Project, ...args: readonly string[]) {
  vi.mocked(openSync).mockClear()
  vi.mocked(readdirSync).mockClear()
  vi.mocked(realpathSync.native).mockClear()
  const io = memoryIo(project.root)
  expect(await runCommandLine(args, io), io.out() + io.err()).toBe(0)
  const listed = vi.mocked(readdirSync).mock.results.flatMap(({ value }) => value as unknown[])
  return { opened: vi.mocked(openSync).mock.calls.length, listed: listed.length }
}

describe('many experiments', () => {
  it.each([['report --all'], ['check'], ['list']])(
    'cost `exp %s` the same each',
    async (command) => {
      const of = async (count: number) => {
        const project = projectOf(count)
        if (command !== 'report --all') await workOf(project, 'report', '--all')
        return workOf(project, ...command.split(' '))
      }
      const [few, more, many] = [await of(10), await of(20), await of(60)]
      expect(few.opened).toBeGreaterThan(10)
      for (const kind of ['opened', 'listed'] as const) {
        const each = (more[kind] - few[kind]) / 10
        expect(many[kind], `${kind}, ${each} each`).toBe(more[kind] + 40 * each)
      }
    },
  )
})
