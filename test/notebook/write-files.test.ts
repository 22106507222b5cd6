import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assertWritableFolder, readFileIfExists } from '../../src/notebook/write-files.ts'

describe('assertWritableFolder', () => {
  it('accepts a folder that can be written or created', () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-writable-'))
    expect(() => assertWritableFolder(root, 'reports/one/results')).not.toThrow()
  })

  it('names the folder that cannot be created', () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-writable-'))
    mkdirSync(join(root, 'reports'))
    writeFileSync(join(root, 'reports/one'), 'a file')
    expect(() => assertWritableFolder(root, 'reports/one/results')).toThrow(
      'cannot write `reports/one`: it is not a folder',
    )
  })

  it('refuses a link to nothing', () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-writable-'))
    symlinkSync('/nowhere', join(root, 'reports'))
    expect(() => assertWritableFolder(root, 'reports/one')).toThrow('`reports`: it is not a folder')
  })

  // root may write everywhere
  it.skipIf(process.getuid?.() === 0)('names the folder that may not be written', () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-writable-'))
    mkdirSync(join(root, 'reports'))
    chmodSync(join(root, 'reports'), 0o555)
    expect(() => assertWritableFolder(root, 'reports')).toThrow('permission is denied')
  })
})

it('names a folder that is where a file belongs', () => {
  const root = mkdtempSync(join(tmpdir(), 'exp-writable-'))
  mkdirSync(join(root, 'README.md'))
  expect(() => readFileIfExists(root, 'README.md')).toThrow('`README.md` is a folder')
  expect(readFileIfExists(root, 'other.md')).toBeUndefined()
})
