/** `exp run --host`: from another machine, on the machine itself, and where nothing leads there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'

const experiment = (configs: string) => `title: a
locale: en
model: tiny
dataset: {name: d, samples: [{text: one}]}
workload:
  prompt: "{{text}}"
  load: {users: 1, requests: 1}
rounds: 6
configs:
${configs}`

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function dryRun(configs: string, args: readonly string[], local?: string) {
  const root = mkdtempSync(join(tmpdir(), 'exp-host-'))
  folders.push(root)
  mkdirSync(join(root, 'experiments'))
  writeFileSync(join(root, 'experiments/a.yaml'), experiment(configs))
  if (local !== undefined) writeFileSync(join(root, 'exp.local.yaml'), local)
  const io = memoryIo(root)
  const code = await runCommandLine(['run', 'experiments/a.yaml', '--dry-run', ...args], io)
  return { code, out: io.out(), err: io.err() }
}

describe('exp run --host', () => {
  it('names the line that each config needs if nothing leads to that machine', async () => {
    const result = await dryRun(
      `  native: {target: process, host: box}
  container:
    host: box
    target: {docker: {image: "ollama/ollama:0.11.3"}}
  local:
    host: box
    target: {url: "http://127.0.0.1:11434"}
  elsewhere: {target: {url: "http://box:11434"}, host: box}
  other: {target: process, host: mac}
`,
      ['--host', 'box'],
      'name: laptop\n',
    )
    expect(result.code).toBe(3)
    expect(result.err)
      .toBe(`error: this machine is not \`box\`, and a server there cannot be reached from here
  experiments/a.yaml:10:12: native needs \`target: {process: {ssh: box}}\`
  experiments/a.yaml:13:5: container needs \`target: {docker: {image: ollama/ollama:0.11.3, context: box}}\`
  experiments/a.yaml:16:5: local needs \`target: {url: "http://box:11434"}\`
hint:  Write this line; \`ssh\` takes a \`Host\` of \`~/.ssh/config\`, and \`context\` a name that \`docker context ls\` lists.
       On \`box\` itself, add \`--here\`, or write \`name: box\` into \`exp.local.yaml\`.
`)
  })

  it.each([
    ['--here says so', ['--here'], undefined],
    ['exp.local.yaml names it', [], 'name: box\n'],
  ])('measures on the machine itself if %s', async (_, args, local) => {
    const result = await dryRun(
      '  first: {target: embedded, host: box}\n  second: {target: embedded, host: mac}\n',
      ['--host', 'box', ...args],
      local,
    )
    expect(result.err).toBe('')
    expect(result.out).toContain('first')
    expect(result.out).not.toContain('second')
    expect(result.code).toBe(0)
  })

  it('refuses a host that no config names, and --here without a host', async () => {
    const configs = '  first: {target: embedded, host: box}\n'
    expect(await dryRun(configs, ['--host', 'mac'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no config of experiments/a.yaml has the host `mac`') as string,
    })
    expect(await dryRun(configs, ['--here'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('`--here` requires `--host`') as string,
    })
  })

  it('tells a run without configs of this machine how to measure from here', async () => {
    const result = await dryRun('  first: {target: embedded, host: box}\n', [], 'name: laptop\n')
    expect(result.err).toContain('measure it from here: `exp run FILE --host NAME`')
  })
})
