/** What keeps a run from writing its report is found before the server gets a request. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { makeReadOnlyFolder } from '../support/read-only-folder.ts'
import { ScriptedOllama } from '../support/scripted-ollama.ts'

const servers: ScriptedOllama[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

it.each<readonly [what: string, message: string, prepare: (root: string) => void]>([
  [
    '`reports` is a file',
    'cannot write `reports`: it is not a folder',
    (root) => writeFileSync(join(root, 'reports'), ''),
  ],
  [
    'the folder of the report is a file',
    'cannot write `reports/a`: it is not a folder',
    (root) => {
      mkdirSync(join(root, 'reports'))
      writeFileSync(join(root, 'reports/a'), '')
    },
  ],
  [
    'the folder of the report is a link',
    '`reports/a` is a link',
    (root) => {
      mkdirSync(join(root, 'reports'))
      symlinkSync(tmpdir(), join(root, 'reports/a'))
    },
  ],
  [
    'the report is a link',
    '`reports/a/README.md` is a link',
    (root) => {
      mkdirSync(join(root, 'reports/a'), { recursive: true })
      writeFileSync(join(root, 'mine.md'), 'mine')
      symlinkSync(join(root, 'mine.md'), join(root, 'reports/a/README.md'))
    },
  ],
  [
    '`reports` is read-only',
    'cannot write `reports`: ',
    (root) => void makeReadOnlyFolder(join(root, 'reports')),
  ],
])('a run is refused if %s', async (_, message, prepare) => {
  const server = await ScriptedOllama.start()
  servers.push(server)
  const root = mkdtempSync(join(tmpdir(), 'exp-before-'))
  mkdirSync(join(root, 'experiments'))
  writeFileSync(
    join(root, 'experiments/a.yaml'),
    `title: a
model: tiny
dataset: {name: d, samples: [{text: hello}]}
workload: {prompt: "{{text}}", load: {users: 1, requests: 4}}
configs:
  only: {target: {url: "${server.url}"}}
`,
  )
  prepare(root)
  const io = memoryIo(root)
  expect(await runCommandLine(['run', 'experiments/a.yaml', '--yes'], io), io.err()).toBe(3)
  expect(io.err()).toContain(message)
  expect(server.received).toEqual([])
})
