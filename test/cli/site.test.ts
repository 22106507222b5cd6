/** `exp site`: the notebook as static pages. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { yaml, type Project } from '../notebook/project.ts'
import { reportedProject } from '../notebook/reported-project.ts'
import { memoryIo } from '../support/memory-io.ts'

async function site(project: Project, ...args: readonly string[]) {
  const io = memoryIo(project.root)
  const code = await runCommandLine(['site', ...args], io)
  return { code, out: io.out(), err: io.err() }
}

const textOf = (project: Project, page: string) => readFileSync(join(project.root, page), 'utf8')

/** Every file of a folder with its content. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true }).map(String).sort()
  const files = names.filter((name) => /\.\w+$/.test(name))
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** A report in two languages, with two versions. */
async function twoVersions(): Promise<Project> {
  const project = await reportedProject(yaml.replace('locale: en', 'locale: [zh-CN, en]'))
  await project.measure({
    run: '20250807T070000Z-bbbb',
    latency: { 'slots-1': 100, 'slots-4': 80 },
    day: '2025-08-07',
  })
  await project.publish()
  return project
}

describe('exp site', () => {
  it('shows each index in its own language', async () => {
    const titles = 'title: {zh-CN: 并行槽的问题, en: A question of slots}'
    const text = yaml.replace('locale: en', 'locale: [zh-CN, en]').replace(/^title: .*$/m, titles)
    const project = await reportedProject(text)
    expect((await site(project)).code).toBe(0)
    const [english, chinese] = ['site/index.en.html', 'site/index.html'].map((page) =>
      textOf(project, page),
    )
    expect(english).toContain('A question of slots')
    expect(english).not.toContain('并行槽的问题')
    expect(chinese).toContain('并行槽的问题')
  })

  it('writes an index, every version in every language, and what changed', async () => {
    const project = await twoVersions()
    const { code, out } = await site(project)
    expect(code).toBe(0)
    expect(out).toBe('8 pages in site, 8 of them new or changed\n')
    expect(Object.keys(filesIn(join(project.root, 'site')))).toEqual([
      'exp-site.json',
      'index.en.html',
      'index.html',
      'slots/index.en.html',
      'slots/index.html',
      'slots/v1.0.en.html',
      'slots/v1.0.html',
      'slots/versions.en.html',
      'slots/versions.html',
    ])
    const versions = textOf(project, 'site/slots/versions.en.html')
    expect(versions).toContain('<th scope="col"><a href="index.en.html">v1.1</a></th>')
    expect(versions).toContain('<th scope="col"><a href="v1.0.en.html">v1.0</a></th>')
    expect(versions).toContain('slots: v1.0 → v1.1')
    expect(versions).toContain('new results')
    expect(textOf(project, 'site/slots/versions.html')).toContain('新结果')
  })

  it('writes the same bytes again, in another folder and another time zone', async () => {
    const project = await twoVersions()
    await site(project, '--out', 'one')
    const zone = process.env['TZ']
    process.env['TZ'] = 'Asia/Shanghai'
    await site(project, '--out', 'two')
    process.env['TZ'] = zone
    expect(filesIn(join(project.root, 'two'))).toEqual(filesIn(join(project.root, 'one')))
    expect((await site(project, '--out', 'one')).out).toContain('0 of them new or changed')
  })

  it('names no file of this machine, and leads to files only where readers find them', async () => {
    const project = await twoVersions()
    const source = 'https://github.com/o/n/blob/main/'
    await site(project, '--out', 'plain')
    await site(project, '--out', 'linked', '--source', source)
    for (const text of Object.values(filesIn(join(project.root, 'plain'))))
      expect(text).not.toContain(project.root)
    expect(textOf(project, 'plain/slots/index.html')).not.toMatch(/href="[^"]*\.yaml"/)
    expect(textOf(project, 'linked/slots/index.html')).toContain(
      `href="${source}experiments/slots.yaml"`,
    )
    expect(textOf(project, 'linked/slots/index.html')).toContain('href="v1.0.html"')
  })

  it('leads to nothing outside the project', async () => {
    const project = await reportedProject()
    const links = ['../..', '../../..', '../../../x', '..%2F..%2F..'].map((to) => `[x](${to})`)
    project.edit(
      'reports/slots/README.md',
      '<!-- exp:keep remarks -->',
      `<!-- exp:keep remarks -->\n${links.join(' ')}\n`,
    )
    await site(project, '--source', 'https://github.com/o/n/blob/main')
    const page = textOf(project, 'site/slots/index.html')
    expect(page).not.toMatch(/href="[^"]*main\/\.\./)
    expect(page.split('<span class="file" title="../').length).toBeGreaterThan(2)
  })

  it('shows the reports that can be read, and says why another cannot', async () => {
    const project = await twoVersions()
    project.write('experiments/other.yaml', yaml)
    await project.publish('other')
    project.edit('reports/other/v1.0.lock.json', '"rounds"', '"Rounds"')
    const { code, err, out } = await site(project)
    expect(code).toBe(1)
    expect(err).toContain('reports/other/v1.0.lock.json')
    expect(out).toContain('8 pages')
  })

  it.each([
    ['reports', '`reports`'],
    ['reports/slots', '`reports`'],
    ['experiments/site', '`experiments`'],
    ['.', 'the project itself'],
  ])('is not written into %s', async (out, place) => {
    const project = await reportedProject()
    const { code, err } = await site(project, '--out', out)
    expect(code).toBe(2)
    expect(err).toContain(`the pages cannot be written into ${place}`)
  })

  it('puts pictures of 8 MB together into a page, however often a report shows one', async () => {
    const project = await reportedProject()
    const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(1_900_000)])
    project.write('reports/slots/large.png', png)
    project.edit(
      'reports/slots/README.md',
      '<!-- exp:keep remarks -->',
      `<!-- exp:keep remarks -->\n${'![large](large.png)\n\n'.repeat(100)}`,
    )
    expect((await site(project)).code).toBe(0)
    const page = textOf(project, 'site/slots/index.html')
    expect(page.split('data:image/png;base64,')).toHaveLength(5)
    expect(page.split('<span class="missing">large</span>')).toHaveLength(97)
  })

  it('is not written through a link of the project', async () => {
    const project = await reportedProject()
    mkdirSync(join(project.root, 'elsewhere'))
    symlinkSync('elsewhere', join(project.root, 'public'))
    const { code, err } = await site(project, '--out', 'public/site')
    expect(code).toBe(3)
    expect(err).toContain('`public` is a link')
    expect(existsSync(join(project.root, 'elsewhere/site'))).toBe(false)
  })

  it('refuses a source that is no address', async () => {
    const { code, err } = await site(await reportedProject(), '--source', 'javascript:alert(1)')
    expect(code).toBe(2)
    expect(err).toContain('is not an address on the web')
  })
})
