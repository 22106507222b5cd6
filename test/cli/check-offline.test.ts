/** `exp check` runs in CI on the branches of strangers, so it must connect to nothing that a file names. */
import { lookup } from 'node:dns'
import { Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { yaml } from '../notebook/project.ts'
import { reportedProject } from '../notebook/reported-project.ts'
import { memoryIo } from '../support/memory-io.ts'

vi.mock('node:dns', { spy: true })

afterEach(() => vi.restoreAllMocks())

const targets = [
  'target: {url: "http://127.0.0.1:1"}',
  'target: {url: "http://model-server.invalid:11434"}',
  'target: {docker: {image: "registry.invalid/ollama/ollama:0.11.3"}}',
]

it.each(targets)('exp check connects to nothing: %s', async (target) => {
  const connect = vi.spyOn(Socket.prototype, 'connect')
  const project = await reportedProject(yaml.replace(/target: .*/, target))
  expect(project.notebook.list().overviews).toHaveLength(1)
  const io = memoryIo(project.root)
  expect(await runCommandLine(['check', '--all'], io), io.err()).toBe(0)
  expect(connect).not.toHaveBeenCalled()
  expect(lookup).not.toHaveBeenCalled()
})
