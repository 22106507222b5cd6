import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemTools } from '../../src/host/machine-tools.ts'
import { findOrphans } from '../../src/targets/orphans.ts'
import { exists, ProcessFixture } from './process/process-fixture.ts'

let fixture: ProcessFixture
beforeAll(async () => {
  fixture = await ProcessFixture.create()
})
afterEach(() => fixture.stopAll())
afterAll(() => fixture.remove())

describe('findOrphans', () => {
  it('does not list the server of an exp that is still running', async () => {
    await fixture.start(fixture.config())
    const orphans = await findOrphans(fixture.stateFolder, systemTools())
    expect(orphans.filter(({ name }) => name.includes('ollama serve'))).toEqual([])
  })

  it('finds and ends the server of a killed exp', async () => {
    await fixture.start(fixture.config('forks'))
    const group = await fixture.startedGroup()
    const file = join(fixture.stateFolder, 'started', `${group}.json`)
    const record = JSON.parse(await readFile(file, 'utf8')) as { owner: { start: string } }
    await writeFile(
      file,
      JSON.stringify({ ...record, owner: { ...record.owner, start: 'before' } }),
    )
    const [orphan] = await findOrphans(fixture.stateFolder, systemTools())
    expect(orphan?.name).toBe(`\`ollama serve\` (process ${group})`)
    await orphan?.remove()
    expect(exists(-group)).toBe(false)
    expect(await findOrphans(fixture.stateFolder, systemTools())).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')(
    'finds and ends a process that left the group of a killed exp’s server',
    async () => {
      await fixture.start(fixture.config('escapes'))
      const escaped = Number(await readFile(join(fixture.folder, 'escaped'), 'utf8'))
      const group = await fixture.startedGroup()
      const file = join(fixture.stateFolder, 'started', `${group}.json`)
      const record = JSON.parse(await readFile(file, 'utf8')) as { owner: { start: string } }
      process.kill(-group, 'SIGKILL')
      await expect.poll(() => exists(-group), { timeout: 40_000 }).toBe(false)
      await writeFile(
        file,
        JSON.stringify({ ...record, owner: { ...record.owner, start: 'before' } }),
      )
      const [orphan] = await findOrphans(fixture.stateFolder, systemTools())
      await orphan?.remove()
      await expect.poll(() => exists(escaped), { timeout: 40_000 }).toBe(false)
      expect(await fixture.recordedGroups()).toEqual([])
    },
  )

  it('removes a record whose process number now belongs to another process', async () => {
    await mkdir(join(fixture.stateFolder, 'started'), { recursive: true })
    const mine = { pid: process.pid, start: 'another time' }
    const file = join(fixture.stateFolder, 'started', `${process.pid}.json`)
    await writeFile(file, JSON.stringify({ leader: mine, owner: mine, what: 'ollama serve' }))
    expect(await findOrphans(fixture.stateFolder, systemTools())).toEqual([])
    expect(await fixture.recordedGroups()).toEqual([])
  })
})
