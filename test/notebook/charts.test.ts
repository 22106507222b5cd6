import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { digestOf, lockBytes, parseLock, type Lock } from '../../src/notebook/lock.ts'
import { Project, refusalOf, yaml } from './project.ts'
import { removeCharts } from './without-charts.ts'

const folder = 'reports/slots'
const time = `${folder}/charts/v1.0/time.en.svg`
const claims = `${folder}/charts/v1.0/claims.en.svg`

async function reported(text = yaml): Promise<Project> {
  const project = new Project(text)
  await project.measure({ run: 'a', latency: { 'slots-1': 400, 'slots-4': 300 } })
  await project.publish()
  return project
}

function lockOf(project: Project, version = 'v1.0'): Lock {
  const file = `${folder}/${version}.lock.json`
  return parseLock(project.bytes(file), file)
}

/** Replaces the lock, as if an earlier program or another drawing had written it. */
function replaceLock(project: Project, change: (lock: Lock) => Lock): void {
  const lock = change(lockOf(project))
  project.write(`${folder}/${lock.version}.lock.json`, lockBytes(lock))
}

function charts(project: Project, version = 'v1.0'): readonly string[] {
  return readdirSync(path.join(project.root, folder, 'charts', version)).sort()
}

async function fixes(project: Project, redraw = false): Promise<readonly string[]> {
  const { findings } = await project.notebook.check(undefined, redraw)
  return findings.map(({ code, file, fix }) => `${code} ${file}: ${fix}`)
}

const draws = '`exp report slots` draws it'

