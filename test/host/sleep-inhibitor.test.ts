import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inhibitSleep } from '../../src/host/sleep-inhibitor.ts'

const path = process.env['PATH'] ?? ''
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exp-awake-'))
  process.env['PATH'] = `${folder}:${path}`
})

afterEach(async () => {
  process.env['PATH'] = path
  await rm(folder, { recursive: true })
})

async function program(name: string, body: string): Promise<void> {
  const file = join(folder, name)
  await writeFile(file, `#!/bin/sh\necho "$$ $*" > ${folder}/called\n${body}\n`)
  await chmod(file, 0o755)
}

describe('inhibitSleep', () => {
  it('has the system’s helper run as long as this process, and ends it', async () => {
    await program('caffeinate', 'exec sleep 100')
    const awake = await inhibitSleep('darwin')
    expect(awake.by).toBe('caffeinate')
    const [pid = '', ...args] = (await readFile(join(folder, 'called'), 'utf8')).trim().split(' ')
    expect(args).toEqual(['-i', '-m', '-w', String(process.pid)])
    awake.release()
    await expect
      .poll(() => {
        try {
          return process.kill(Number(pid), 0)
        } catch {
          return false
        }
      })
      .toBe(false)
    awake.release()
  })

  it('goes on without where the helper is missing, fails or is not known', async () => {
    await program('systemd-inhibit', 'exit 1')
    for (const platform of ['linux', 'win32'] as const)
      expect((await inhibitSleep(platform)).by).toBeUndefined()
    process.env['PATH'] = folder
    expect((await inhibitSleep('darwin')).by).toBeUndefined()
  })
})
