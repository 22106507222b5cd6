import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { identifyProcess } from '../../../src/host/processes/process-group.ts'
import {
  acquireMeasurementLock,
  measurementLockHolder,
  type LockHolder,
} from '../../../src/host/processes/measurement-lock.ts'

const { signal } = new AbortController()
const tools = systemTools()
let folder: string

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'exp-lock-')), 'state')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const acquire = (what: string, waits: LockHolder[] = [], stop = signal) =>
  acquireMeasurementLock(what, { stateFolder: folder, tools }, stop, (holder) => waits.push(holder))

describe('the measurement lock', () => {
  it('is held by one process at a time; a second one reports once whom it waits for, and continues after the release', async () => {
    const releaseFirst = await acquire('first')
    expect(await measurementLockHolder({ stateFolder: folder, tools })).toMatchObject({
      what: 'first',
    })
    const waits: LockHolder[] = []
    const order: string[] = []
    const second = acquire('second', waits).then(async (release) => {
      order.push('second')
      await release()
    })
    await expect
      .poll(() => waits, { timeout: 30_000 })
      .toMatchObject([{ what: 'first', pid: process.pid }])
    order.push('first')
    await releaseFirst()
    await second
    expect(order).toEqual(['first', 'second'])
    expect(waits).toHaveLength(1)
    expect(await readdir(folder)).toEqual([])
  })

  it('is given to one of many that request it at the same time', async () => {
    let [current, highest] = [0, 0]
    await Promise.all(
      Array.from({ length: 6 }, async (_, each) => {
        const release = await acquire(String(each))
        highest = Math.max(highest, (current += 1))
        await new Promise((later) => setTimeout(later, 20))
        current -= 1
        await release()
      }),
    )
    expect(highest).toBe(1)
  })

  it('is stale if its process has exited or its file is unreadable', async () => {
    const me = await identifyProcess(process.pid, tools)
    for (const left of [
      JSON.stringify({ ...me, start: 'before', what: 'killed' }),
      'garbage',
      '',
    ]) {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'measuring.json'), left)
      const waits: LockHolder[] = []
      await (
        await acquire('next', waits)
      )()
      expect(waits).toEqual([])
    }
  })

  it('stops the wait when the signal aborts', async () => {
    await acquire('first')
    const stop = new AbortController()
    const second = acquire('second', [], stop.signal)
    const reason = new Error('enough')
    setTimeout(() => stop.abort(reason), 50)
    await expect(second).rejects.toBe(reason)
  })

  it('is skipped if the state folder is not writable', async () => {
    await writeFile(folder, 'a file in its place')
    await (
      await acquire('alone')
    )()
  })
})
