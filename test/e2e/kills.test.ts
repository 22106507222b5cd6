/** Kills the built program at thirty places, ten of them in the writing of reports, frozen versions and locks. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { Project, smallExperiment } from '../support/project.ts'
import { answers, json, ScriptedOllama } from '../support/scripted-ollama.ts'

const minute = 60_000
const file = 'experiments/slots.yaml'
const remark = 'These words are ours.'
const hook = pathToFileURL(resolve('test/support/kill-at.mjs')).href
const projects: Project[] = []
const servers: ScriptedOllama[] = []

afterEach(async () => {
  for (const project of projects.splice(0)) project.remove()
  for (const server of servers.splice(0)) await server.close()
})

function newProject(experiment: string): Project {
  const project = new Project()
  projects.push(project)
  project.write(file, experiment)
  return project
}

/** A project whose configs name one scripted server, so that a run takes a second. */
async function projectWithServer(): Promise<Project> {
  const preloaded = json({ model: 'tiny', response: '', done: true })
  const server = await ScriptedOllama.start({
    generate: ({ path }) => (path === '/api/generate' ? preloaded : answers()),
  })
  servers.push(server)
  const onServer = (experiment: string) =>
    experiment
      .replace('target: embedded', `target: {url: "${server.url}"}`)
      .replaceAll(/ {4}env: \{OLLAMA_NUM_PARALLEL: (\d)\}/g, '    options: {num_ctx: $1024}')
  return newProject(onServer(smallExperiment()))
}

interface Killed {
  readonly signal: NodeJS.Signals | null
  /** Names the processes that the command started, in their environment. */
  readonly mark: string
}

/** Runs `exp`, which kills itself during a write: `write` counts the writes to files whose paths match `files`. */
function killedAt(
  project: Project,
  write: number,
  files: RegExp,
  args: readonly string[],
): Promise<Killed> {
  const mark = randomUUID()
  const child = spawn(process.execPath, ['--import', hook, resolve('dist/cli/main.js'), ...args], {
    cwd: project.root,
    stdio: 'ignore',
    env: {
      ...process.env,
      XDG_STATE_HOME: project.stateFolder,
      EXP_TEST_KILL_AT: String(write),
      EXP_TEST_KILL_IN: files.source,
      EXP_TEST_MARK: mark,
    },
  })
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (_, signal) => done({ signal, mark }))
  })
}

/** Every file in `reports/` with its text. */
function written(project: Project): ReadonlyMap<string, string> {
  const folder = join(project.root, 'reports')
  if (!existsSync(folder)) return new Map()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return new Map(
    names
      .filter((name) => /\.[a-z]+$/.test(name))
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  )
}

/** What a later command must not change: the stored results, complete or cut off, and the frozen versions. */
function kept(project: Project): ReadonlyMap<string, string> {
  return new Map(
    [...written(project)].filter(([name]) =>
      /results\/.*\.jsonl(?:\.gz)?$|\/v\d+\.\d+\.md$/.test(name),
    ),
  )
}

function partialFiles(project: Project): readonly string[] {
  return [...written(project).keys()].filter((name) => name.endsWith('.partial'))
}

/** The processes that have this mark in their environment; none where the system does not show it. */
function processesWith(mark: string): readonly string[] {
  if (!existsSync('/proc/self/environ')) return []
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
    } catch {
      return false // it has ended
    }
  })
}

/**
 * What holds after each kill: the next command that writes completes what was begun, and changes nothing that was
 * stored.
 */
async function expectNothingLost(project: Project, { signal, mark }: Killed): Promise<void> {
  expect(signal).toBe('SIGKILL')
  const before = kept(project)
  await expect.poll(() => processesWith(mark), { timeout: minute }).toEqual([])
  await expectSuccess(project, 'report', 'slots')
  expect(partialFiles(project)).toEqual([])
  const now = written(project)
  for (const [name, text] of before) expect(now.get(name), name).toBe(text)
  expect(project.read('reports/slots/README.md')).toContain(remark)
  await expectSuccess(project, 'check')
}

/** Runs a command in this process, which is faster. */
async function expectSuccess(project: Project, ...args: readonly string[]): Promise<void> {
  const io = memoryIo(project.root)
  expect(await runCommandLine(args, io), io.out() + io.err()).toBe(0)
}

async function measure(project: Project): Promise<void> {
  const { code, stderr } = await project.exp('run', file)
  expect(code, stderr).toBe(0)
}

