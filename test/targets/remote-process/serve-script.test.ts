import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { shCommand } from '../../../src/targets/remote/ssh.ts'
import {
  heartbeat,
  noModels,
  noProgram,
  serveInput,
  serverEnded,
  serveScript,
} from '../../../src/targets/remote-process/serve-script.ts'
import { builtOllama, modelStore } from '../../support/real-ollama.ts'

const program = await builtOllama('0.11.3')
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Login shells pass the command on to `sh`, which is one of the other shells on some systems. */
const shells: readonly (readonly [name: string, command: readonly [string, ...string[]]])[] = (
  [
    ['sh', ['sh', '-c', shCommand(serveScript)]],
    ['bash', ['bash', '-c', shCommand(serveScript)]],
    ['zsh', ['zsh', '-c', shCommand(serveScript)]],
    ['fish', ['fish', '-c', shCommand(serveScript)]],
    ['bash as sh', ['bash', '--posix', '-c', serveScript]],
    ['zsh as sh', ['zsh', '--emulate', 'sh', '-c', serveScript]],
  ] as const
).filter(([, [shell]]) => spawnSync(shell, ['-c', 'true']).error === undefined)

describe.skipIf(program === undefined)('the script that serves', () => {
  let folder = ''
  let models = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exp-serve-'))
    await symlink(program ?? '', join(folder, 'ollama'))
    models = await modelStore(program ?? '')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  function serve([shell, ...args]: readonly [string, ...string[]], input: string, path: string) {
    const child = spawn(shell, args, {
      detached: true,
      env: { ...process.env, PATH: path, HOME: folder, OLLAMA_MODELS: '', OLLAMA_DEBUG: '1' },
    })
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
    child.stdin.write(input)
    return { child, printed: () => printed, closed: once(child, 'close') }
  }

  const withOllama = () => `${folder}:${process.env['PATH'] ?? ''}`
  const variables = () => ({ OLLAMA_HOST: '127.0.0.1:0', OLLAMA_MODELS: models })

  it.each(shells)('ends the server with its input, under %s', async (_, command) => {
    const { child, printed, closed } = serve(command, serveInput(variables(), false), withOllama())
    child.stdin.write(heartbeat)
    await expect.poll(printed).toMatch(/Listening on 127\.0\.0\.1:\d+ \(version 0\.11\.3\)/)
    child.stdin.end()
    await closed
    expect(printed()).toContain(`\n${serverEnded}0\n`)
    // The settings of the login do not reach the server.
    expect(printed()).toContain('OLLAMA_DEBUG:INFO')
  })

  it('says what is missing, and creates nothing', async () => {
    const command = ['sh', '-c', serveScript] as const
    const without = serve(command, serveInput(variables(), false), '/usr/bin:/bin')
    await without.closed
    expect(without.printed()).toBe(`${noProgram}\n`)
    const empty = { ...variables(), OLLAMA_MODELS: join(folder, 'none') }
    const kept = serve(command, serveInput(empty, false), withOllama())
    await kept.closed
    expect(kept.printed()).toBe(`${noModels}\n`)
  })
})
