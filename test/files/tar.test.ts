import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { tarBytes, tarFiles } from '../../src/files/tar.ts'

const folder = () => mkdtempSync(path.join(os.tmpdir(), 'exp-tar-'))
const files = new Map([
  ['a.txt', Buffer.from('first')],
  [`reports/${'long-'.repeat(20)}/${'x'.repeat(90)}.jsonl`, Buffer.alloc(1024, 1)],
  ['experiments/数据.csv', Buffer.alloc(0)],
])

describe('an archive', () => {
  it('holds the same files after it is written and read, whatever they contain', () => {
    const content = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes))
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,20}(\/[a-z0-9]{1,20}){0,2}$/))
    fc.assert(
      fc.property(names, content, (all, bytes) => {
        const written = new Map(all.map((name) => [name, bytes]))
        expect(tarFiles(tarBytes(written), 20)).toEqual(written)
      }),
    )
    expect(tarFiles(tarBytes(files), 20)).toEqual(files)
  })

  it('is read by tar', () => {
    const root = folder()
    writeFileSync(path.join(root, 'a.tar'), tarBytes(files))
    execFileSync('tar', ['xf', 'a.tar'], { cwd: root })
    for (const [name, bytes] of files) expect(readFileSync(path.join(root, name))).toEqual(bytes)
  })

  const made = (make: (root: string) => void, ...args: string[]) => {
    const root = folder()
    make(root)
    return execFileSync('tar', ['--format=ustar', '-cf', '-', ...args], { cwd: root })
  }
  it.each([
    ['a link', () => made((root) => symlinkSync('/etc/passwd', path.join(root, 'a')), 'a')],
    ['a folder', () => made((root) => mkdirSync(path.join(root, 'a')), 'a')],
    ['a half', () => tarBytes(files).subarray(0, 700)],
    ['no end', () => tarBytes(files).subarray(0, 1024)],
    ['something after its end', () => Buffer.concat([tarBytes(files), Buffer.from('x')])],
    ['text', () => Buffer.alloc(2048, 'x')],
    ['a wrong checksum', () => tarBytes(files).fill('b', 0, 1)],
    ['a name twice', () => twice()],
  ])('is refused with %s', (_, bytes) => {
    expect(() => tarFiles(bytes(), 20)).toThrow(ExpError)
  })

  function twice(): Buffer {
    const one = tarBytes(new Map([['a', Buffer.from('x')]]))
    return Buffer.concat([one.subarray(0, 1024), one])
  }

  it('refuses to hold a path that no header can name', () => {
    expect(() => tarBytes(new Map([['x'.repeat(101), Buffer.alloc(0)]]))).toThrow('too long')
  })
})
