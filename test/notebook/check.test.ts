import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { Project, refusalOf, yaml } from './project.ts'

const readme = 'reports/slots/README.md'
const result = 'reports/slots/results/b-slots-4-r2.jsonl'

/** A project with two versions, of which the second is current. */
async function twoVersions(): Promise<Project> {
  const project = new Project()
  await project.measure({ run: 'a', latency: { 'slots-1': 400, 'slots-4': 300 } })
  await project.publish()
  await project.measure({
    run: 'b',
    latency: { 'slots-1': 410, 'slots-4': 305 },
    day: '2025-08-07',
  })
  await project.publish()
  return project
}

describe('exp check', () => {
  it.each([
    {
      what: 'the report',
      file: readme,
      from: '## ',
      to: '## x',
      finding: `edited ${readme}`,
      message: 'outside its keep blocks',
      fix: '--discard-edits',
    },
    {
      what: 'a frozen version',
      file: 'reports/slots/v1.0.md',
      from: 'Four',
      to: 'five',
      finding: 'frozen-changed reports/slots/v1.0.md',
      message: 'does not match its lock',
      fix: 'git checkout -- reports/slots/v1.0.md',
    },
    {
      what: 'a result',
      file: result,
      from: '"outputTokens":14',
      to: '"outputTokens":15',
      finding: `result-changed ${result}`,
      message: 'is not the result that v1.1 was made from',
      fix: `git checkout -- ${result}`,
    },
    {
      what: 'the lock',
      file: 'reports/slots/v1.1.lock.json',
      from: '"state": "closed"',
      to: '"state": "open"',
      finding: 'unreadable reports/slots',
      message: 'v1.1.lock.json was changed by hand or merged incompletely',
      fix: 'git checkout -- reports/slots/v1.1.lock.json',
    },
    {
      what: 'a frozen lock',
      file: 'reports/slots/v1.0.lock.json',
      from: 'Four',
      to: 'five',
      finding: 'unreadable reports/slots',
      message: 'v1.0.lock.json was changed by hand',
      fix: 'git checkout -- reports/slots/v1.0.lock.json',
    },
    {
      what: 'the index',
      file: 'reports/README.md',
      from: 'v1.1',
      to: 'v1.7',
      finding: 'stale reports/README.md',
      message: 'does not match the reports',
      fix: 'exp report --all',
    },
    {
      what: 'a claim of the experiment',
      file: 'experiments/slots.yaml',
      from: '<= -10%',
      to: '<= -20%',
      finding: `stale ${readme}`,
      message: 'does not match the results',
      fix: 'exp report slots` updates it, freezes v1.1 and starts v2.0',
    },
    {
      what: 'the wording of the experiment',
      file: 'experiments/slots.yaml',
      from: '两个设置',
      to: '两种设置',
      finding: `stale ${readme}`,
      message: 'does not match the results',
      fix: 'exp report slots` updates it',
    },
  ])('finds a change of $what', async ({ file, from, to, finding, message, fix }) => {
    const project = await twoVersions()
    project.edit(file, from, to)
    const before = project.snapshot()
    const { findings } = await project.notebook.check()
    const [found] = findings
    expect(`${found?.code} ${found?.file}`).toBe(finding)
    expect(found?.message).toContain(message)
    expect(found?.fix).toContain(fix)
    expect(project.snapshot()).toEqual(before)
  })

  it.each([
    ['an empty line at its end', /$/, '\n'],
    ['without its last line', /[^\n]*\n$/, ''],
    ['another measurement', /"measurementDigest":"sha256:./, '"measurementDigest":"sha256:'],
  ])('finds a damaged result that is no longer used: %s', async (_, from, to) => {
    const project = await twoVersions()
    project.edit(result, from, to)
    const [found] = (await project.notebook.check()).findings
    expect(`${found?.message} ${found?.fix}`).toContain(result)
    const before = project.snapshot()
    await expect(project.publish()).rejects.toThrow(result)
    expect(project.snapshot()).toEqual(before)
  })

  it('finds a result of a frozen version that was changed or removed', async () => {
    const project = await twoVersions()
    const old = 'reports/slots/results/a-slots-4-r2.jsonl'
    project.edit(old, '"outputTokens":14', '"outputTokens":28')
    const { findings } = await project.notebook.check()
    expect(findings.map(({ message }) => message)).toEqual([
      `${old} is not the result that v1.0 was made from`,
    ])
    const before = project.snapshot()
    await expect(
      project.notebook.drop(project.experiment(), 'b', 'noisy', '2025-08-08T00:00:00Z'),
    ).rejects.toThrow(old)
    expect(project.snapshot()).toEqual(before)
    project.remove(old)
    expect(await project.check()).toEqual([`result-missing ${old}`])
  })

  it('gives the remedy if git changed line ends', async () => {
    const project = await twoVersions()
    for (const file of [result, 'reports/slots/v1.0.md']) project.edit(file, /\n/g, '\r\n')
    const { findings } = await project.notebook.check()
    expect(findings.length).toBeGreaterThan(1)
    for (const { fix } of findings) expect(fix).toContain('reports/** -text')
  })

  it('finds a missing lock, and does not report the files of its version as stray', async () => {
    const project = await twoVersions()
    project.remove('reports/slots/v1.0.lock.json')
    expect(await project.check('slots')).toContain('frozen-missing reports/slots/v1.0.lock.json')
    expect((await project.check('slots')).join()).not.toContain('stray')
  })

  it('refuses an experiment whose name differs from another only in case', async () => {
    const project = new Project()
    await project.publish()
    project.write('experiments/SLOTS.yaml', yaml)
    expect(await project.check()).toEqual([
      'unreadable experiments/SLOTS.yaml',
      'unreadable experiments/slots.yaml',
    ])
    expect((await refusalOf(project.publish())).message).toBe(
      'the names of `experiments/slots.yaml` and `experiments/SLOTS.yaml` differ only in case',
    )
  })

  it('refuses two experiment files with the same id', async () => {
    const project = await twoVersions()
    project.write('experiments/slots.yml', project.text('experiments/slots.yaml'))
    const { findings } = await project.notebook.check(['slots'])
    expect(findings.map(({ message }) => message).join()).toContain('both exist')
  })

  it('finds a template of the project that changes the report, and shows the diff', async () => {
    const project = await twoVersions()
    const template = path.join(import.meta.dirname, '../../templates/en/conclusion.hbs')
    project.write(
      'templates/en/conclusion.hbs',
      readFileSync(template, 'utf8') + '\nAsk the platform team.\n',
    )
    const { findings } = await project.notebook.check()
    expect(findings).toMatchObject([
      { code: 'stale', file: readme, fix: '`exp report slots` updates it' },
    ])
    expect(findings[0]?.diff).toContain('+Ask the platform team.')
    await project.publish()
    expect(await project.check()).toEqual([])
    expect(project.text(readme)).toContain('Ask the platform team.')
  })

  it('finds missing files, and files that belong to no version', async () => {
    const project = await twoVersions()
    project.remove('reports/slots/v1.0.md')
    project.write('reports/slots/v0.9.md', 'old')
    project.remove(result)
    expect(await project.check()).toEqual([
      'frozen-missing reports/slots/v1.0.md',
      'stray reports/slots/v0.9.md',
      `result-missing ${result}`,
    ])
    project.remove('reports/slots')
    mkdirSync(path.join(project.root, 'reports/slots'))
    expect(await project.check()).toEqual([`missing ${readme}`, 'stale reports/README.md'])
  })

  it('ignores comments in experiments, unrelated files, and text in keep blocks', async () => {
    const project = await twoVersions()
    project.edit('experiments/slots.yaml', /^/, '# a comment\n')
    project.write('reports/slots/notes.txt', 'mine')
    project.write('experiments/notes.md', 'mine')
    project.edit(readme, '<!-- exp:end remarks -->', 'good\n<!-- exp:end remarks -->')
    expect(await project.check()).toEqual([])
    expect(await project.check('slots')).toEqual([])
  })

  it('does not depend on the time zone or the current directory', async () => {
    const project = await twoVersions()
    const zone = process.env['TZ']
    const folder = process.cwd()
    try {
      for (const name of ['Asia/Kathmandu', 'America/St_Johns']) {
        process.env['TZ'] = name
        process.chdir(path.join(project.root, 'reports'))
        expect(await project.check()).toEqual([])
      }
    } finally {
      process.chdir(folder)
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    }
  })

  it('names file and line of a damaged result', async () => {
    const project = await twoVersions()
    project.edit(result, '"type":"window"', '"type":"window')
    const { findings } = await project.notebook.check()
    expect(findings).toMatchObject([{ code: 'unreadable', file: result, line: 3 }])
    expect(findings[0]?.message).toContain(`${result}:3`)
    expect(findings[0]?.message).not.toContain(project.root)
  })

  it('finds a report whose experiment or locale was removed', async () => {
    const project = await twoVersions()
    project.edit('experiments/slots.yaml', 'locale: en', 'locale: [en, zh-CN]')
    await project.publish()
    expect(project.files()).toContain('README.zh-CN.md')
    project.edit('experiments/slots.yaml', 'locale: [en, zh-CN]', 'locale: en')
    await project.publish()
    expect(await project.check()).toEqual(['stray reports/slots/README.zh-CN.md'])
    project.remove('reports/slots/README.zh-CN.md')
    expect(await project.check()).toEqual([])
    project.remove('experiments/slots.yaml')
    expect(await project.check()).toEqual(['stray reports/slots'])
  })

  it('names the part of a file that a killed command left behind, which the next `exp report` removes', async () => {
    const project = new Project()
    await project.measure({ run: 'a', latency: { 'slots-1': 400, 'slots-4': 300 } })
    await project.publish()
    const { pid } = spawnSync(process.execPath, ['--eval', ''])
    const files = [`${readme}.${pid}.partial`, `reports/slots/results/x.jsonl.gz.${pid}.partial`]
    for (const file of files) project.write(file, 'half')
    expect(await project.check()).toEqual(files.map((file) => `stray ${file}`))
    await project.publish()
    expect(await project.check()).toEqual([])
  })

  it('reports the problem of an experiment that is no longer valid', async () => {
    const project = await twoVersions()
    project.edit('experiments/slots.yaml', 'rounds: 2', 'rounds: -2')
    const line = 1 + project.text('experiments/slots.yaml').split('\n').indexOf('rounds: -2')
    const { findings } = await project.notebook.check()
    expect(findings).toMatchObject([
      { code: 'unreadable', file: 'experiments/slots.yaml', line, column: 9 },
    ])
    expect(findings[0]?.message).toContain(`experiments/slots.yaml:${line}:9: `)
  })

  it('reports every problem of an invalid experiment that has no report yet', async () => {
    const project = await twoVersions()
    project.write('experiments/new.yaml', 'title: x\nrounds: -2\ntypo: 1\n')
    const { findings } = await project.notebook.check()
    const places = findings.map(({ file, line }) => `${file}:${line}`)
    expect(places).toEqual(
      expect.arrayContaining(['experiments/new.yaml:2', 'experiments/new.yaml:3']),
    )
    expect(findings.every(({ experiment }) => experiment === 'new')).toBe(true)
  })

  it('reads no link and no path that leads out of the project, and names it', async () => {
    const project = new Project()
    const message = async (): Promise<string | undefined> => {
      const { findings } = await project.notebook.check(['slots'])
      return findings[0]?.message
    }
    const link = (file: string, target: string): void => {
      mkdirSync(path.dirname(path.join(project.root, file)), { recursive: true })
      symlinkSync(target, path.join(project.root, file))
    }
    for (const file of [
      readme,
      'reports/slots/v1.0.lock.json',
      'reports/slots/dropped.jsonl',
      result,
    ]) {
      link(file, '/etc/passwd')
      expect(await message()).toContain(`\`${file}\` is a link that leads out of the project`)
      project.remove(file)
    }
    link('templates/en', '/etc')
    expect(await message()).toContain('`templates/en` is a link that leads out of the project')
    project.remove('templates')
    project.edit(
      'experiments/slots.yaml',
      /dataset:\n(?: +.*\n)+/,
      'dataset: ../../../../../etc/passwd\n',
    )
    expect(await message()).toContain(
      '`../../../../../etc/passwd` cannot be read: it lies outside the project',
    )
    project.remove('experiments/slots.yaml')
    link('experiments/slots.yaml', '/etc/passwd')
    expect(await message()).toContain('`experiments/slots.yaml` is a link')
  })
})
