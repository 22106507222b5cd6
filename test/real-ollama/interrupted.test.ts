/** Runs on a real Ollama that are interrupted: by Ctrl-C, and by a crash of the process that computes the model. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Project } from '../support/project.ts'
import { builtOllama, realModel, useOllama } from '../support/real-ollama.ts'

const run = promisify(execFile)
const version = '0.11.3'
const program = await builtOllama(version)
const timeoutMs = 600_000

describe.skipIf(program === undefined)('a run on a real Ollama', () => {
  const project = new Project()
  let models = ''
  beforeAll(async () => {
    models = await useOllama(project, program ?? '', version)
  }, timeoutMs)
  afterAll(() => project.remove())

  it(
    'stops at Ctrl-C without leaving a server behind, and is completed by --resume',
    async () => {
      project.write('experiments/stopped.yaml', experiment('Stopped', 2, 8))
      const first = project.start('run', 'experiments/stopped.yaml', '--yes')
      await first.untilStderr(/✓ +1\/4/)
      await hasRequests('stopped', 2, 2)
      first.child.kill('SIGINT')
      expect((await first.finished).code).toBe(130)
      expect(await processesWith(program ?? '-')).toEqual([])
      const second = await project.exp('run', 'experiments/stopped.yaml', '--resume', '--yes')
      expect(second.code, second.stderr).toBe(0)
      const ended = resultFiles('stopped').filter((text) => text.includes('"outcome":"ended"'))
      expect(ended).toHaveLength(4)
      expect((await project.exp('check')).code).toBe(0)
    },
    timeoutMs,
  )

  it(
    'names the crash of the model’s process as the cause of failed requests',
    async () => {
      project.write('experiments/crash.yaml', experiment('Crash', 1, 40))
      const running = project.start('run', 'experiments/crash.yaml', '--yes')
      await hasRequests('crash', 1, 3)
      const [runner] = (await processesWith(models)).filter((line) => line.includes(' runner '))
      process.kill(Number(runner?.trim().split(' ')[0]), 'SIGKILL')
      const { code, stderr } = await running.finished
      expect(code, stderr).toBe(0)
      const report = project.read('reports/crash/README.md')
      expect(report).toContain('The process that computes the model crashed')
      expect(report).toMatch(/⚠️ .*\d+ of \d+ requests failed/)
    },
    timeoutMs,
  )

  /** Waits until so many result files hold requests, the newest at least `requests`. */
  async function hasRequests(id: string, files: number, requests: number): Promise<void> {
    const counts = () => resultFiles(id).map((text) => text.split('"type":"request"').length - 1)
    await expect
      .poll(() => counts().length >= files && counts().every((count) => count >= requests), {
        timeout: timeoutMs,
      })
      .toBe(true)
  }

  function resultFiles(id: string): readonly string[] {
    const folder = `reports/${id}/results`
    return project.list(folder).map((name) => project.read(`${folder}/${name}`))
  }
})

/** Lines of `ps`, process id first, of the processes whose command contains this text. */
async function processesWith(text: string): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,command='])
  return stdout.split('\n').filter((line) => line.includes(text))
}

const experiment = (title: string, rounds: number, requests: number) => `title: ${title}
locale: en
model: "${realModel}"
dataset: {name: questions, samples: [{text: Name a colour.}, {text: Name an animal.}, {text: Count to five.}]}
workload:
  api: chat
  prompt: "{{text}}"
  options: {temperature: 0, seed: 1, num_predict: 32, num_ctx: 1024}
  load: {users: 2, requests: ${requests}}
  warmup: {requests: 1}
rounds: ${rounds}
configs:
  one: {target: {process: {version: "${version}"}}, env: {OLLAMA_NUM_PARALLEL: 1}}
  two: {from: one, env: {OLLAMA_NUM_PARALLEL: 2}}
baseline: one
`
