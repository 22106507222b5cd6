import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writePages } from '../../src/page/site-folder.ts'

let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'exp-site-'))
  folder = join(root, 'site')
})
afterEach(() => rmSync(root, { recursive: true }))

const filesIn = (place: string) => readdirSync(place, { recursive: true }).map(String).sort()
const first = new Map([
  ['index.html', 'index'],
  ['a/index.html', 'a'],
])

describe('the folder of a site', () => {
  it('is written, and written again only where pages differ', async () => {
    expect((await writePages(folder, first)).written.map(({ file }) => file)).toEqual([
      'index.html',
      'a/index.html',
    ])
    expect(filesIn(folder)).toEqual(['a', 'a/index.html', 'exp-site.json', 'index.html'])
    const again = await writePages(folder, new Map([...first, ['index.html', 'new']]))
    expect(again.written).toEqual([{ file: 'index.html', how: 'changed' }])
    expect(again.places.size).toBe(2)
  })

  it('holds each page before the next one is made, and can be written again after a failure', async () => {
    const seen: (readonly string[])[] = []
    function* failing() {
      yield ['index.html', 'index'] as const
      seen.push(filesIn(folder))
      throw new Error('no second page')
    }
    await expect(writePages(folder, failing())).rejects.toThrow('no second page')
    expect(seen).toEqual([['exp-site.json', 'index.html']])
    expect((await writePages(folder, first)).places.size).toBe(2)
  })

  it('loses pages that no longer exist, and keeps the files of others', async () => {
    await writePages(folder, first)
    writeFileSync(join(folder, 'CNAME'), 'notebook.example')
    await writePages(folder, new Map([['index.html', 'index']]))
    expect(filesIn(folder)).toEqual(['CNAME', 'a', 'exp-site.json', 'index.html'])
  })

  it('is refused if it holds other files', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'index.html'), 'mine')
    await expect(writePages(folder, first)).rejects.toThrow(/holds files that `exp` did not write/)
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('mine')
  })

  it.each([
    ['is not JSON', '{'],
    ['is from another program', '{"writtenBy": "somebody", "pages": []}'],
  ])('is refused if its marker %s', async (_, text) => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'exp-site.json'), text)
    await expect(writePages(folder, first)).rejects.toThrow(/did not write/)
  })

  it('never loses a file outside, or one that is not a page, whatever its marker lists', async () => {
    mkdirSync(folder)
    writeFileSync(join(root, 'outside.html'), 'mine')
    writeFileSync(join(folder, 'notes.md'), 'mine')
    const pages = [
      '../outside.html',
      'x/../../outside.html',
      join(root, 'outside.html'),
      'notes.md',
    ]
    writeFileSync(join(folder, 'exp-site.json'), JSON.stringify({ writtenBy: 'exp', pages }))
    await writePages(folder, first)
    expect(readFileSync(join(root, 'outside.html'), 'utf8')).toBe('mine')
    expect(readFileSync(join(folder, 'notes.md'), 'utf8')).toBe('mine')
  })

  it('is not written through links', async () => {
    mkdirSync(join(root, 'elsewhere'))
    symlinkSync(join(root, 'elsewhere'), folder)
    await expect(writePages(folder, first)).rejects.toThrow(/is a link/)
    rmSync(folder)
    await writePages(folder, first)
    rmSync(join(folder, 'a'), { recursive: true })
    symlinkSync(join(root, 'elsewhere'), join(folder, 'a'))
    await expect(writePages(folder, first)).rejects.toThrow(/`a` is a link/)
    await expect(writePages(folder, new Map([['index.html', 'i']]))).rejects.toThrow(
      /`a` is a link/,
    )
    expect(filesIn(join(root, 'elsewhere'))).toEqual([])
  })

  it('says so if a page cannot be removed', async () => {
    await writePages(folder, first)
    rmSync(join(folder, 'a/index.html'))
    mkdirSync(join(folder, 'a/index.html'))
    await expect(writePages(folder, new Map([['index.html', 'i']]))).rejects.toThrow(
      /cannot write `a\/index.html`/,
    )
  })
})
