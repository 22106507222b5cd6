/** A run whose reader goes away, or whose terminal is closed, goes on to its end and its report. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Project, smallExperiment } from '../support/project.ts'
import { answers, json, ScriptedOllama } from '../support/scripted-ollama.ts'

const file = 'experiments/slots.yaml'

async function projectWithServer(): Promise<Project> {
  const preloaded = json({ model: 'tiny', response: '', done: true })
  const server = await ScriptedOllama.start({
    generate: ({ path }) => (path === '/api/generate' ? preloaded : answers()),
  })
  const project = new Project()
  onTestFinished(async () => {
    project.remove()
    await server.close()
  })
  project.write(
    file,
    smallExperiment()
      .replace('target: embedded', `target: {url: "${server.url}"}`)
      .replaceAll(/ {4}env: \{OLLAMA_NUM_PARALLEL: (\d)\}/g, '    options: {num_ctx: $1024}'),
  )
  return project
}

function expectReport(project: Project): void {
  expect(project.list('reports/slots/results')).toHaveLength(4)
  expect(project.read('reports/slots/README.md')).not.toContain('🔄')
}

it('`exp run … 2>&1 | head -n 1` writes the report and exits as without `head`', async () => {
  const project = await projectWithServer()
  const command = `{ "$0" "$1" run ${file} --yes; echo $? > code; } 2>&1 | head -n 1`
  const child = spawn('sh', ['-c', command, process.execPath, resolve('dist/cli/main.js')], {
    cwd: project.root,
    env: { ...process.env, XDG_STATE_HOME: project.stateFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let lines = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (lines += text))
  await once(child, 'close')
  expect(lines.split('\n')).toHaveLength(2)
  expect(project.read('code').trim()).toBe('0')
  expectReport(project)
})

it('a run whose terminal is closed writes the report, and what it would have printed is lost', async () => {
  const project = await projectWithServer()
  const running = project.start('run', file, '--yes')
  await running.untilStderr(/\S/)
  running.child.stdout?.destroy()
  running.child.stderr?.destroy()
  running.child.kill('SIGHUP')
  expect(await once(running.child, 'exit')).toEqual([0, null])
  expectReport(project)
})
