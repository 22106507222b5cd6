/** The built program, a process of its own and a container of its own: what a user with both would run. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Ollama } from 'ollama'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { label } from '../../src/targets/docker-command.ts'
import { manifestPath } from '../../src/targets/model-store.ts'
import { hasDocker, importEngineImage } from '../support/engine-image.ts'
import { engineVersion, writeOllamaProgram } from '../support/ollama-program.ts'
import { Project, type Running } from '../support/project.ts'

const minute = 60_000
const model = 'qwen3:0.6b'
const image = `exp-notebook-test-experiment-${process.pid}`
const file = 'experiments/targets.yaml'
const state = mkdtempSync(join(tmpdir(), 'exp-state-'))
process.env['XDG_STATE_HOME'] = state
const docker = async (...args: readonly string[]) =>
  (await promisify(execFile)('docker', [...args])).stdout.trim()
const projects: Project[] = []

afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})
afterAll(() => rmSync(state, { recursive: true }))

/** A project with the program `ollama` named in exp.local.yaml, and a store that holds the model. */
async function projectWith(configs: string, requests: number, rounds = 2): Promise<Project> {
  const project = new Project()
  projects.push(project)
  await writeOllamaProgram(join(project.root, 'bin'))
  project.write(['models/manifests', ...manifestPath(model)].join('/'), '{}')
  project.write(
    'exp.local.yaml',
    `ollama:\n  binaries: {"${engineVersion}": bin/ollama}\n  models: models\n`,
  )
  project.write(
    file,
    `title: targets
question: what does a quota cost?
locale: en
model: "${model}"
dataset:
  name: words
  samples: [{id: s1, text: hello}, {id: s2, text: good morning}]
  checks: []
workload:
  api: chat
  prompt: "Say {{text}} back"
  options: {temperature: 0, seed: 1, num_predict: 16, num_ctx: 512, num_thread: 1}
  load: {users: 4, requests: ${requests}}
  warmup: {requests: 1}
  cache: cold
rounds: ${rounds}
configs:
  native:
    target: {process: {version: "${engineVersion}"}}
    env: {OLLAMA_NUM_PARALLEL: 4, EXP_EMBEDDED_MODELS: "${model}"}
${configs}
baseline: native
`,
  )
  return project
}

const record = z.object({
  type: z.string(),
  when: z.string().optional(),
  outcome: z.string().optional(),
  reason: z.string().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
})

function trial(project: Project, config: string, round: number) {
  const folder = 'reports/targets/results'
  const name = project.list(folder).find((one) => one.endsWith(`-${config}-r${round}.jsonl`)) ?? ''
  const lines = project.read(`${folder}/${name}`).trimEnd().split('\n')
  const records = lines.map((line) => record.parse(JSON.parse(line)))
  const facts = (when: string) =>
    Object.assign(
      {},
      ...records.filter((one) => one.when === when).map((one) => one.facts),
    ) as Record<string, unknown>
  return { facts, end: records.find(({ type }) => type === 'end'), text: lines.join('\n') }
}

