import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { identifyProcess } from '../../../src/host/processes/process-identity.ts'
import {
  acquireMeasurementLock,
  measurementLockHolder,
  type LockHolder,
} from '../../../src/host/processes/measurement-lock.ts'

const { signal } = new AbortController()
const tools = systemTools()
let folder: string

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'exp-turn-')), 'state')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const take = (what: string, waits: LockHolder[] = [], stop = signal) =>
  acquireMeasurementLock(what, { stateFolder: folder, tools }, stop, (holder) => waits.push(holder))

describe('the turn to measure', () => {
  it('is one’s at a time; who waits is told once for whom, and goes on when it is over', async () => {
    const first = await take('first')
    expect(await measurementLockHolder({ stateFolder: folder, tools })).toMatchObject({
      what: 'first',
    })
    const waits: LockHolder[] = []
    const order: string[] = []
    const second = take('second', waits).then(async (done) => {
      order.push('second')
      await done()
    })
    await expect
      .poll(() => waits, { timeout: 30_000 })
      .toMatchObject([{ what: 'first', pid: process.pid }])
    order.push('first')
    await first()
    await second
    expect(order).toEqual(['first', 'second'])
    expect(waits).toHaveLength(1)
    expect(await readdir(folder)).toEqual([])
  })

  it('is given to one of many that want it at once', async () => {
    let [now, most] = [0, 0]
    await Promise.all(
      Array.from({ length: 6 }, async (_, each) => {
        const done = await take(String(each))
        most = Math.max(most, (now += 1))
        await new Promise((later) => setTimeout(later, 20))
        now -= 1
        await done()
      }),
    )
    expect(most).toBe(1)
  })

  it('ends with its process, and was never had by what cannot be read', async () => {
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
        await take('next', waits)
      )()
      expect(waits).toEqual([])
    }
  })

  it('is not waited for once that is given up', async () => {
    await take('first')
    const stop = new AbortController()
    const second = take('second', [], stop.signal)
    const reason = new Error('enough')
    setTimeout(() => stop.abort(reason), 50)
    await expect(second).rejects.toBe(reason)
  })

  it('holds nobody up where nothing can be written', async () => {
    await writeFile(folder, 'a file in its place')
    await (
      await take('alone')
    )()
  })
})
