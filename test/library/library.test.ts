import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNotebook, type Trial } from '../../src/library/index.ts'

const golden = path.join(import.meta.dirname, '../golden/rounds')
let root: string

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'exp-library-'))
  cpSync(path.join(golden, 'experiment.yaml'), path.join(root, 'experiments/rounds.yaml'))
  cpSync(path.join(golden, 'results'), path.join(root, 'reports/rounds/results'), {
    recursive: true,
  })
})
afterAll(() => rmSync(root, { recursive: true }))

describe('openNotebook', () => {
  it('finds the project from a folder below it, and its experiments', () => {
    const notebook = openNotebook(path.join(root, 'reports/rounds'))
    expect(notebook.root).toBe(root)
    expect(notebook.ids()).toEqual(['rounds'])
    const { id, file, configs } = notebook.experiment('rounds')
    expect([id, file]).toEqual(['rounds', 'experiments/rounds.yaml'])
    expect(configs.length).toBeGreaterThan(1)
    expect(() => notebook.experiment('round')).toThrow('there is no experiment `round`')
  })

  it('returns figures, changes and verdicts of the stored results as plain data', async () => {
    const results = await openNotebook(root).results('rounds')
    expect(JSON.parse(JSON.stringify(results))).toEqual(results)
    const [first] = results.configs
    expect(first).toMatchObject({ state: 'measured', rounds: 6 })
    expect(first?.figures['latencyMean']).toMatchObject({ unit: 'ms', doubts: [] })
    expect(first?.figures['latencyMean']?.value).toBeGreaterThan(0)
    expect(results.changes.find(({ metric }) => metric === 'latencyMean')).toMatchObject({
      unit: 'percent',
      mark: expect.stringMatching(/^(better|worse|same|unknown)$/) as string,
    })
    expect(results.verdicts.map(({ id }) => id)).toContain('H1')
  })

  it('gives texts in the language that it is opened for', async () => {
    const committed = openNotebook(process.cwd(), { locale: 'en' }).experiment('docker-vs-native')
    expect(committed).toMatchObject({ locales: ['zh-CN', 'en'] })
    expect(committed.configs.map(({ label }) => label)).toContain('Docker (tuned)')
    const { experiment, verdicts } = await openNotebook(process.cwd(), { locale: 'en' }).results(
      'mac-vs-docker',
    )
    expect(experiment.title).toMatch(/native vs Docker/)
    expect(verdicts[0]?.statement).toMatch(/^Docker reaches/)
    expect(() => openNotebook(root, { locale: 'fr' })).toThrow('`fr` is not a language of exp')
  })

  it('reads the stored trials with their requests', async () => {
    const trials: Trial[] = []
    for await (const trial of openNotebook(root).trials('rounds')) trials.push(trial)
    const { configs } = openNotebook(root).experiment('rounds')
    const measured = configs.filter(({ kind }) => kind === 'measured')
    expect(trials).toHaveLength(measured.length * 6)
    const [request] = trials[0]?.requests ?? []
    expect(request).toMatchObject({ outcome: 'ok', sentMs: expect.any(Number) as number })
    expect(request).not.toHaveProperty('type')
  })
})
