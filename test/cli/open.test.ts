/** `exp open` and `exp export --format html`: a report as a page. */
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { openerOf } from '../../src/cli/io.ts'
import type { Project } from '../notebook/project.ts'
import { yaml } from '../notebook/project.ts'
import { reportedProject } from '../notebook/reported-project.ts'
import { memoryIo } from '../support/memory-io.ts'

const bilingual = yaml.replace('locale: en', 'locale: [zh-CN, en]')

interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** Why the browser cannot be opened. */
  readonly failure?: string
}

/** Runs a command on a machine with a display, and returns the files that it opened. */
async function exp(project: Project, args: readonly string[], { env = {}, failure }: Options = {}) {
  const opened: string[] = []
  const io = memoryIo(project.root, {
    env: { XDG_CACHE_HOME: join(project.root, 'cache'), ...env },
  })
  const openFile = (file: string) => {
    opened.push(file)
    return Promise.resolve(failure)
  }
  const code = await runCommandLine(args, { ...io, openFile })
  return { code, out: io.out(), err: io.err(), opened }
}

const textOf = (file: string | undefined) => readFileSync(file ?? '', 'utf8')

describe('exp open', () => {
  it('opens the report, and prints the path of its page', async () => {
    const project = await reportedProject()
    const { code, out, opened } = await exp(project, ['open', 'slots'])
    expect(code).toBe(0)
    expect(opened).toEqual([out.trim()])
    expect(textOf(opened[0])).toContain('<html lang="en">')
    expect(textOf(opened[0])).toContain('两个设置')
  })

  it('opens the index of the notebook without an id', async () => {
    const project = await reportedProject()
    const { opened } = await exp(project, ['open'])
    expect(textOf(opened[0])).toContain('<a href="slots/index.html">两个设置</a>')
  })

  it('opens the other reports if one cannot be read, and says why', async () => {
    const project = await reportedProject()
    project.write('experiments/other.yaml', yaml)
    await project.publish('other')
    project.remove('reports/other/README.md')
    const { code, err, opened } = await exp(project, ['open'])
    expect(code).toBe(2)
    expect(err).toContain('`reports/other/README.md` does not exist')
    expect(textOf(opened[0])).toContain('<a href="slots/index.html">')
    expect(textOf(opened[0])).not.toContain('<a href="other')
  })

  it.each([
    [['--lang', 'en'], {}, 'en'],
    [['--lang', 'zh'], { LANG: 'en_US.UTF-8' }, 'zh-CN'],
    [[], { LANG: 'en_US.UTF-8' }, 'en'],
    [[], { LANG: 'zh_CN.UTF-8', LC_ALL: '' }, 'zh-CN'],
    [[], { LANG: 'de_DE.UTF-8' }, 'zh-CN'],
    [[], { LANG: 'C' }, 'zh-CN'],
  ])('with %j and %j shows the report in the language that fits', async (args, env, locale) => {
    const project = await reportedProject(bilingual)
    const { opened } = await exp(project, ['open', 'slots', ...args], { env })
    expect(textOf(opened[0])).toContain(`<html lang="${locale}">`)
  })

  it('names the languages of the report if it is not written in the requested one', async () => {
    const { code, err } = await exp(await reportedProject(), ['open', 'slots', '--lang', 'zh-CN'])
    expect(code).toBe(2)
    expect(err).toContain('there is no page of `slots` in `zh-CN`')
    expect(err).toContain('en')
  })

  it('lists the reports that exist if the id is unknown', async () => {
    const { code, err } = await exp(await reportedProject(), ['open', 'slot'])
    expect(code).toBe(2)
    expect(err).toContain('there is no report of `slot`')
    expect(err).toContain('did you mean `slots`?')
  })

  it('says why the browser did not open; the page is written all the same', async () => {
    const project = await reportedProject()
    const { code, err, out } = await exp(project, ['open', 'slots'], { failure: 'no xdg-open' })
    expect(code).toBe(0)
    expect(err).toContain('no xdg-open')
    expect(existsSync(out.trim())).toBe(true)
  })

  it('leads from the page to the files of the project', async () => {
    const project = await reportedProject()
    const { opened } = await exp(project, ['open', 'slots'])
    expect(textOf(opened[0])).toContain(`href="file://${project.root}/experiments/slots.yaml"`)
  })

  it('refuses a report that takes too long to parse', async () => {
    const project = await reportedProject()
    project.edit('reports/slots/README.md', /$/, `\n${'*a_ '.repeat(3000)}\n`)
    const { code, err } = await exp(project, ['open', 'slots'])
    expect(code).toBe(2)
    expect(err).toMatch(/README\.md:\d+: has too many marks/)
  })
})