const startedFolder = join(state, 'exp/started')
const started = () => readdirSync(startedFolder)

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('exp run with a process of its own', () => {
  it(
    'tells a crash at load by the last lines of the log, goes on with the rest, and exits 4',
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
        /while it loaded `qwen3:0.6b`; its log ends: .*panic: out of memory/,
      )
      expect(text).not.toContain(project.root)
      expect(project.read('reports/targets/README.md')).toContain('panic: out of memory')
      expect(started()).toEqual([])
    },
    3 * minute,
  )

  it(
    'stores what became of servers that crash in mid-trial, ignore SIGTERM or leave children, and leaves none',
    async () => {
      const accident = (key: string, what: string) =>
        `  ${key}:\n    from: native\n    env: {TEST_OLLAMA: ${what}, TEST_FOLDER: "${state}"}\n`
      const project = await projectWith(
        accident('dying', 'crashes-while-serving') +
          accident('stubborn', 'ignores-sigterm') +
          accident('escaping', 'escapes'),
        4,
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
      await expect.poll(() => isThere(escaped), { timeout: minute }).toBe(false)
      expect(started()).toEqual([])
    },
    4 * minute,
  )

  it(
    'leaves nothing behind after kill -9, once it is run again',
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
  'exp run with a container beside it (skipped where no Docker engine runs)',
  () => {
    beforeAll(() => importEngineImage(image), 5 * minute)
    afterAll(() => docker('image', 'rm', '--force', image))
    const container = `  container:\n    from: native\n    target: {docker: {image: ${image}, cpus: 0.5, models: models}}\n    options: {num_thread: 2}\n`
    const ours = () =>
      docker('ps', '--all', '--quiet', `--filter=label=${label}`, `--filter=ancestor=${image}`)

    it(
      'measures both; what it calls effective is what a client sees meanwhile; names the quota as the cause',
      async () => {
        const project = await projectWith(container, 48, 6)
        const running = project.start('run', file, '--yes')
        const seen = await outsideView(running)
        const { code, stderr } = await running.finished
        expect(code, stderr).toBe(0)
        const { facts } = trial(project, 'container', 1)
        const before = facts('before')
        const after = facts('after')
        expect(before).toMatchObject({
          containerCpus: 0.5,
          slots: 4,
          contextLength: 512,
          threads: 2,
        })
        expect(seen).toEqual({ cpus: 0.5, contextLength: before['contextLength'] })
        const grown = (fact: string) => Number(after[fact]) - Number(before[fact])
        expect(grown('containerThrottledPeriods')).toBeGreaterThan(0)
        expect(grown('containerThrottledMs')).toBeGreaterThan(0)
        expect(trial(project, 'native', 1).facts('before')).toMatchObject({ slots: 4, threads: 1 })
        expect(await ours()).toBe('')
        expect(started()).toEqual([])
        namesTheQuota(project.read('reports/targets/README.md'))
        const next = await project.exp('next', 'targets', 'cpu-quota')
        expect(next.code, next.stderr).toBe(0)
        expect((await project.exp('validate', 'experiments/*.yaml')).code).toBe(0)
      },
      6 * minute,
    )

    it(
      'removes the container of a run that was killed',
      async () => {
        const project = await projectWith(container, 20_000)
        const running = project.start('run', file, '--yes')
        await expect.poll(ours, { timeout: minute }).not.toBe('')
        expect((await project.exp('doctor')).stdout).not.toContain(image)
        await expect.poll(ours, { timeout: minute }).not.toBe('')
        running.child.kill('SIGKILL')
        await running.finished
        const killed = await ours()
        expect(killed).not.toBe('')
        const again = project.start('run', file, '--yes')
        await again.said(/\d configs, 2 rounds/)
        expect((await ours()).split('\n')).not.toContain(killed)
        again.child.kill('SIGINT')
        expect((await again.finished).code).toBe(130)
        expect(await ours()).toBe('')
      },
      3 * minute,
    )

    function namesTheQuota(report: string): void {
      const [, causes = '', advice = ''] =
        /## Root causes\n([^]*)## Recommendations\n([^]*)## How far/.exec(report) ?? []
      const found = causes.match(/^\d+\. .*$/gm) ?? []
      expect(found[0]).toMatch(
        /^1\. .*: A CPU quota holds the container back\*\* \((proven|likely), at most/,
      )
      expect(found.slice(1).join('\n')).not.toContain('(proven')
      expect(causes).toMatch(
        /container has a quota of 0\.5 CPUs for 2 inference threads; the kernel held container back in [\d,]+ of [\d,]+ scheduling periods \([\d.]+%\), for [\d,]+ ms in all/,
      )
      expect(advice).toMatch(/1\. \*\*A larger CPU quota, or none\*\*[^`]*```yaml\ncpus: \d+\n```/)
    }

    /** The limit that Docker has, and the context that the server has, while the run goes on. */
    async function outsideView(running: Running) {
      const end = new AbortController()
      void running.finished.then(() => end.abort())
      while (!end.signal.aborted) {
        const [id = ''] = (await ours()).split('\n')
        const view = id === '' ? undefined : await viewOf(id).catch(() => undefined)
        if (view?.contextLength !== undefined) return view
        await sleep(200)
      }
      return undefined
    }

    async function viewOf(id: string) {
      const nano = await docker('container', 'inspect', '--format={{.HostConfig.NanoCpus}}', id)
      const address = await docker('port', id, '11434/tcp')
      // A container that is on its way in or out may keep a connection and say nothing.
      const impatient: typeof fetch = (input, init) =>
        fetch(input, { ...init, signal: AbortSignal.timeout(2_000) })
      const { models } = await new Ollama({ host: `http://${address}`, fetch: impatient }).ps()
      const loaded = z.object({ context_length: z.number() }).safeParse(models[0])
      return { cpus: Number(nano) / 1e9, contextLength: loaded.data?.context_length }
    }
  },
)
