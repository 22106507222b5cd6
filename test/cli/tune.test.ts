/** Tunes a server that answers by a script: faster with more threads. A run takes some seconds. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { answers, answersAfter, ScriptedOllama, type Script } from '../support/scripted-ollama.ts'

let server: ScriptedOllama
let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'exp-tune-test-'))
  server = await ScriptedOllama.start({
    models: ['some:1b', 'some:1b-tuned'],
    generate: ({ path, body }) =>
      path === '/api/generate'
        ? answers({ api: 'generate', content: [] }) // loads or unloads the model
        : answersAfter(/"num_thread":8|some:1b-tuned/.test(JSON.stringify(body)) ? 10 : 60),
    // The same weights; `some:1b-tuned` has eight threads as a parameter.
    other: ({ path, body }) =>
      path === '/api/show' ? shows(JSON.stringify(body).includes('tuned')) : undefined,
  })
})
afterEach(async () => {
  await server.close()
  await rm(cwd, { recursive: true })
})

function shows(isTuned: boolean): Script {
  const parameter = isTuned ? 'PARAMETER num_thread 8\n' : ''
  const modelfile = `FROM /models/blobs/sha256-${'a'.repeat(64)}\n${parameter}`
  return [
    { do: 'head', status: 200, headers: { 'content-type': 'application/json' } },
    { do: 'send', bytes: JSON.stringify({ modelfile, capabilities: ['completion'] }) },
  ]
}

/** The command that the report or the terminal prints to show the gain, as words. */
function checkIn(text: string): readonly string[] {
  const [, command = ''] = /^\s*exp (compare .*)$/m.exec(text) ?? []
  return command.split(' ')
}

async function exp(...args: readonly string[]) {
  const io = memoryIo(cwd, { env: { ...process.env, XDG_STATE_HOME: join(cwd, '.state') } })
  const code = await runCommandLine(args, io)
  return { code, out: io.out(), err: io.err() }
}

const small = ['--users', '2', '--duration', '200ms', '--budget', '1s', '--yes']
const threads = ['--vary', 'num_thread=2,8']

const tune = (...args: readonly string[]) =>
  exp('tune', 'some:1b', '--on', server.url, ...small, ...args)

describe('exp tune', () => {
  it('names the best settings, the confirmed gain and the others, and stores nothing', async () => {
    const { code, out, err } = await tune(...threads)
    expect(code, err).toBe(0)
    expect(out).toMatch(/^Best settings: num_thread=8\. |^Cannot tell which settings are best/m)
    expect(out).toMatch(/num_thread=8 gains \+\d.*% \(.*measured in 6 rounds of these two alone/)
    expect(out).toMatch(/^The others:\n {2}\S/m)
    expect(out).toContain('{"options":{"num_thread":8}}')
    const parameters = '{"model":"some:1b-tuned","from":"some:1b","parameters":{"num_thread":8}}'
    expect(out).toContain(`  curl ${server.url}/api/create -d '${parameters}'\n`)
    expect(err).toContain('--save NAME')
    expect(err).not.toContain('does not race')
    expect(await readdir(cwd)).toEqual(['.state'])
  }, 240_000)

  it('prints the command that shows the gain on the server with the settings', async () => {
    const { out } = await tune(...threads)
    const check = checkIn(out)
    expect(check).toEqual([
      ...['compare', `some:1b@${server.url}`, `some:1b-tuned@${server.url}`],
      ...['--users', '2', '--ramp', 'auto', '--duration', '200ms'],
    ])
    const second = await exp(...check)
    expect(second.code, second.err).toBe(0)
    // One model with other parameters: the table is not that of different models, which has no QPS.
    expect(second.out).toContain('QPS')
  }, 240_000)

  it('writes the experiment, its results and its report with --save', async () => {
    const { code, out, err } = await tune(...threads, '--save', 'best', '--slo', 'latencyP95<=9s')
    expect(code, err).toBe(0)
    expect(err).toContain('wrote experiments/best.yaml')
    const written = await readFile(join(cwd, 'experiments/best.yaml'), 'utf8')
    expect(written).toContain('space: {options: {num_thread: [2, 8]}}')
    expect(written).toContain('latencyP95: <= 9s')
    expect(out).toContain('reports/best/README.md')
    expect((await exp('check')).code).toBe(0)
    const check = ['compare', `some:1b-tuned@${server.url}`, '--like', 'experiments/best.yaml']
    const second = await exp(...check)
    expect(second.code, second.err).toBe(0)
    expect(second.err).toMatch(/default +url, 2 users for 200 ms/)
    expect(second.out).toContain('QPS')
    const refused = await exp(...check, '--users', '3')
    expect(refused.err).toContain('so `--users` has no effect')
    expect((await exp('compare', '--like', 'experiments/best.yaml')).err).toContain(
      'nothing names what to compare it with',
    )
    expect((await tune(...threads, '--save', 'best')).err).toContain('already exists')
  }, 240_000)

  it('prints the race as JSON, and races request options only if it does not start the server', async () => {
    const { code, out, err } = await tune('--json')
    expect(code, err).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      race: { metric: 'throughput', base: 'default', rounds: expect.any(Number) as number },
    })
    expect(err).toContain('OLLAMA_NUM_PARALLEL does not race: it is set when a server starts')
  })

  it('says in Chinese what does not race', async () => {
    await writeFile(join(cwd, 'short.txt'), 'Hi\n')
    const { err } = await tune('--lang', 'zh-CN', '--users', '1', '--prompts', 'short.txt')
    expect(err).toContain('OLLAMA_KV_CACHE_TYPE 不参加竞赛：它在服务器启动时设定')
  })

  it.each([
    [['--on', 'native,docker'], 'one model on one server'],
    [['--on', 'embedded', '--vary', 'users=1,4'], '`users` cannot race'],
    [['--on', 'http://box:1', '--vary', 'OLLAMA_NUM_PARALLEL=1,4'], 'is already running'],
    [['--on', 'embedded', '--vary', 'num_thred=1,2'], 'did you mean `num_thread`?'],
    [['--on', 'embedded', '--maximize', 'latencyP95'], '`latencyP95` is not one of `qps`'],
    [['--on', 'embedded', '--budget', 'soon'], '`soon`'],
    [['--on', 'embedded', '--ignore-below', '90%'], 'write a share from 1% to 49%'],
    [['--on', 'embedded', '--save', 'Best One'], '`Best One` is not a valid name'],
  ])('refuses %j before it measures', async (args, message) => {
    const { code, err } = await exp('tune', 'one:1b', ...args)
    expect(code).not.toBe(0)
    expect(err).toContain(message)
  })
})