function writeRemark(project: Project): void {
  const readme = 'reports/slots/README.md'
  const block = /(<!-- exp:keep remarks -->\n)[^]*?(?=\n<!-- exp:end remarks -->)/
  expect(project.read(readme)).toMatch(block)
  project.write(readme, project.read(readme).replace(block, `$1\n${remark}\n`))
}

function runs(project: Project): readonly string[] {
  const names = project.list('reports/slots/results')
  return [...new Set(names.map((name) => name.slice(0, 21)))]
}

describe('a kill in the middle of a write', () => {
  it(
    'of a report, a frozen version, a lock or the index: the next command completes the version',
    async () => {
      const project = await projectWithServer()
      await measure(project)
      writeRemark(project)
      // Each file is written under a temporary name, and then renamed. Of the two locks, the frozen one comes first.
      const places: readonly (readonly [file: RegExp, write: number])[] = [
        ...[1, 2].map((write) => [/slots\/v\d+\.\d+\.md/, write] as const),
        ...[1, 2, 3, 4].map((write) => [/\.lock\.json/, write] as const),
        ...[1, 2].map((write) => [/slots\/README\.md/, write] as const),
        ...[1, 2].map((write) => [/reports\/README\.md/, write] as const),
      ]
      for (const [index, [files, write]] of places.entries()) {
        await expectNothingLost(project, await killedAt(project, write, files, ['run', file]))
        const lock = project.read(`reports/slots/v1.${index + 1}.lock.json`)
        expect(lock).toContain(runs(project).at(-1))
        expect(project.has(`reports/slots/v1.${index}.md`)).toBe(true)
      }
    },
    10 * minute,
  )

  it(
    'of a result loses at most the line that was being written, and `--resume` completes the run',
    async () => {
      const project = await projectWithServer()
      await measure(project)
      writeRemark(project)
      for (const write of [1, 2, 3, 5, 8, 11, 14])
        await expectNothingLost(project, await killedAt(project, write, /\.jsonl/, ['run', file]))
      const [first = ''] = runs(project)
      const dropping = ['drop', 'slots', first, '--why', 'it was killed']
      await expectNothingLost(project, await killedAt(project, 1, /dropped\.jsonl/, dropping))
      const count = runs(project).length
      expect((await project.exp('run', file, '--resume')).code).toBe(0)
      expect(runs(project)).toHaveLength(count)
      await expectSuccess(project, ...dropping)
      expect(project.read('reports/slots/dropped.jsonl')).toContain(first)
    },
    10 * minute,
  )

  it(
    'of a result leaves no engine behind',
    async () => {
      const project = newProject(smallExperiment())
      await measure(project)
      writeRemark(project)
      for (const write of [4, 9])
        await expectNothingLost(project, await killedAt(project, write, /\.jsonl/, ['run', file]))
    },
    10 * minute,
  )

  it(
    'of a pack, of what it unpacks, of a pruned result or of a new experiment: the same command completes it',
    async () => {
      const project = await projectWithServer()
      await measure(project)
      await measure(project)
      const results = () =>
        [...written(project)].filter(([name]) => /results\/.*\.jsonl$/.test(name))
      const before = new Map(results())
      const commands: readonly (readonly [file: RegExp, args: readonly string[]])[] = [
        [/\.exp\.tgz/, ['pack', 'slots']],
        [/\/u\/experiments\//, ['unpack', 'slots.exp.tgz', '--into', 'u']],
        [/\/v\/reports\//, ['unpack', 'slots.exp.tgz', '--into', 'v']],
        [/experiments\/other/, ['init', 'other', '--model', 'tiny', '--vary', 'num_ctx=512,1024']],
        [/\.jsonl/, ['prune', 'slots', '--keep', '1', '--yes']],
      ]
      for (const [files, args] of commands) {
        for (const write of [1, 2])
          expect((await killedAt(project, write, files, args)).signal, args[0]).toBe('SIGKILL')
        expect(project.has('slots.exp.tgz')).toBe(args[0] !== 'pack')
        expect(project.has('experiments/other.yaml')).toBe(args[0] === 'prune')
        // Each result is the whole one, or the pruned one, which names it.
        for (const [name, text] of results())
          if (text !== before.get(name)) expect(text).toMatch(/^{.*"pruned":"sha256:[^]*"end".*\n$/)
        await expectSuccess(project, ...args)
      }
      const left = readdirSync(project.root, { recursive: true, encoding: 'utf8' })
      expect(left.filter((name) => name.endsWith('.partial'))).toEqual([])
      await expectSuccess(project, 'check', 'slots')
    },
    10 * minute,
  )
})
