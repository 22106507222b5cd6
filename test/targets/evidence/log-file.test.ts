import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tailFile, tailJournal } from '../../../src/targets/evidence/log-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exp-log-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Lines of 10 bytes each. */
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${String(from + index).padStart(4)}\n`)

describe('tailFile', () => {
  it('returns the lines since the last call, without an incomplete one', async () => {
    const file = join(folder, 'short.log')
    const tail = tailFile(file)
    await writeFile(file, 'one\ntwo\nthr')
    expect(await tail()).toBe('one\ntwo\n')
    await appendFile(file, 'ee\n')
    expect(await tail()).toBe('three\n')
    expect(await tail()).toBe('')
  })

  it('returns whole lines of the start and of the end of a log that is too long, once', async () => {
    const file = join(folder, 'long.log')
    await writeFile(file, lines(0, 1000).join(''))
    const tail = tailFile(file, 45)
    const expected = [...lines(0, 4), ...lines(996, 1000)]
    expect(await tail()).toBe(expected.join(''))
    await appendFile(file, lines(1000, 1002).join(''))
    expect(await tail()).toBe(lines(1000, 1002).join(''))
  })

  it('reads a file from its start if it was replaced by a shorter one', async () => {
    const file = join(folder, 'replaced.log')
    await writeFile(file, 'a long first line\n')
    const tail = tailFile(file)
    await tail()
    await writeFile(file, 'new\n')
    expect(await tail()).toBe('new\n')
  })
})

describe('tailJournal', () => {
  it('returns the end of a journal after the older lines about starts, then what was added', async () => {
    const calls: (readonly string[])[] = []
    const tail = tailJournal('ollama', (_, args) => {
      calls.push(args)
      if (args.some((arg) => arg.startsWith('--grep='))) return Promise.resolve('Listening on x\n')
      return Promise.resolve(
        args.includes('--after-cursor=c1') ? 'new\n-- cursor: c2\n' : 'end\n-- cursor: c1\n',
      )
    })
    expect(await tail()).toBe('Listening on x\nend\n')
    expect(await tail()).toBe('new\n')
    expect(calls).toHaveLength(3)
  })

  it('returns the end alone if the journal cannot be searched', async () => {
    const tail = tailJournal('ollama', (_, args) =>
      args.some((arg) => arg.startsWith('--grep='))
        ? Promise.reject(new Error('Compiled without pattern matching support'))
        : Promise.resolve('end\n'),
    )
    expect(await tail()).toBe('end\n')
  })
})
