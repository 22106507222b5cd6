/** `exp run --rounds`, against a server that always gives the same answer. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { recordSchemas, type TrialHeader } from '../../src/results/record.ts'
import { memoryIo } from '../support/memory-io.ts'
import { answers, json, ScriptedOllama } from '../support/scripted-ollama.ts'

const file = 'experiments/few.yaml'
let server: ScriptedOllama
beforeAll(async () => {
  server = await ScriptedOllama.start({
    generate: ({ path }) =>
      path === '/api/generate' ? json({ model: 'tiny', response: '', done: true }) : answers(),
  })
})
afterAll(() => server.close())

class Project {
  readonly root = mkdtempSync(join(tmpdir(), 'exp-rounds-'))

  constructor() {
    mkdirSync(join(this.root, 'experiments'))
    this.define({})
  }

  define({ rounds = 6, seed = 1, more = '' }): void {
    const text = `title: few rounds
locale: [en, zh-CN]
model: tiny
dataset: {name: greetings, samples: [{text: hello}, {text: bye}]}
workload:
  api: chat
  prompt: "Say {{text}}"
  options: {seed: ${seed}}
  load: {users: 1, requests: 4}
  warmup: {requests: 1}
rounds: ${rounds}
configs:
  only: {target: {url: "${server.url}"}}
hypotheses:
  - {statement: It answers, claim: {metric: outputTokens, config: only, value: ">= 1"}}
${more}`
    writeFileSync(join(this.root, file), text)
  }

  async exp(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    const io = memoryIo(this.root)
    const code = await runCommandLine(args, io)
    return { code, out: io.out(), err: io.err() }
  }

  read(name: string): string {
    return readFileSync(join(this.root, 'reports/few', name), 'utf8')
  }

  has(name: string): boolean {
    return existsSync(join(this.root, 'reports/few', name))
  }

  headers(): readonly TrialHeader[] {
    const folder = join(this.root, 'reports/few/results')
    return readdirSync(folder).map((name) => {
      const [line = ''] = readFileSync(join(folder, name), 'utf8').split('\n')
      return recordSchemas.trial.parse(JSON.parse(line))
    })
  }
}

describe('exp run --rounds', () => {
  it('gives a complete report that says how many of the rounds of the file were run', async () => {
    const project = new Project()
    const run = await project.exp('run', file, '--rounds', '2')
    expect(run.code, run.err).toBe(0)
    expect(run.out).toContain('Report (v1.0):')
    const report = project.read('README.md')
    expect(report).toContain("2 of the file's 6 rounds, as requested by --rounds")
    expect(report).toContain('Status: ✅ complete')
    expect(report).not.toMatch(/of 6 rounds done|6 rounds;|\*\*Rounds\*\*: 6/)
    expect(project.read('README.zh-CN.md')).toContain('文件的 6 轮中测了 2 轮 (由 --rounds 指定)')
    expect(await project.exp('check')).toMatchObject({ code: 0 })
    expect((await project.exp('list')).out).toContain('✅ complete 1/1')
    // a changed setting is a new version, and the first one is kept
    project.define({ seed: 2 })
    const changed = await project.exp('run', file, '--rounds', '2')
    expect(changed.out).toContain('Report (v2.0):')
    expect(project.has('v1.0.md')).toBe(true)
    // a run with all rounds replaces it
    await project.exp('run', file)
    expect(project.read('README.md')).toMatch(/\*\*Load\*\*: [^\n]*, 6 rounds,/)
    expect(project.read('README.md')).toContain('rounds 2 → 6')
  })

  it('may ask for more rounds than the file', async () => {
    const project = new Project()
    project.define({ rounds: 2 })
    await project.exp('run', file, '--rounds', '3')
    expect(project.read('README.md')).toContain(
      "3 rounds instead of the file's 2, as requested by --rounds",
    )
    expect(project.read('README.md')).toContain('Status: ✅ complete')
  })

  it('may add rounds without weakening a verdict if the file planned that', async () => {
    const project = new Project()
    project.define({ more: 'looks: 2\n' })
    await project.exp('run', file, '--rounds', '3')
    const extended = await project.exp('run', file, '--resume', '--rounds', '4')
    expect(extended.out).toContain('✅ supported')
    expect(project.read('README.md')).toContain('corrected for 1 claim at 2 planned looks')
    expect(project.headers().map(({ look, plannedLooks }) => [look, plannedLooks])).toEqual([
      [undefined, 2],
      [undefined, 2],
      [undefined, 2],
      [2, 2],
    ])
  })

  it('is kept by --resume, until --rounds or the file asks for another number', async () => {
    const project = new Project()
    await project.exp('run', file, '--rounds', '2')
    expect((await project.exp('run', file, '--resume')).out).toContain('0 trials')
    await project.exp('run', file, '--resume', '--rounds', '3')
    expect(project.read('README.md')).toContain("3 of the file's 6 rounds")
    // more rounds for the same run are another look at its verdicts
    expect(project.read('README.md')).toContain('🔎 leans for')
    expect(project.read('README.md')).toContain('2 looks at the results')
    project.define({ rounds: 4 })
    expect((await project.exp('list')).out).toContain('v1.1')
    await project.exp('report', 'few')
    expect(project.read('README.md')).toContain('3 of 4 rounds done')
    await project.exp('run', file, '--resume')
    expect(project.read('README.md')).toMatch(/\*\*Load\*\*: [^\n]*, 4 rounds,/)
    expect(
      project
        .headers()
        .map(({ round, rounds, fileRounds, look }) => [round, rounds, fileRounds, look]),
    ).toEqual([
      [1, 2, 6, undefined],
      [2, 2, 6, undefined],
      [3, 3, 6, 2],
      [4, 4, undefined, 3],
    ])
  })
})
