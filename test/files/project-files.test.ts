import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { namesIn, readFileIfExists, readText } from '../../src/files/read-files.ts'
import {
  assertWritableFolder,
  leftovers,
  removeLeftovers,
  writeFiles,
  writeNewFile,
} from '../../src/files/write-files.ts'
import { makeReadOnlyFolder } from '../support/read-only-folder.ts'

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

  it('refuses a link', () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-writable-'))
    symlinkSync('/nowhere', join(root, 'reports'))
    expect(() => assertWritableFolder(root, 'reports/one')).toThrow('`reports` is a link')
  })

  it('names the folder that may not be written, and why', () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-writable-'))
    const reason = makeReadOnlyFolder(join(root, 'reports'))
    expect(() => assertWritableFolder(root, 'reports')).toThrow(reason)
    expect(() => assertWritableFolder(root, 'reports/one')).toThrow(reason)
  })
})

it('names a folder that is where a file belongs', () => {
  const root = mkdtempSync(join(tmpdir(), 'exp-writable-'))
  mkdirSync(join(root, 'README.md'))
  expect(() => readFileIfExists(root, 'README.md')).toThrow(
    '`README.md` cannot be read: it is a folder',
  )
  expect(readFileIfExists(root, 'other.md')).toBeUndefined()
})

describe('reading a file of the project', () => {
  const [root, outside] = [
    mkdtempSync(join(tmpdir(), 'exp-in-')),
    mkdtempSync(join(tmpdir(), 'exp-out-')),
  ]
  mkdirSync(join(root, 'reports'))
  writeFileSync(join(root, 'reports/README.md'), 'inside')
  writeFileSync(join(outside, 'secret.md'), 'secret')
  const link = (target: string, file: string): string => {
    symlinkSync(target, join(root, file))
    return file
  }

  it('follows a link to a file that lies inside the project', () => {
    expect(readFileIfExists(root, link('reports/README.md', 'same.md'))?.toString()).toBe('inside')
    expect(namesIn(root, link('reports', 'others'))).toEqual(['README.md'])
    expect(readFileIfExists(root, 'others/missing.md')).toBeUndefined()
  })

  it('names the link that leads out of the project, whether to a file, a folder or a device', () => {
    const message = (file: string) => `\`${file}\` is a link that leads out of the project`
    const file = link(join(outside, 'secret.md'), 'file.md')
    expect(() => readFileIfExists(root, file)).toThrow(message('file.md'))
    link(outside, 'folder')
    expect(() => readFileIfExists(root, 'folder/secret.md')).toThrow(message('folder'))
    expect(() => readFileIfExists(root, 'folder/missing.md')).toThrow(message('folder'))
    expect(() => namesIn(root, 'folder')).toThrow(message('folder'))
    expect(() => readFileIfExists(root, link('/dev/zero', 'zero.md'))).toThrow(message('zero.md'))
  })

  it('names a link to nothing and a link in a circle', () => {
    link('nowhere', 'broken.md')
    expect(() => readFileIfExists(root, 'broken.md')).toThrow('`broken.md` is a link to nothing')
    link('circle.md', 'circle.md')
    expect(() => readFileIfExists(root, 'circle.md')).toThrow('`circle.md` is a link to nothing')
  })

  it('refuses a path that leaves the project', () => {
    expect(() => readFileIfExists(root, '../../etc/passwd')).toThrow('it lies outside the project')
  })

  it('refuses a pipe without waiting for its writer', () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'pipe.md')])
    expect(() => readFileIfExists(root, 'pipe.md')).toThrow('it is not a regular file')
  })

  it('takes no text that is not UTF-8, and says what it is', () => {
    writeFileSync(join(root, 'wide.yaml'), Buffer.from('\ufefftitle: 槽', 'utf16le'))
    expect(readText(root, 'wide.yaml')).toEqual({ failure: 'it is UTF-16: save it as UTF-8' })
    writeFileSync(join(root, 'old.yaml'), Buffer.from('title: é', 'latin1'))
    expect(readText(root, 'old.yaml')).toEqual({
      failure: 'it is not UTF-8 text: save it as UTF-8',
    })
    writeFileSync(join(root, 'marked.yaml'), '\ufefftitle: 槽')
    expect(readText(root, 'marked.yaml')).toEqual({ text: '\ufefftitle: 槽' })
  })

  it('refuses a file above the maximum size', () => {
    writeFileSync(join(root, 'large.md'), '')
    truncateSync(join(root, 'large.md'), 8_000_001)
    expect(() => readFileIfExists(root, 'large.md')).toThrow(
      'it has 8000001 bytes; the maximum is 8000000',
    )
  })
})

