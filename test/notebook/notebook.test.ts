import { describe, expect, it } from 'vitest'
import { Project, refusalOf, yaml } from './project.ts'

const first = { run: '20250806T070000Z-aaaa', latency: { 'slots-1': 400, 'slots-4': 300 } }
const second = {
  run: '20250807T070000Z-bbbb',
  latency: { 'slots-1': 410, 'slots-4': 305 },
  day: '2025-08-07',
}
const readme = 'reports/slots/README.md'

async function published(text = yaml): Promise<Project> {
  const project = new Project(text)
  await project.measure(first)
  await project.publish()
  return project
}

describe('publishing', () => {
  it('writes report, lock and index, and touches no file the second time', async () => {
    const project = new Project()
    await project.measure(first)
    const { version, state, written, report, answer } = await project.publish()
    expect({ version, state, report }).toEqual({ version: 'v1.0', state: 'closed', report: readme })
    expect(written).toEqual([
      { file: 'reports/slots/charts/v1.0/time.en.svg', how: 'new' },
      { file: 'reports/slots/charts/v1.0/claims.en.svg', how: 'new' },
      { file: readme, how: 'new' },
      { file: 'reports/slots/v1.0.lock.json', how: 'new' },
      { file: 'reports/README.md', how: 'new' },
    ])
    expect(answer.join(' ')).toContain('Four slots')
    expect(project.text(readme)).toContain('2025-08-06 15:04 (UTC+8)')
    const before = project.snapshot()
    expect((await project.publish()).written).toEqual([])
    expect(project.snapshot()).toEqual(before)
    expect(await project.check()).toEqual([])
    expect(project.snapshot()).toEqual(before)
  })

  it('keeps the report after an interrupted run, with a note about that run', async () => {
    const project = await published()
    const before = project.bytes(readme)
    await project.measure({ ...second, rounds: 1, outcome: 'killed' })
    const { written, notes } = await project.publish()
    expect(written).toEqual([])
    expect(project.bytes(readme)).toEqual(before)
    expect(notes).toContainEqual(
      expect.objectContaining({ code: 'interrupted', run: second.run, used: false }),
    )
  })

  it('uses an interrupted first run, and then the run that completes the version', async () => {
    const project = new Project()
    await project.measure({ ...first, rounds: 1 })
    await project.measure({
      run: first.run,
      latency: { 'slots-1': 400 },
      rounds: 1,
      outcome: 'killed',
    })
    expect(await project.publish()).toMatchObject({ version: 'v1.0', state: 'open' })
    await project.measure(second)
    expect(await project.publish()).toMatchObject({ version: 'v1.0', state: 'closed' })
    expect(project.files()).toEqual(['README.md', 'v1.0.lock.json'])
  })

  it('creates v1.1 for a second run, freezes v1.0, and lists it in the history', async () => {
    const project = await published()
    const before = project.bytes(readme)
    await project.measure(second)
    expect(await project.publish()).toMatchObject({ version: 'v1.1', frozenVersion: 'v1.0' })
    expect(project.bytes('reports/slots/v1.0.md')).toEqual(before)
    expect(project.text(readme)).toContain('[v1.0](v1.0.md)')
    expect(await project.check()).toEqual([])
  })

  it('keeps using a complete run after a shorter one', async () => {
    const project = await published()
    await project.measure({ ...second, rounds: 1 })
    const { version, notes } = await project.publish()
    expect(version).toBe('v1.0')
    expect(notes).toContainEqual(
      expect.objectContaining({ code: 'fewer-rounds', run: second.run, ended: 1, planned: 2 }),
    )
  })

  it('keeps version and results if a config is renamed or a text reworded', async () => {
    const project = await published()
    project.edit('experiments/slots.yaml', /slots-4/g, 'many')
    project.edit('experiments/slots.yaml', 'Four slots answer', 'Many slots reply')
    expect(await project.publish()).toMatchObject({ version: 'v1.0', state: 'closed' })
    expect(project.text(readme)).toContain('Many slots reply sooner')
    expect(project.files()).toEqual(['README.md', 'v1.0.lock.json'])
  })

  it('adds a new hypothesis in a minor version without new measurements', async () => {
    const project = await published()
    project.write(
      'experiments/slots.yaml',
      `${yaml}  - id: H2\n    statement: And more of them\n    claim: {metric: qps, config: slots-4, change: ">= 10%"}\n`,
    )
    expect(await project.publish()).toMatchObject({ version: 'v1.1', state: 'closed' })
    project.edit('experiments/slots.yaml', '>= 10%', '>= 20%')
    expect(await project.publish()).toMatchObject({ version: 'v2.0' })
  })

  it('ignores results of the embedded engine if there are real results', async () => {
    const project = await published()
    await project.measure({ ...second, standIn: true, machine: 'laptop' })
    const { version, written } = await project.publish()
    expect({ version, written }).toEqual({ version: 'v1.0', written: [] })
  })

  it('replaces stand-ins by the first real result, in a major version', async () => {
    const project = new Project()
    await project.measure({ ...first, standIn: true })
    await project.publish()
    const lines = project.text(readme).split('\n')
    expect(lines.slice(2, 4)).toEqual(['> [!WARNING]', expect.stringContaining('Demo only')])
    await project.measure(second)
    expect(await project.publish()).toMatchObject({ version: 'v2.0', frozenVersion: 'v1.0' })
    expect(project.text(readme)).not.toMatch(/demo only/i)
  })

  it('states the consequences if two configs were measured on two machines', async () => {
    const project = new Project()
    await project.measure({ ...first, latency: { 'slots-1': 400 } })
    await project.measure({ ...second, latency: { 'slots-4': 300 }, machine: 'm2' })
    const { analysis } = await project.publish()
    expect(analysis.comparisons[0]).toMatchObject({ paired: false, sameHost: false })
  })

  it('excludes a dropped run, with the reason', async () => {
    const project = await published()
    await project.measure(second)
    await project.publish()
    const { notebook } = project
    const at = '2025-08-09T10:00:00+08:00'
    await expect(notebook.drop(project.experiment(), '20250807T07', 'fan', at)).rejects.toThrow(
      'has no run',
    )
    expect(await notebook.drop(project.experiment(), second.run, 'fan was off', at)).toMatchObject({
      version: 'v1.2',
    })
    expect(project.text(readme)).toContain('fan was off')
    expect(await project.check()).toEqual([])
    const before = project.snapshot()
    await notebook.drop(project.experiment(), second.run, 'again', at)
    expect(project.snapshot()).toEqual(before)
  })
})