describe('the program that opens pages', () => {
  it.each([
    ['darwin', {}, 'open'],
    ['linux', { DISPLAY: ':0' }, 'xdg-open'],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
    ['linux', { DISPLAY: '' }, undefined],
    ['win32', {}, 'explorer.exe'],
  ] as const)('on %s with %j is %s', (platform, env, opener) => {
    expect(openerOf(platform, env)).toBe(opener)
  })
})

describe('exp export --format html', () => {
  it('writes one file, without links to files that its reader does not have', async () => {
    const project = await reportedProject(bilingual)
    const out = join(project.root, 'page.html')
    const args = ['export', 'slots', '--format', 'html', '--lang', 'en']
    const printed = await exp(project, args)
    const written = await exp(project, [...args, '--out', 'page.html'])
    expect(written.out).toBe('wrote page.html\n')
    expect(textOf(out)).toBe(printed.out)
    expect(printed.out).not.toContain(project.root)
    expect(printed.out).toContain('<span class="file" title="../../experiments/slots.yaml">')
    expect(
      [...printed.out.matchAll(/(?:href|src)="(?!data:image\/svg)([^"#][^"]*)"/g)].map(
        ([, to]) => to,
      ),
    ).toEqual(['data:,'])
  })

  it('puts pictures of the project into the page, and no others', async () => {
    const project = await reportedProject()
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    project.write('reports/slots/own/a.svg', svg)
    project.write('outside.svg', svg)
    symlinkSync('/etc/hostname', join(project.root, 'reports/slots/own/link.svg'))
    project.edit(
      'reports/slots/README.md',
      /$/,
      '\n![one](own/a.svg) ![two](own/link.svg) ![three](../../../../etc/passwd.svg)\n',
    )
    const { out } = await exp(project, ['export', 'slots', '--format', 'html'])
    expect(out).toContain(`"data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}"`)
    expect(out.match(/alt="(?:one|two|three)"/g)).toEqual(['alt="one"'])
    expect(out).toContain('<span class="missing">two</span>')
    expect(out).toContain('<span class="missing">three</span>')
  })

  it('overwrites its own pages only, and writes through no link', async () => {
    const project = await reportedProject()
    const args = ['export', 'slots', '--format', 'html', '--out']
    expect((await exp(project, [...args, 'page.html'])).code).toBe(0)
    expect((await exp(project, [...args, 'page.html'])).code).toBe(0)
    const refused = await exp(project, [...args, 'reports/slots/README.md'])
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('exists, and `exp` did not write it')
    symlinkSync('page.html', join(project.root, 'link.html'))
    expect((await exp(project, [...args, 'link.html'])).err).toContain('is a link')
    mkdirSync(join(project.root, 'folder.html'))
    expect((await exp(project, [...args, 'folder.html'])).code).toBe(2)
    expect((await exp(project, [...args, 'none/page.html'])).err).toContain('there is no folder')
  })

  it.each([
    [['--format', 'html', '--table', 'trials'], '`--table` has no effect here'],
    [['--out', 'figures.csv'], '`--out` has no effect here'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await exp(await reportedProject(), ['export', 'slots', ...args])
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})

describe('exp run --open', () => {
  it.each(['--try', '--dry-run'])('is refused with %s, which writes no report', async (option) => {
    const project = await reportedProject()
    const { code, err } = await exp(project, ['run', 'experiments/slots.yaml', '--open', option])
    expect(code).toBe(2)
    expect(err).toContain('`--open` shows the report')
  })
})
