/** Compares two models of a server that answers by a script; a run takes a second or two. */
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { answers, answersAfter, ScriptedOllama } from '../support/scripted-ollama.ts'

let server: ScriptedOllama
let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'exp-compare-test-'))
  server = await ScriptedOllama.start({
    models: ['quick:1b', 'slow:1b'],
    generate: ({ path, body }) =>
      path === '/api/generate'
        ? answers({ api: 'generate', content: [] }) // loads or unloads the model
        : answersAfter(JSON.stringify(body).includes('slow:1b') ? 30 : 8),
  })
})
afterEach(async () => {
  await server.close()
  await rm(cwd, { recursive: true })
})

const short = ['--rounds', '4', '--duration', '200ms']

async function exp(...args: readonly string[]) {
  const io = memoryIo(cwd, { env: { ...process.env, XDG_STATE_HOME: join(cwd, '.state') } })
  const code = await runCommandLine(args, io)
  return { code, out: io.out(), err: io.err() }
}

const compare = (...args: readonly string[]) =>
  exp('compare', 'slow:1b', 'quick:1b', '--on', server.url, ...short, ...args)

describe('exp compare', () => {
  it('prints the figures of both sides and the change with its interval, and stores nothing', async () => {
    const { code, out, err } = await compare()
    expect(code, err).toBe(0)
    expect(out).toContain('slow:1b vs quick:1b')
    expect(out).toMatch(/^ +slow:1b +quick:1b +change$/m)
    // The mark depends on how busy this machine is; comparison-text.test.ts tests it.
    expect(out).toMatch(/^\S+ +Mean latency \(ms\) +[\d.]+ +[\d.]+ +-\d+\.\d% +\(-\d.*%\)$/m)
    expect(err).toContain('--save NAME')
    expect(await readdir(cwd)).toEqual(['.state'])
  })

  it('writes the experiment, its results and its report with --save, and does not overwrite an experiment', async () => {
    const { code, out, err } = await compare('--save', 'two-models')
    expect(code, err).toBe(0)
    expect(out).toMatch(/^\S+ +Mean latency/m)
    expect(err).toContain('wrote experiments/two-models.yaml')
    expect(out).toContain('reports/two-models/README.md')
    expect(await readdir(join(cwd, 'reports/two-models/results'))).toHaveLength(8)
    expect((await exp('check')).code).toBe(0)
    expect((await compare('--save', 'two-models')).err).toContain('already exists')
  })

  it('sends the prompts of a file', async () => {
    await writeFile(join(cwd, 'mine.csv'), 'prompt,note\nSay one,a\nSay two,b\n')
    expect((await compare('--prompts', 'mine.csv')).code).toBe(0)
    const sent = JSON.stringify(server.received.map(({ body }) => body))
    expect(sent).toContain('Say one')
    expect(sent).toContain('Say two')
    expect(await readdir(cwd)).toEqual(['.state', 'mine.csv'])
  })

  it('prints the results as JSON', async () => {
    const { out } = await compare('--json')
    expect(JSON.parse(out)).toMatchObject({
      configs: [{ key: 'slow-1b', rounds: 4 }, { key: 'quick-1b' }],
      changes: expect.arrayContaining([
        expect.objectContaining({ metric: 'latencyMean', config: 'quick-1b', unit: 'percent' }),
      ]) as unknown,
    })
  })

  it('measures as many requests as a P95 needs if there are objectives', async () => {
    const { err } = await compare('--slo', 'latencyP95<=1m', '--rounds', '1')
    expect(err).toContain('at least 20 requests')
  })

  it('uses the settings of the notebook that it is called in', async () => {
    await mkdir(join(cwd, 'experiments'))
    await writeFile(join(cwd, 'exp.local.yaml'), 'nam: here\n')
    expect((await compare()).err).toContain('unknown key `nam`; did you mean `name`?')
  })

  it.each([
    [['--on', 'http://127.0.0.1:1'], 'there is nothing to compare'],
    [['--vary', 'num_thred=1,2'], 'did you mean `num_thread`?'],
    [['--vary', 'OLLAMA_NUM_PARALLEL=1,4', '--on', 'http://127.0.0.1:1'], 'is already running'],
    [['--prompts', 'prompts.doc'], '`prompts.doc` is not a file of prompts'],
    [['--prompts', 'none.txt'], 'there is no file `none.txt`'],
    [['--save', 'Two Models'], '`Two Models` is not a valid name for an experiment'],
  ])('refuses %j before it measures', async (args, message) => {
    const { code, err } = await exp('compare', 'one:1b', ...args)
    expect(code).not.toBe(0)
    expect(err).toContain(message)
  })

  it('says in its help that compare measures and diff reads stored results', async () => {
    expect((await exp('compare', '--help')).out).toContain(
      'only shows what changed between two versions',
    )
  })
})