describe('the charts of a report', () => {
  it('are written beside it, linked from it and described in the lock, one line each', async () => {
    const project = await reported()
    expect(charts(project)).toEqual(['claims.en.svg', 'time.en.svg'])
    const report = project.text(`${folder}/README.md`)
    expect(report).toMatch(/^!\[.*One slot 400\.0 ms.*\]\(charts\/v1\.0\/time\.en\.svg\)$/m)
    expect(report).toMatch(/^!\[.*H1 .*\]\(charts\/v1\.0\/claims\.en\.svg\)$/m)
    const line = /^ {4}"(?:time|claims)\.en\.svg": \{.*\}/gm
    expect(project.text(`${folder}/v1.0.lock.json`).match(line)).toHaveLength(2)
    expect(Object.keys(lockOf(project).charts ?? {})).toEqual(['claims.en.svg', 'time.en.svg'])
    expect(await project.check()).toEqual([])
    expect(await fixes(project, true)).toEqual([])
  })

  it('are written in each language', async () => {
    const project = await reported(yaml.replace('locale: en', 'locale: [en, zh-CN]'))
    expect(charts(project)).toEqual([
      'claims.en.svg',
      'claims.zh-CN.svg',
      'time.en.svg',
      'time.zh-CN.svg',
    ])
    expect(project.text(`${folder}/README.zh-CN.md`)).toContain('(charts/v1.0/time.zh-CN.svg)')
    expect(await project.check()).toEqual([])
  })

  it('are reported with the way out if they are missing or edited', async () => {
    const project = await reported()
    project.edit(time, 'Mean latency', 'Mean Latency')
    project.remove(claims)
    expect(await fixes(project)).toEqual([`stale ${time}: ${draws}`, `missing ${claims}: ${draws}`])
    await project.publish()
    expect(await project.check()).toEqual([])
  })

  it('are drawn again only if data or drawing changed, or on demand', async () => {
    const project = await reported()
    // A file that says something else, with a lock that describes it: only drawing it again shows that.
    project.edit(time, 'Mean latency', 'Mean Latency')
    const bytes = digestOf(project.bytes(time))
    const withChart = (change: object) => (lock: Lock) => {
      const chart = lock.charts?.['time.en.svg']
      if (chart === undefined) throw new Error('no chart')
      return { ...lock, charts: { ...lock.charts, 'time.en.svg': { ...chart, ...change } } }
    }
    replaceLock(project, withChart({ bytes }))
    expect(await fixes(project)).toEqual([])
    expect(await fixes(project, true)).toEqual([`stale ${time}: ${draws}`])
    replaceLock(project, withChart({ bytes, drawing: 'plot 0.0.1, drawing 0' }))
    expect(await fixes(project)).toEqual([`stale ${time}: ${draws}`])
  })

  it('stay with a frozen version, byte for byte', async () => {
    const project = await reported()
    const before = project.bytes(time)
    await project.measure({
      run: 'b',
      latency: { 'slots-1': 410, 'slots-4': 305 },
      day: '2025-08-07',
    })
    await project.publish()
    expect(charts(project, 'v1.1')).toEqual(['claims.en.svg', 'time.en.svg'])
    expect(project.bytes(time)).toEqual(before)
    expect(project.text(`${folder}/v1.0.md`)).toContain('(charts/v1.0/time.en.svg)')
    expect(await project.check()).toEqual([])
    project.edit(time, 'Mean latency', 'Mean Latency')
    expect(await fixes(project)).toEqual([
      `frozen-changed ${time}: \`git checkout -- ${time}\` restores it`,
    ])
    project.remove(time)
    expect(await fixes(project)).toEqual([
      `frozen-missing ${time}: \`git checkout -- ${time}\` restores it`,
    ])
  })

  it('are drawn as they were if they are damaged when their version is frozen', async () => {
    const project = await reported()
    const before = project.bytes(time)
    project.edit(time, '<svg', '<<<<<<< ours\n<svg')
    await project.measure({
      run: 'b',
      latency: { 'slots-1': 410, 'slots-4': 305 },
      day: '2025-08-07',
    })
    await project.publish()
    expect(project.bytes(time)).toEqual(before)
    expect(await project.check()).toEqual([])
  })

  it('are removed if the report no longer shows them; other files are strays', async () => {
    const project = new Project()
    await project.measure({ run: 'a', latency: { 'slots-1': 400, 'slots-4': 300 }, rounds: 1 })
    await project.publish()
    expect(charts(project)).toEqual(['claims.en.svg', 'time.en.svg'])
    const text = project.text('experiments/slots.yaml')
    project.write('experiments/slots.yaml', text.slice(0, text.indexOf('hypotheses:')))
    await project.publish()
    expect(charts(project)).toEqual(['time.en.svg'])
    project.write(`${folder}/charts/v1.0/mine.svg`, '<svg/>')
    expect(await fixes(project)).toEqual([
      `stray ${folder}/charts/v1.0/mine.svg: \`git rm ${folder}/charts/v1.0/mine.svg\``,
    ])
  })

  it('show a history from the third version on', async () => {
    const project = await reported()
    for (const [run, day] of [
      ['b', '2025-08-07'],
      ['c', '2025-08-08'],
    ] as const) {
      await project.measure({ run, latency: { 'slots-1': 410, 'slots-4': 305 }, day })
      await project.publish()
    }
    expect(charts(project, 'v1.1')).not.toContain('history.en.svg')
    expect(charts(project, 'v1.2')).toContain('history.en.svg')
    expect(await project.check()).toEqual([])
  })

  it('are not written through links', async () => {
    const project = await reported()
    project.remove(`${folder}/charts`)
    mkdirSync(path.join(project.root, 'elsewhere'))
    symlinkSync(path.join(project.root, 'elsewhere'), path.join(project.root, folder, 'charts'))
    expect((await refusalOf(project.publish())).message).toContain('is a link')
    expect(readdirSync(path.join(project.root, 'elsewhere'))).toEqual([])
  })
})

describe('a version whose lock has an earlier format', () => {
  /** The project as a program without charts left it. */
  async function older(): Promise<Project> {
    const project = await reported()
    removeCharts(project.root, 'slots')
    return project
  }

  it('passes the check without charts', async () => {
    const project = await older()
    expect(await project.check()).toEqual([])
    await project.notebook.assertUnedited(project.experiment())
  })

  it('gets charts when it is written again', async () => {
    const project = await older()
    await project.publish()
    expect(lockOf(project).lockFormat).toBe(4)
    expect(charts(project)).toEqual(['claims.en.svg', 'time.en.svg'])
    expect(await project.check()).toEqual([])
  })
})
