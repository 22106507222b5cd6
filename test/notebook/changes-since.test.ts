/** `exp diff --against`: what changed in the reports since a commit of git. */
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { memoryIo } from '../support/memory-io.ts'
import { yaml } from './project.ts'
import { repository } from './repository.ts'

async function exp(root: string, ...args: readonly string[]) {
  const io = memoryIo(root)
  return { code: await runCommandLine(args, io), out: io.out(), err: io.err() }
}

/** A branch with a second run, which is much faster. */
async function branch() {
  const { project, git, commit } = await repository()
  await git('checkout', '-q', '-b', 'faster')
  const latency = { 'slots-1': 200, 'slots-4': 150 }
  await project.measure({ run: '20250807-b', latency, day: '2025-08-07' })
  await project.publish()
  await commit('v1.1')
  return { project, git, commit }
}

describe('exp diff --against', () => {
  it('prints nothing if nothing changed, and is not disturbed by prose', async () => {
    const { project } = await repository()
    expect(await exp(project.root, 'diff', 'slots', '--against', 'main')).toEqual({
      code: 0,
      out: '',
      err: '',
    })
    project.edit('experiments/slots.yaml', 'Four slots answer sooner', 'Four slots are faster')
    await project.publish()
    expect((await exp(project.root, 'diff', '--against', 'HEAD')).out).toBe('')
  })

  it('compares the report here with the one on a branch, as text, Markdown and JSON', async () => {
    const { project } = await branch()
    const text = await exp(project.root, 'diff', 'slots', '--against', 'main')
    expect(text.out).toMatch(/^slots: v1\.0 \(main\) → v1\.1\n/)
    expect(text.out).toContain('Mean latency (ms)')
    const md = await exp(project.root, 'diff', '--against', 'main', '--format', 'md')
    expect(md.out).toMatch(/^## slots: v1\.0 \(main\) → v1\.1\n/)
    expect(md.out).toContain('| - |')
    const json: unknown = JSON.parse(
      (await exp(project.root, 'diff', '--against', 'main', '--json')).out,
    )
    expect(json).toMatchObject([{ how: 'changed', experiment: 'slots', against: 'main' }])
  })

  it('names reports that only one side has', async () => {
    const { project, git } = await repository()
    project.write('experiments/more.yaml', yaml)
    await project.measure({ run: 'c', latency: { 'slots-1': 400, 'slots-4': 300 } }, 'more')
    await project.publish('more')
    await git('rm', '-rq', 'reports/slots')
    const { out } = await exp(project.root, 'diff', '--against', 'main')
    expect(out.split('\n')).toEqual([
      'more: v1.0 (2025-08-06) is new; main has no report of it',
      '',
      'slots: removed; main has v1.0 (2025-08-06)',
      '',
    ])
    const md = await exp(project.root, 'diff', 'more', '--against', 'main', '--format', 'md')
    expect(md.out).toContain('- H1 ')
  })

  it('works in a project that is a folder of the repository', async () => {
    const { project, git, commit } = await branch()
    await git('checkout', '-q', 'main')
    project.write('inner/notes.md', '')
    for (const folder of ['experiments', 'reports']) await git('mv', folder, `inner/${folder}`)
    await commit('move')
    expect((await exp(`${project.root}/inner`, 'diff', '--against', 'main')).out).toBe('')
    expect((await exp(`${project.root}/inner`, 'diff', '--against', 'faster')).out).toContain(
      'slots: v1.0 (2025-08-06) is new; faster has no report of it',
    )
  })

  it.each(['nowhere', '--output=stolen', '-h', '', '^main', 'main..faster', 'HEAD:reports'])(
    'refuses `%s`, which is no commit',
    async (ref) => {
      const { project } = await repository()
      const before = project.snapshot()
      const { code, out, err } = await exp(project.root, 'diff', 'slots', `--against=${ref}`)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toContain(`git knows no branch, tag or commit \`${ref}\``)
      expect(project.snapshot()).toEqual(before)
    },
  )

  it('says that a folder is not under git, and that a version cannot be named too', async () => {
    const { project } = await repository()
    const both = await exp(project.root, 'diff', 'slots', 'v1.0', '--against', 'main')
    expect(both).toMatchObject({ code: 2, out: '' })
    expect((await exp(project.root, 'diff')).err).toContain('exp diff --against REF')
    project.remove('.git')
    const { code, err } = await exp(project.root, 'diff', '--against', 'main')
    expect(code).toBe(3)
    expect(err).toContain('not a git repository')
  })

  it('refuses an experiment that neither side has', async () => {
    const { project } = await repository()
    const { code, err } = await exp(project.root, 'diff', 'slot', '--against', 'main')
    expect(code).toBe(2)
    expect(err).toContain('did you mean `slots`?')
  })
})

describe('exp show --md', () => {
  it('prints at most ten lines of Markdown, the rest of the verdicts in one of them', async () => {
    const claims = Array.from(
      { length: 12 },
      (_, at) =>
        `  - {id: C${at}, statement: 'a | *b* ${at}', claim: {metric: latencyMean, config: slots-4, change: "<= -${at + 1}%"}}\n`,
    )
    const { project } = await repository(`${yaml}${claims.join('')}`)
    const { out } = await exp(project.root, 'show', 'slots', '--md')
    const lines = out.trimEnd().split('\n')
    expect(lines.length).toBe(10)
    expect(lines[0]).toMatch(/^\*\*两个设置\*\* \(v1\.0, 2025-08-06, ✅ complete 2\/2\)$/)
    expect(lines[1]).toBe('- 4 个槽快多少？')
    expect(out).toContain('a | \\*b\\* 0'.replace('|', '\\|'))
    expect(lines.at(-2)).toMatch(/^- C5 .*; C10 .*; C11 .*; H1 🔎 leans for$/u)
    expect(lines.at(-1)).toBe('- `reports/slots/README.md`')
  })
})
