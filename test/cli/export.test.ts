/** `exp export`: the figures, trials and requests of a report for other programs. */
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { csvText } from '../../src/cli/export-command.ts'
import { Project, yaml } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'

async function exported(project: Project, ...args: readonly string[]): Promise<string> {
  const io = memoryIo(project.root)
  expect(await runCommandLine(['export', 'slots', ...args], io), io.err()).toBe(0)
  return io.out()
}

const rowsOf = (csv: string): Record<string, string>[] => parse(csv, { columns: true })

async function measured(text = yaml): Promise<Project> {
  const project = new Project(text)
  await project.measure({ run: 'b', latency: { 'slots-1': 400, 'slots-4': 300 } })
  await project.measure({
    run: 'a',
    latency: { 'slots-1': 900, 'slots-4': 900 },
    day: '2025-08-05',
  })
  return project
}

describe('exp export', () => {
  it('does not print a page on a terminal', async () => {
    const { root } = await measured()
    const io = memoryIo(root, { terminal: true })
    expect(await runCommandLine(['export', 'slots', '--format', 'html'], io)).toBe(2)
    expect(io.out()).toBe('')
    expect(io.err()).toContain('`--out slots.html` writes it to a file.')
  })

  it('gives every figure with its unit and interval, and says why one is absent', async () => {
    const rows = rowsOf(await exported(await measured(), '--format', 'csv'))
    const latency = rows.find(
      ({ config, metric }) => config === 'slots-4' && metric === 'latencyMean',
    )
    expect(latency).toMatchObject({ label: 'Four slots', run: 'b', unit: 'ms', absence: '' })
    expect(Number(latency?.['value'])).toBeGreaterThan(200)
    const absent = rows.filter(({ value }) => value === '')
    expect(absent.length).toBeGreaterThan(0)
    expect(absent.every(({ absence }) => absence !== '')).toBe(true)
  })

  it('gives the trials and requests that the report uses, and no others', async () => {
    const project = await measured()
    const trials = rowsOf(await exported(project, '--table', 'trials'))
    expect(
      trials.map(({ run, config, round, outcome, ok }) => [run, config, round, outcome, ok]),
    ).toEqual([
      ['b', 'slots-1', '1', 'ended', '24'],
      ['b', 'slots-1', '2', 'ended', '24'],
      ['b', 'slots-4', '1', 'ended', '24'],
      ['b', 'slots-4', '2', 'ended', '24'],
    ])
    const requests = rowsOf(await exported(project, '--table', 'requests'))
    expect(requests).toHaveLength(4 * 24)
    expect(requests[0]).toMatchObject({
      run: 'b',
      sample: 'c01',
      outcome: 'ok',
      outputTokens: '14',
    })
  })

  it('gives all three tables as one JSON document', async () => {
    const document: unknown = JSON.parse(await exported(await measured(), '--format', 'json'))
    expect(document).toMatchObject({ experiment: 'slots', trials: { length: 4 } })
    expect(document).toHaveProperty('requests.95.endMs')
    const table: unknown = JSON.parse(
      await exported(await measured(), '--format', 'json', '--table', 'requests'),
    )
    expect(table).toHaveLength(96)
  })

  it.each(['=1+1', '+1', '-1', '@sum', '\tx'])(
    'does not let a spreadsheet run the label %j as a formula',
    async (label) => {
      const text = yaml.replace('label: Four slots', `label: ${JSON.stringify(label)}`)
      const csv = await exported(await measured(text))
      const row = rowsOf(csv).find(({ config }) => config === 'slots-4')
      expect(row?.['label']).toMatch(/^'/)
    },
  )

  it('leaves negative numbers as they are', () => {
    expect(csvText([{ value: -1.5, text: '-1.5' }], ['value', 'text', 'none'])).toBe(
      "-1.5,'-1.5,\n",
    )
  })

  it('has no rows of requests before anything is measured', async () => {
    expect(rowsOf(await exported(new Project(), '--table', 'requests'))).toEqual([])
  })
})
