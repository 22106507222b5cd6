/** Measures old and new definitions on a server that answers by a script; the server states how long it decoded. */
import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { answers, answersAfter, ScriptedOllama } from '../support/scripted-ollama.ts'

let server: ScriptedOllama
let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'exp-rerun-test-'))
  server = await ScriptedOllama.start({
    models: ['some:1b'],
    generate: ({ path, body }) =>
      path === '/api/generate'
        ? answers({ api: 'generate', content: [] }) // loads or unloads the model
        : answersAfter(JSON.stringify(body).includes('"num_ctx":8192') ? 30 : 8),
  })
  await mkdir(join(cwd, 'experiments'))
})
afterEach(async () => {
  await server.close()
  await rm(cwd, { recursive: true })
})

const git = (...args: readonly string[]) =>
  execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd })

async function define(context: number, text = 'one'): Promise<void> {
  await writeFile(
    join(cwd, 'experiments/daily.yaml'),
    `title: Daily
model: some:1b
dataset: {name: d, samples: [{text: ${text}}]}
workload:
  prompt: "Say {{text}}"
  load: {users: 1, duration: 200ms}
  warmup: {requests: 1}
rounds: 4
configs:
  main: {target: {url: "${server.url}"}, options: {num_ctx: ${context}}}
  other: {target: {url: "${server.url}"}, options: {num_ctx: 2048}}
`,
  )
}

/** Defines and measures version v1.0, and commits it. */
async function measured(context: number): Promise<void> {
  await define(context)
  expect((await exp('run', 'experiments/daily.yaml')).code).toBe(0)
  await git('init', '-q')
  await git('add', '-A')
  await git('commit', '-qm', 'v1.0')
}

async function exp(...args: readonly string[]) {
  const io = memoryIo(cwd, { env: { ...process.env, XDG_STATE_HOME: join(cwd, '.state') } })
  const code = await runCommandLine(args, io)
  return { code, out: io.out(), err: io.err() }
}

/** Decode speed rests on the durations that the server states, so that a busy machine does not change it. */
const rerun = (...args: readonly string[]) =>
  exp('rerun', 'daily', '--metric', 'decodeSpeed', ...args)

describe('exp rerun', () => {
  it('exits 1 for a proven loss against a version, and says what differs', async () => {
    await measured(4096)
    await define(8192)
    const { code, out, err } = await rerun('--against', 'v1.0')
    expect(code, err).toBe(1)
    expect(out).toContain('Daily: v1.0 → now')
    expect(out).toContain('main: num_ctx 4096 → 8192')
    expect(out).toContain('a loss beyond 3% in decode speed is proven: main')
    expect(err).toContain('nothing differs between v1.0 and now: other')
    // Every round measures both sides.
    expect(err).toMatch(/round 4 main-before/)
    expect(err).toMatch(/round 4 main /)
    expect((await readdir(join(cwd, 'reports/daily/results'))).length).toBe(8)
  })

  it('exits 0 if a loss is excluded, against a commit of git, on the samples of today', async () => {
    await measured(8192)
    await define(4096, 'another')
    server.received.length = 0
    const { code, out, err } = await rerun('--against', 'HEAD', '--loss', '10%')
    expect(code, err).toBe(0)
    expect(out).toContain('no loss beyond 10% in decode speed: main')
    const sent = JSON.stringify(server.received.map(({ body }) => body))
    expect(sent).toContain('Say another')
    expect(sent).not.toContain('Say one')
  })

  it('exits 4 if a loss is neither proven nor excluded', async () => {
    await measured(4096)
    await define(8192)
    const { code, out } = await rerun('--rounds', '2')
    expect(code).toBe(4)
    expect(out).toContain('cannot tell whether decode speed lost more than 3%: main')
  })

  it('prints what differs as JSON', async () => {
    await measured(4096)
    await define(8192)
    const { out } = await rerun('--rounds', '2', '--json')
    expect(JSON.parse(out)).toMatchObject({
      loss: '3%',
      verdicts: [{ id: 'main' }],
      underneath: {
        settings: [{ config: 'main', name: 'num_ctx', from: '4096', to: '8192' }],
        conditions: [],
      },
    })
  })

  it('compares the levels that the search for a capacity chose, and does not search again', async () => {
    const search = 'capacity: {of: users, upTo: 2}\nslo: {okRate: ">= 50%"}\n'
    const searching = async (context: number) => {
      await define(context)
      const file = join(cwd, 'experiments/daily.yaml')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace('rounds: 4\n', `rounds: 4\n${search}`))
    }
    await searching(4096)
    expect((await rerun('--against', 'v1.0')).err).toContain('no level of it is measured yet')
    expect((await exp('run', 'experiments/daily.yaml')).code).toBe(0)
    const stored = (await readdir(join(cwd, 'reports/daily/results'))).length
    const again = await exp('run', 'experiments/daily.yaml', '--resume')
    expect(again).toMatchObject({ code: 0, err: '' })
    expect(again.out).toContain('nothing to measure')
    expect((await readdir(join(cwd, 'reports/daily/results'))).length).toBe(stored)
    await git('init', '-q')
    await git('add', '-A')
    await git('commit', '-qm', 'v1.0')
    await searching(8192)
    const { err } = await rerun('--against', 'v1.0', '--only', 'main', '--rounds', '2')
    expect(err).toContain(
      'levels that the search for v1.0 chose, and that are compared: main-users-1, main-users-2, other-users-1, other-users-2',
    )
    expect(err).toContain('4 configs, 2 rounds, 8 trials')
  })

  it('refuses what it cannot compare, before it measures', async () => {
    await measured(4096)
    const refused = async (message: string, ...args: readonly string[]) => {
      const { code, err } = await exp('rerun', 'daily', ...args)
      expect(code).toBe(2)
      expect(err).toContain(message)
    }
    await refused('no config of `daily` differs between v1.0 and now')
    await refused('there is no version `v9.9` of `daily`', '--against', 'v9.9')
    await refused('git knows no branch', '--against', 'nothing')
    await refused('only of servers that it starts', '--version', '0.11.3,installed')
    await refused('does not name two versions', '--version', '0.11.3')
    await refused('cannot be combined', '--version', '0.11.3,installed', '--against', 'v1.0')
    await refused('no measured config is named `man`', '--only', 'man')
    await define(8192)
    await refused('there is no metric `qp`', '--metric', 'qp')
    await refused('`--loss 3ms`', '--loss', '3ms')
    await refused('has no better direction', '--metric', 'outputTokens')
  })
})
