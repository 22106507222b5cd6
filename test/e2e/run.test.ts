/** Runs the built program as a child process, on the embedded engine. */
import { mkdirSync, readdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { afterEach, describe, expect, it } from 'vitest'
import { Project, smallExperiment } from '../support/project.ts'
import {
  answers,
  json,
  refuses,
  ScriptedOllama,
  type ReceivedRequest,
} from '../support/scripted-ollama.ts'

const projects: Project[] = []
function newProject(experiment: string): Project {
  const project = new Project()
  projects.push(project)
  project.write('experiments/slots.yaml', experiment)
  return project
}
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const file = 'experiments/slots.yaml'
const record = z.object({ type: z.string(), phase: z.string().optional() })
/** Far more than a test needs on an idle machine. */
const timeoutMs = 300_000

describe('exp run', () => {
  it(
    'measures, stores every request, and writes a report that passes exp check',
    async () => {
      const project = newProject(smallExperiment())
      const run = await project.exp('run', file)
      expect(run.stderr).not.toContain('\u001b')
      expect(run.code, run.stderr).toBe(0)
      expect(run.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(5)
      expect(run.stdout).toContain('reports/slots/README.md')
      // Commands that restore or clean folders would also take away what other runs and people wrote.
      expect(run.stderr).toMatch(/exp drop slots \d{8}T\d{6}Z-[0-9a-f]{4} --why/)
      expect(run.stderr).not.toMatch(/git (?:restore|clean|checkout|reset)/)
      expect(project.list('reports/slots')).toEqual([
        'README.md',
        'charts',
        'results',
        'v1.0.lock.json',
      ])
      const results = project.list('reports/slots/results')
      expect(results).toHaveLength(4)
      for (const name of results) {
        const lines = project.read(`reports/slots/results/${name}`).trimEnd().split('\n')
        const records = lines.map((line) => record.parse(JSON.parse(line)))
        expect(records.at(0)?.type).toBe('trial')
        expect(records.at(-1)?.type).toBe('end')
        expect(records.filter(({ phase }) => phase === 'measured')).toHaveLength(12)
      }
      const again = await project.exp('report', '--all')
      expect(again.stdout).toContain('nothing changed')
      expect((await project.exp('check')).code).toBe(0)
    },
    timeoutMs,
  )

  it(
    'keeps the measured trials on Ctrl-C and exits 130; --resume completes the same run',
    async () => {
      const project = newProject(smallExperiment({ rounds: 3 }))
      const running = project.start('run', file)
      await running.untilStderr(/✓ 2\/6/)
      running.child.kill('SIGINT')
      const { code, stderr } = await running.finished
      expect(code).toBe(130)
      expect(stderr).toMatch(
        /interrupted: this run kept \d of 6 trials \(\S+: 1, \S+: [12]\); `exp run \S+ --resume` completes it/,
      )
      expect(project.read('reports/slots/README.md')).toContain('🔄')
      const runs = () =>
        new Set(project.list('reports/slots/results').map((name) => name.slice(0, 21)))
      expect(runs().size).toBe(1)
      const resumed = await project.exp('run', file, '--resume')
      expect(resumed.code, resumed.stderr).toBe(0)
      expect(runs().size).toBe(1)
      const nothingLeft = await project.exp('run', file, '--resume', '--dry-run')
      expect(nothingLeft.stdout).toContain('0 trials')
      expect(nothingLeft.stdout).not.toContain('order:')
      expect(project.read('reports/slots/README.md')).not.toContain('🔄')
      expect(project.list('reports/slots')).toContain('v1.0.lock.json')
    },
    timeoutMs,
  )

  it(
    'answers Ctrl-C with what this run kept, not with the answer of an earlier run',
    async () => {
      const project = newProject(smallExperiment({ rounds: 3 }))
      expect((await project.exp('run', file)).code).toBe(0)
      const running = project.start('run', file)
      await running.untilStderr(/✓ 2\/6/)
      running.child.kill('SIGINT')
      const { stdout } = await running.finished
      expect(stdout.split('\n')).toEqual([
        'slots',
        expect.stringMatching(/^interrupted: this run kept \d of 6 trials \(/),
        'Report (v1.0): it shows an earlier, complete run, not these trials: reports/slots/README.md',
        '',
      ])
    },
    timeoutMs,
  )

  it(
    'says which config it probes, also without a terminal, and that Ctrl-C came before any trial',
    async () => {
      const project = newProject(smallExperiment({ rounds: 3 }))
      const running = project.start('run', file)
      await running.untilStderr(/^probing \S+ …$/m)
      running.child.kill('SIGINT')
      const { code, stderr, stdout } = await running.finished
      expect(code).toBe(130)
      expect(stderr).toMatch(/^interrupted: no trial was completed$/m)
      expect(stdout).toBe('')
      expect(project.list('reports')).toEqual([])
    },
    timeoutMs,
  )

  it(
    'prints the noise floor that an A/A run measured, also as the first run, or why there is none',
    async () => {
      const project = newProject(smallExperiment({ rounds: 3 }))
      const first = await project.exp('run', file, '--aa', 'one-slot')
      expect(first.code, first.stderr).toBe(0)
      expect(first.stdout).toMatch(/^Noise floor(?:: 2% for every metric|, from one-slot)/m)
      const short = await project.exp('run', file, '--aa', 'one-slot', '--rounds', '2')
      expect(short.stdout).toContain('No noise floor from this run: it needs 3 rounds')
    },
    timeoutMs,
  )

  it(
    'loses at most one line to kill -9: the report is in progress, and a new run completes it',
    async () => {
      const project = newProject(smallExperiment({ rounds: 3 }))
      const running = project.start('run', file)
      await running.untilStderr(/✓ 2\/6/)
      running.child.kill('SIGKILL')
      await running.finished
      const reported = await project.exp('report', 'slots')
      expect(reported.code, reported.stderr).toBe(0)
      expect(reported.stdout).toContain('v1.0, in progress')
      expect(project.read('reports/slots/README.md')).toContain('🔄')
      const complete = await project.exp('run', file)
      expect(complete.code, complete.stderr).toBe(0)
      expect(complete.stdout).toContain('Report (v1.0): ')
    },
    timeoutMs,
  )

  it(
    'keeps the report of a complete run when a later run is killed, and prints a note about that run',
    async () => {
      const project = newProject(smallExperiment({ rounds: 3 }))
      expect((await project.exp('run', file)).code).toBe(0)
      const before = project.read('reports/slots/README.md')
      const running = project.start('run', file)
      await running.untilStderr(/✓ 1\/6/)
      running.child.kill('SIGKILL')
      await running.finished
      const reported = await project.exp('report', 'slots')
      expect(reported.stdout).toContain('nothing changed')
      expect(reported.stderr).toMatch(/run \S+ (was interrupted|has \d of 3 rounds)/)
      expect(project.read('reports/slots/README.md')).toBe(before)
    },
    timeoutMs,
  )

  it(
    'only prints the plan with --dry-run, and stores nothing in the notebook with --try',
    async () => {
      const project = newProject(smallExperiment())
      const plan = await project.exp('run', file, '--dry-run')
      expect(plan.code).toBe(0)
      expect(plan.stdout).toContain('2 configs, 2 rounds, 4 trials')
      const temporary = join(project.root, 'tmp')
      mkdirSync(temporary)
      process.env['TMPDIR'] = temporary
      const quick = await project.exp('run', file, '--try')
      delete process.env['TMPDIR']
      expect(readdirSync(temporary)).toEqual([])
      expect(quick.code, quick.stderr).toBe(0)
      expect(quick.stdout).toContain('Mean latency (ms)')
      expect(project.has('reports')).toBe(false)
    },
    timeoutMs,
  )

  it(
    'waits with a message while another exp run measures on this machine, then measures',
    async () => {
      const [first, second] = [newProject(smallExperiment()), newProject(smallExperiment())]
      second.stateFolder = first.stateFolder
      const running = first.start('run', file)
      await running.untilStderr(/2 configs, 2 rounds/)
      // A stopped process keeps the measurement lock, however late the second one starts.
      running.child.kill('SIGSTOP')
      const waiting = second.start('run', file)
      try {
        await waiting.untilStderr(
          /waiting: another `exp run` is measuring on this machine \(slots, process \d+\)/,
        )
      } finally {
        running.child.kill('SIGCONT')
      }
      expect((await running.finished).code).toBe(0)
      expect((await waiting.finished).code).toBe(0)
      const [before, after] = [timesOf(first), timesOf(second)]
      expect(Math.max(...before)).toBeLessThanOrEqual(Math.min(...after))
    },
    timeoutMs,
  )

  it(
    'refuses a run over its budget if there is no terminal, and measures nothing',
    async () => {
      const project = newProject(smallExperiment({ extra: 'budget: 1s\n' }))
      const { code, stderr } = await project.exp('run', file)
      expect(code).toBe(2)
      expect(stderr).toContain('its budget is 1 s')
      expect(project.has('reports')).toBe(false)
    },
    timeoutMs,
  )
})

/** When the trials of a project started and ended. */
function timesOf(project: Project): readonly number[] {
  const folder = 'reports/slots/results'
  return project.list(folder).flatMap((name) => {
    const text = project.read(`${folder}/${name}`)
    const times = text.matchAll(/"(?:startedAt|endedAt)":"([^"]+)"/g)
    return [...times].map(([, time = '']) => Date.parse(time))
  })
}

describe('exp run against a URL', () => {
  const experiment = (url: string) =>
    smallExperiment()
      .replace('target: embedded', `target: {url: "${url}"}`)
      .replace(/ {2}two-slots:\n {4}from: one-slot\n {4}env: .*\n/, '')
      .replace(/hypotheses:[\s\S]*/, '')
      .replace(/ {4}env: .*\n/, '')

  it.each([
    ['refuses connections', undefined, /refuse|reach|answer/i],
    ['answers HTML', '<!doctype html><title>hi</title>', /not.*Ollama|HTML/i],
    ['lacks the model', 'ollama', /`tiny`[\s\S]*ollama pull tiny/],
  ])(
    'exits 3 and writes nothing if the server %s',
    async (_what, answer, message) => {
      const server = answer === undefined ? undefined : await serve(answer)
      const project = newProject(experiment(server?.url ?? 'http://127.0.0.1:9'))
      const { code, stderr } = await project.exp('run', file)
      server?.close()
      expect(code, stderr).toBe(3)
      expect(stderr).toMatch(message)
      expect(project.has('reports')).toBe(false)
    },
    timeoutMs,
  )
})

describe('a header with a secret', () => {
  const secret = 'sk-4f9a8c1d2e3b'
  const experiment = (url: string) =>
    smallExperiment()
      .replace(
        'target: embedded',
        `target: {url: "${url}", headers: {x-access: "\${EXP_TEST_ACCESS}"}}`,
      )
      .replace(/ {2}two-slots:\n {4}from: one-slot\n {4}env: .*\n/, '')
      .replace(/hypotheses:[\s\S]*/, '')
      .replace(/ {4}env: .*\n/, '')
  /** From the seventh request on, every second answer is an error that contains the header. */
  const echoing = ({ path, index }: ReceivedRequest) => {
    if (path === '/api/generate') return json({ model: 'tiny', response: '', done: true })
    return index > 6 && index % 2 === 0 ? refuses(401, `${secret} may not do this`) : answers()
  }

  it(
    'does not appear in results, report or terminal, even if the server repeats it in errors',
    async () => {
      const server = await ScriptedOllama.start({ generate: echoing })
      const project = newProject(experiment(server.url))
      process.env['EXP_TEST_ACCESS'] = secret
      try {
        const { stdout, stderr } = await project.exp('run', file, '--yes')
        expect(server.received.some(({ headers }) => headers['x-access'] === secret)).toBe(true)
        const results = 'reports/slots/results'
        const written = project.list(results).map((name) => project.read(`${results}/${name}`))
        expect(written.join('\n')).toContain('[redacted] may not do this')
        const all = [stdout, stderr, ...written, project.read('reports/slots/README.md')]
        expect(all.join('\n')).not.toContain(secret)
      } finally {
        delete process.env['EXP_TEST_ACCESS']
        await server.close()
      }
    },
    timeoutMs,
  )

  it(
    'with an unset variable makes the run exit 3 before it measures or writes anything',
    async () => {
      const project = newProject(experiment('http://127.0.0.1:9'))
      const { code, stderr } = await project.exp('run', file)
      expect(code).toBe(3)
      expect(stderr).toContain(
        'the header `x-access` needs the variable `EXP_TEST_ACCESS`, which is not set',
      )
      expect(project.has('reports')).toBe(false)
    },
    timeoutMs,
  )
})

async function serve(answer: string): Promise<{ url: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    if (answer !== 'ollama') response.end(answer)
    else if (request.url === '/api/version') response.end('{"version":"0.11.3"}')
    else if (request.url === '/api/tags') response.end('{"models":[]}')
    else if (request.url === '/api/ps') response.end('{"models":[]}')
    else {
      response.statusCode = 404
      response.end('{"error":"model \'tiny\' not found"}')
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}
