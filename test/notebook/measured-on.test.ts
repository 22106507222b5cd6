import { describe, expect, it } from 'vitest'
import { conditionChanges, measuredOn } from '../../src/notebook/measured-on.ts'
import { lockBytes, parseLock, type LockedConfig } from '../../src/notebook/lock.ts'
import type { Evidence } from '../../src/results/record.ts'
import { Project, yaml } from './project.ts'

const before = {
  serverVersion: '0.11.3',
  modelDigest: `sha256:${'a1b2c3d4e5f6'.padEnd(64, '0')}`,
  quantization: 'Q4_K_M',
  hostOs: 'Debian GNU/Linux 12',
  engineVersion: '27.1.1',
  cpuModel: 'AMD EPYC 7R13',
  memoryBytes: 25_262_837_760,
}
const upgraded = {
  ...before,
  serverVersion: '0.20.0',
  modelDigest: `sha256:${'0f1e2d3c4b5a'.padEnd(64, '0')}`,
  quantization: 'Q8_0',
  hostOs: 'Debian GNU/Linux 13',
  engineVersion: '28.0.4',
  cpuModel: 'AMD EPYC 9R14',
  // as after a new start of the same machine
  memoryBytes: before.memoryBytes - 8192,
}
const changes =
  'Server version 0.11.3 → 0.20.0; Model digest a1b2c3d4e5f6 → 0f1e2d3c4b5a; ' +
  'Quantisation Q4_K_M → Q8_0; Container engine version 27.1.1 → 28.0.4; ' +
  'Operating system Debian GNU/Linux 12 → Debian GNU/Linux 13; CPU AMD EPYC 7R13 → AMD EPYC 9R14'

/** The same in a report, where digests are code. */
const changesInReport = changes.replace(/[\da-f]{12}/g, '`$&`')

const first = { run: '20250806T070000Z-aaaa', latency: { 'slots-1': 400, 'slots-4': 300 } }
const second = {
  run: '20250807T070000Z-bbbb',
  latency: { 'slots-1': 410, 'slots-4': 305 },
  day: '2025-08-07',
}
const readme = 'reports/slots/README.md'
const firstLock = 'reports/slots/v1.0.lock.json'

/** A project with two versions, measured before and after the facts changed. */
async function twoVersions(after: Evidence['facts'], text = yaml): Promise<Project> {
  const project = new Project(text)
  await project.measure({ ...first, facts: before })
  await project.publish()
  await project.measure({ ...second, facts: after })
  await project.publish()
  return project
}

/** Takes from the lock of v1.0 what older programs did not write. */
function makeOld(project: Project): void {
  const { configs, ...lock } = parseLock(project.bytes(firstLock), firstLock)
  const old = Object.entries(configs).map(([key, { measuredOn, ...config }]) => {
    expect(measuredOn).toBeDefined()
    return [key, config satisfies LockedConfig] as const
  })
  project.write(firstLock, lockBytes({ ...lock, configs: Object.fromEntries(old) }))
}

function historyRow(project: Project): string | undefined {
  return project
    .text(readme)
    .split('\n')
    .find((line) => line.startsWith('| v1.1 |'))
}

async function diffOf(project: Project): Promise<string> {
  return project.notebook.describe(await project.notebook.difference('slots'), 'text')
}

