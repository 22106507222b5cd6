import { describe, expect, it } from 'vitest'
import { refusalOf } from './project.ts'
import { repository } from './repository.ts'

const readme = 'reports/slots/README.md'

const ourRun = {
  run: '20250807-b',
  latency: { 'slots-1': 410, 'slots-4': 305 },
  day: '2025-08-07',
}

/** A merge of two branches that both created v1.1 from v1.0; theirs has the later run. */
async function merged() {
  const { project, git, commit } = await repository()
  await git('checkout', '-q', '-b', 'theirs')
  const latency = { 'slots-1': 420, 'slots-4': 290 }
  await project.measure({ run: '20250808-c', latency, day: '2025-08-08' })
  await project.publish()
  await commit('their v1.1')
  await git('checkout', '-q', 'main')
  await project.measure(ourRun)
  await project.publish()
  await commit('our v1.1')
  await git('merge', 'theirs')
  return { project, git }
}

describe('a merge of two branches that both created v1.1', () => {
  it('is recognised by its conflict markers, and gets a hint', async () => {
    const { project } = await merged()
    expect(project.text('reports/slots/v1.1.lock.json')).toContain('<<<<<<<')
    const refusal = await refusalOf(project.publish())
    expect(refusal.message).toMatch(
      /reports\/slots\/v1\.1\.lock\.json:\d+: conflict markers of a merge/,
    )
    expect(refusal.hint).toBe(
      'take the reports and their lock from the same side: `git checkout --ours reports/slots/README*.md reports/slots/v1.1.lock.json` (or `--theirs`), then run `exp report slots`',
    )
    const { findings } = await project.notebook.check()
    expect(findings.map(({ code }) => code)).toEqual(['unreadable'])
    expect(findings[0]?.message).toContain('conflict markers')
  })

  it.each([
    ['ours', 'v1.2'], // their newer run is added to our v1.1
    ['theirs', 'v1.1'], // already contains the newest run
  ])(
    'are merged by taking report, lock and index from %s, which makes %s',
    async (side, version) => {
      const { project, git } = await merged()
      await git(
        'checkout',
        `--${side}`,
        readme,
        'reports/slots/v1.1.lock.json',
        'reports/README.md',
      )
      expect(await project.publish()).toMatchObject({ version, state: 'closed' })
      expect(await project.check()).toEqual([])
      expect(project.text(readme)).toContain('290')
      await git('add', '.')
      await git('commit', '-q', '-m', 'merged')
      expect(await git('status', '--porcelain')).toBe('')
    },
  )

  it('may leave conflicts in the index, which is regenerated', async () => {
    const { project, git } = await merged()
    await git('checkout', '--ours', readme, 'reports/slots/v1.1.lock.json')
    expect(project.text('reports/README.md')).toContain('<<<<<<<')
    await project.publish()
    expect(await project.check()).toEqual([])
  })

  it('is refused with the report of one side and the lock of the other', async () => {
    const { project, git } = await merged()
    await git('checkout', '--ours', readme)
    await git('checkout', '--theirs', 'reports/slots/v1.1.lock.json')
    const refusal = await refusalOf(project.publish())
    expect(refusal.hint).toContain('from the same side')
  })

  it('is refused if a merge tool mixed the two locks', async () => {
    const { project } = await merged()
    const mixed = project
      .text('reports/slots/v1.1.lock.json')
      .replace(/<{7}.*\n([^]*?)={7}\n[^]*?>{7}.*\n/g, '$1')
    project.write(
      'reports/slots/v1.1.lock.json',
      mixed.replace('"state": "closed"', '"state":  "closed"'),
    )
    const refusal = await refusalOf(project.publish())
    expect(refusal.message).toContain('changed by hand or merged incompletely')
  })
})

describe('a merge of a branch that created v1.1 with one that created v2.0', () => {
  async function mergedApart() {
    const { project, git, commit } = await repository()
    await git('checkout', '-q', '-b', 'theirs')
    project.edit('experiments/slots.yaml', '<= -10%', '<= -20%')
    await project.publish()
    await commit('their v2.0')
    await git('checkout', '-q', 'main')
    await project.measure(ourRun)
    await project.publish()
    await commit('our v1.1')
    await git('merge', 'theirs')
    return { project, git }
  }

  it('keeps the report of the higher version after the other lock is removed', async () => {
    const { project, git } = await mergedApart()
    await git('checkout', '--theirs', readme, 'reports/README.md')
    expect(await project.publish()).toMatchObject({ version: 'v2.1', frozenVersion: 'v2.0' })
    expect(await project.check()).toEqual([
      'stray reports/slots/v1.1.lock.json',
      'stray reports/slots/charts/v1.1/claims.en.svg',
      'stray reports/slots/charts/v1.1/time.en.svg',
    ])
    project.remove('reports/slots/v1.1.lock.json')
    project.remove('reports/slots/charts/v1.1')
    expect(await project.check()).toEqual([])
  })

  it('is refused with the report of v1.1 and the lock of v2.0', async () => {
    const { project, git } = await mergedApart()
    await git('checkout', '--ours', readme, 'reports/README.md')
    const { hint } = await refusalOf(project.publish())
    expect(hint).toContain('README.md belongs to v1.1, but a newer lock exists')
    project.remove('reports/slots/v2.0.lock.json')
    expect(await project.publish()).toMatchObject({ version: 'v2.0', frozenVersion: 'v1.1' })
    expect(await project.check()).toEqual([])
  })
})