describe('an A/A run', () => {
  const aa = { run: '20250809T070000Z-cccc', rounds: 4, day: '2025-08-09' }

  async function measureAgainstItself(project: Project, machine = 'm1'): Promise<void> {
    await project.measure({ ...aa, machine, side: 'a', latency: { 'slots-1': 400 } })
    await project.measure({ ...aa, machine, side: 'b', latency: { 'slots-1': 420 } })
  }

  it('on the same machine gives the noise floor in a minor version, and is not a result of its config', async () => {
    const project = await published()
    await measureAgainstItself(project)
    const { version, analysis } = await project.publish()
    expect(version).toBe('v1.1')
    expect(analysis.configs.map(({ run }) => run)).toEqual([first.run, first.run])
    expect(analysis.floor?.run).toBe(aa.run)
    const [lock] = project.notebook.versions('slots')
    expect(lock?.floor).toMatchObject({ run: aa.run, config: 'One slot' })
    expect(project.text(readme)).toContain('One slot (A/A)')
    expect(await project.check()).toEqual([])
    const [file = ''] = Object.keys(lock?.floor?.results ?? {})
    project.edit(`reports/slots/results/${file}`, '"outputTokens":14', '"outputTokens":15')
    expect(await project.check()).toEqual([`result-changed reports/slots/results/${file}`])
  })

  it('on another machine is not used', async () => {
    const project = await published()
    await measureAgainstItself(project, 'm2')
    expect(await project.publish()).toMatchObject({ version: 'v1.0', written: [] })
  })

  it('can be dropped', async () => {
    const project = await published()
    await measureAgainstItself(project)
    await project.publish()
    const at = '2025-08-10T10:00:00+08:00'
    const { version, analysis } = await project.notebook.drop(
      project.experiment(),
      aa.run,
      'noisy',
      at,
    )
    expect(version).toBe('v1.2')
    expect(analysis.floor).toBeUndefined()
    expect(project.text(readme)).toContain('excluded results: One slot (A/A)')
  })
})

describe('text changed outside a block', () => {
  it('is refused with a diff before anything is measured or written', async () => {
    const project = await published()
    project.edit(readme, '# 两个设置', '# My title')
    const before = project.snapshot()
    const refusal = await refusalOf(project.notebook.assertUnedited(project.experiment()))
    expect(refusal.code).toBe('edited')
    expect(refusal.hint).toContain('--discard-edits')
    expect(refusal.message).toContain('-# My title\n+# 两个设置')
    await expect(project.publish()).rejects.toThrow('-# My title')
    expect(project.snapshot()).toEqual(before)
    expect(await project.check()).toEqual([`edited ${readme}`])
  })

  it('is dropped by --discard-edits, which returns the lines and keeps the blocks', async () => {
    const project = await published()
    const written = project.text(readme)
    project.edit(readme, '# 两个设置', '# My title')
    project.edit(readme, '<!-- exp:keep remarks -->\n', '<!-- exp:keep remarks -->\nour words\r\n')
    const { discardedLines } = await project.publish('slots', true)
    expect(discardedLines).toEqual([{ file: readme, line: 1, text: '# My title' }])
    expect(project.text(readme)).toBe(
      written.replace('<!-- exp:keep remarks -->\n', '<!-- exp:keep remarks -->\nour words\r\n'),
    )
  })

  it('is not frozen if new results arrive', async () => {
    const project = await published()
    const written = project.text(readme)
    project.edit(readme, '# 两个设置', '# My title')
    await project.measure(second)
    const refusal = await refusalOf(project.publish())
    expect(refusal.message).toContain('-# My title\n+# 两个设置')
    expect(refusal.message).not.toContain('v1.1')
    expect(await project.publish('slots', true)).toMatchObject({
      version: 'v1.1',
      discardedLines: [{ line: 1, text: '# My title' }],
    })
    expect(project.text('reports/slots/v1.0.md')).toBe(written)
  })

  it('is refused in a report without a lock, and in the index', async () => {
    const project = new Project()
    await project.measure(first)
    project.write(readme, '# Mine\n')
    await expect(project.publish()).rejects.toThrow('outside the keep blocks')
    project.remove(readme)
    await project.publish()
    project.edit('reports/README.md', /$/, '\nOur lab.\n')
    await expect(project.publish()).rejects.toThrow('reports/README.md:9: `Our lab.`')
    expect(await project.publish('slots', true)).toMatchObject({
      discardedLines: [{ file: 'reports/README.md', line: 9, text: 'Our lab.' }],
    })
    expect(await project.check()).toEqual([])
  })
})