describe('what results were measured on', () => {
  it('is in the lock, as text, with memory as the report shows it', async () => {
    const project = await twoVersions(upgraded)
    const { configs } = parseLock(project.bytes(firstLock), firstLock)
    expect(configs['slots-1']?.measuredOn).toEqual({
      serverVersion: ['0.11.3'],
      modelDigest: [before.modelDigest],
      quantization: ['Q4_K_M'],
      engineVersion: ['27.1.1'],
      hostOs: ['Debian GNU/Linux 12'],
      cpuModel: ['AMD EPYC 7R13'],
      memoryBytes: ['23.5 GiB'],
    })
  })

  it('comes first in the history and in the difference if it changed', async () => {
    const project = await twoVersions(upgraded)
    expect(historyRow(project)).toContain(
      `| ${changesInReport}; new results: One slot, Four slots |`,
    )
    expect((await diffOf(project)).split('\n')[2]).toBe(
      `${changes}; new results: One slot, Four slots`,
    )
    expect(await project.notebook.difference('slots')).toMatchObject({
      changes: expect.arrayContaining([
        { code: 'condition', fact: 'serverVersion', from: ['0.11.3'], to: ['0.20.0'], configs: [] },
      ]) as unknown,
    })
  })

  it('is named in the language of the report', async () => {
    const project = await twoVersions(
      { ...before, serverVersion: '0.20.0', engineVersion: '28.0.4' },
      yaml.replace('locale: en', 'locale: zh-CN'),
    )
    const expected =
      '服务器版本 0.11.3 → 0.20.0；容器引擎版本 27.1.1 → 28.0.4；新结果：One slot、Four slots'
    expect(historyRow(project)).toContain(`| ${expected} |`)
    expect(await diffOf(project)).toContain(expected)
  })

  it('is not mentioned if it is the same', async () => {
    const project = await twoVersions({ ...before, memoryBytes: before.memoryBytes + 4096 })
    expect(historyRow(project)).toContain('| new results: One slot, Four slots |')
  })

  it('names the configs if only some of them have the change', async () => {
    const project = new Project()
    await project.measure({ ...first, facts: before })
    await project.publish()
    const { latency } = second
    await project.measure({ ...second, latency: { 'slots-1': 410 }, facts: before })
    await project.measure({
      ...second,
      latency: { 'slots-4': latency['slots-4'] },
      facts: { ...before, serverVersion: '0.20.0' },
    })
    await project.publish()
    expect(historyRow(project)).toContain(
      'Server version 0.11.3 → 0.20.0 (Four slots); new results',
    )
  })

  it('is read from the stored results for a version whose lock does not hold it', async () => {
    const project = await twoVersions(upgraded)
    makeOld(project)
    expect(await project.check()).toEqual([])
    expect(await diffOf(project)).toContain(changes)
  })

  it('is called not recorded if neither the lock nor the results have it', async () => {
    const project = await twoVersions(upgraded)
    makeOld(project)
    for (const config of ['slots-1', 'slots-4'])
      for (const round of [1, 2])
        project.remove(`reports/slots/results/${first.run}-${config}-r${round}.jsonl`)
    const text = await diffOf(project)
    expect(text).toContain('server, model and machine not recorded in both versions: One slot')
    expect(text).not.toContain('0.11.3')
  })

  it('is kept in the lock of an older version when that version is frozen', async () => {
    const project = new Project()
    await project.measure({ ...first, facts: before })
    await project.publish()
    makeOld(project)
    await project.measure({ ...second, facts: upgraded })
    await project.publish()
    expect(historyRow(project)).toContain(changesInReport)
    const { configs } = parseLock(project.bytes(firstLock), firstLock)
    expect(configs['slots-4']?.measuredOn?.['serverVersion']).toEqual(['0.11.3'])
  })
})

describe('the models of a mix', () => {
  const fact = (value: string) => ({ values: [value], source: '/api/show' })
  const known = (quantization: string) =>
    measuredOn({
      facts: new Map([['quantization', fact('Q4_1')]]),
      otherModels: new Map([['large', new Map([['quantization', fact(quantization)]])]]),
    })
  const locked = (quantization: string, result: string) => ({
    standIn: false,
    configs: {
      both: {
        label: 'both',
        measurementDigest: 'sha256:0',
        state: 'measured' as const,
        settings: {},
        results: { [result]: `sha256:${result}` },
        figures: {},
        ...(known(quantization) && { measuredOn: known(quantization) ?? {} }),
      },
    },
  })

  it('are compared each with itself', () => {
    expect(known('Q8_0')).toEqual({ quantization: ['Q4_1'], 'quantization/large': ['Q8_0'] })
    expect(conditionChanges(locked('F16', 'b'), locked('Q8_0', 'a'))).toEqual([
      {
        code: 'condition',
        fact: 'quantization',
        model: 'large',
        from: ['Q8_0'],
        to: ['F16'],
        configs: [],
      },
    ])
  })
})