describe('writing a file of the project', () => {
  it('writes nothing through a link, whether the link is the file or a folder above it', async () => {
    const [root, outside] = [
      mkdtempSync(join(tmpdir(), 'exp-in-')),
      mkdtempSync(join(tmpdir(), 'exp-out-')),
    ]
    writeFileSync(join(outside, 'a.md'), 'before')
    symlinkSync(join(outside, 'a.md'), join(root, 'a.md'))
    symlinkSync(outside, join(root, 'folder'))
    for (const file of ['a.md', 'folder/new.md', '../new.md']) {
      await expect(writeFiles(root, new Map([[file, Buffer.from('x')]]))).rejects.toThrow()
      await expect(writeNewFile(root, file, 'x')).rejects.toThrow()
    }
    await expect(writeNewFile(root, 'folder/new.md', 'x')).rejects.toThrow(
      'cannot write `folder/new.md`: `folder` is a link, and nothing is written through links',
    )
    // The name under which a file is written until it is complete.
    symlinkSync(join(outside, 'a.md'), join(root, `b.md.${process.pid}.partial`))
    await writeFiles(root, new Map([['b.md', Buffer.from('x')]]))
    expect(lstatSync(join(root, 'b.md')).isFile()).toBe(true)
    expect(readFileSync(join(outside, 'a.md'), 'utf8')).toBe('before')
    expect(existsSync(join(outside, 'new.md'))).toBe(false)
  })
})

describe('what a killed command left behind', () => {
  it('is found by the process that wrote it, and removed unless that process still runs', async () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-left-'))
    const dead = spawnSync(process.execPath, ['--eval', '']).pid
    for (const pid of [dead, process.ppid])
      writeFileSync(join(root, `README.md.${pid}.partial`), 'half')
    writeFileSync(join(root, 'README.md'), 'whole')
    expect(leftovers(root, '.')).toEqual([`./README.md.${dead}.partial`])
    await removeLeftovers(root, '.')
    expect(namesIn(root, '.')).toEqual(['README.md', `README.md.${process.ppid}.partial`])
  })

  it('of the same file is removed by the next write of that file', async () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-left-'))
    const dead = spawnSync(process.execPath, ['--eval', '']).pid
    const left = (name: string) => `${name}.${dead}.partial`
    for (const name of ['new.md', 'same.md', 'other.md'])
      writeFileSync(join(root, left(name)), 'half')
    writeFileSync(join(root, 'same.md'), 'x')
    await writeFiles(root, new Map([['same.md', Buffer.from('x')]]))
    await writeNewFile(root, 'new.md', 'x')
    expect(namesIn(root, '.')).toEqual(['new.md', left('other.md'), 'same.md'])
  })
})

describe('a new file', () => {
  it('replaces none that exists, and a file that is larger than others of the project is replaced', async () => {
    const root = mkdtempSync(join(tmpdir(), 'exp-new-'))
    await writeNewFile(root, 'a/b.yaml', 'x')
    await expect(writeNewFile(root, 'a/b.yaml', 'y')).rejects.toThrow('already exists')
    expect(readFileSync(join(root, 'a/b.yaml'), 'utf8')).toBe('x')
    const large = Buffer.alloc(9_000_000)
    const write = () => writeFiles(root, new Map([['large', large]]))
    expect(await write()).toEqual([{ file: 'large', how: 'new' }])
    expect(await write()).toEqual([])
    await writeFiles(root, new Map([['large', Buffer.from('x')]]))
    expect(readFileSync(join(root, 'large'), 'utf8')).toBe('x')
  })
})
