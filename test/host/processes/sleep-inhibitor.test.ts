import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inhibitSleep } from '../../../src/host/processes/sleep-inhibitor.ts'

const path = process.env['PATH'] ?? ''
const pollOptions = { timeout: 30_000 }
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
  it('runs the system’s helper until this process exits or releases it', async () => {
    await program('caffeinate', 'exec sleep 100')
    const awake = await inhibitSleep('darwin')
    expect(awake.program).toBe('caffeinate')
    const called = () => readFile(join(folder, 'called'), 'utf8').catch(() => '')
    await expect.poll(called, pollOptions).toContain('\n')
    const [pid = '', ...args] = (await called()).trim().split(' ')
    expect(args).toEqual(['-i', '-m', '-w', String(process.pid)])
    awake.release()
    await expect
      .poll(() => {
        try {
          return process.kill(Number(pid), 0)
        } catch {
          return false
        }
      }, pollOptions)
      .toBe(false)
    awake.release()
  })

  it('continues without a helper if it is missing, fails, or is unknown for the platform', async () => {
    await program('systemd-inhibit', 'exit 1')
    // On a stalled machine the helper may fail after we have stopped watching it.
    const by = (platform: NodeJS.Platform) => async () => (await inhibitSleep(platform)).program
    await expect.poll(by('linux'), pollOptions).toBeUndefined()
    expect(await by('win32')()).toBeUndefined()
    process.env['PATH'] = folder
    expect(await by('darwin')()).toBeUndefined()
  })
})
