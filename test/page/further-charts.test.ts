/** The charts that only pages have, of the figures that the report has. */
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Analysis } from '../../src/analysis/analysis.ts'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { lockedAnalysis } from '../../src/notebook/locked-analysis.ts'
import { Renderer } from '../../src/notebook/renderer.ts'
import { furtherCharts } from '../../src/page/further-charts.ts'
import { Project } from '../notebook/project.ts'
import { memoryIo } from '../support/memory-io.ts'
import { pageWords } from './words.ts'

const golden = 'test/golden/rounds'
let project: Project
let analysis: Analysis

beforeAll(async () => {
  project = new Project(readFileSync(`${golden}/experiment.yaml`, 'utf8'), 'rounds')
  cpSync(`${golden}/results`, join(project.root, 'reports/rounds/results'), { recursive: true })
  await project.publish('rounds')
  const lock = project.notebook.versions('rounds')[0]!
  const analysisIn = await lockedAnalysis(project.root, new Renderer(project.root, undefined), lock)
  if (analysisIn === undefined) throw new Error('no analysis')
  analysis = analysisIn(lock.locale)
})
afterAll(() => project.remove('.'))

const chartOf = (kind: 'distribution' | 'trials', from = analysis) =>
  furtherCharts(from, pageWords()).find((chart) => chart.kind === kind)

describe('the distribution', () => {
  it('has a rising line for each config, which ends at all requests', () => {
    const chart = chartOf('distribution')
    if (chart?.kind !== 'distribution') throw new Error('no chart')
    expect(chart.lines.map(({ config }) => config)).toEqual([0, 1, 2, 3])
    for (const { points } of chart.lines) {
      expect(points.length).toBeGreaterThan(20)
      expect(points.length).toBeLessThanOrEqual(151)
      expect(points.map(({ ms }) => ms)).toEqual(
        points.map(({ ms }) => ms).toSorted((a, b) => a - b),
      )
      expect(points.map(({ share }) => share)).toEqual(
        points.map(({ share }) => share).toSorted((a, b) => a - b),
      )
      expect(points.at(-1)?.share).toBe(1)
    }
  })

  it('marks the figures of the tables, and names them in its text', () => {
    const chart = chartOf('distribution')
    if (chart?.kind !== 'distribution') throw new Error('no chart')
    for (const { config, quantiles } of chart.lines) {
      const p95 = quantiles.find(({ name }) => name === 'P95')
      expect(p95?.ms).toBe(analysis.configs[config]?.figures.get('latencyP95')?.value)
      expect(chart.alt).toContain(p95?.text)
    }
  })
})

describe('the trials', () => {
  it('are in the order measured, each config once a round', () => {
    const chart = chartOf('trials')
    if (chart?.kind !== 'trials') throw new Error('no chart')
    const points = chart.lines.flatMap((line) => line.points)
    expect(points.map(({ order }) => order).toSorted((a, b) => a - b)).toEqual(
      points.map((_, index) => index),
    )
    for (const line of chart.lines) {
      expect(line.points.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6])
      expect(line.points.map(({ order }) => Math.floor(order / chart.lines.length))).toEqual([
        0, 1, 2, 3, 4, 5,
      ])
    }
  })
})

it('says of a demo that its figures are not those of Ollama', () => {
  const charts = furtherCharts({ ...analysis, standIn: true }, pageWords())
  expect(charts).toHaveLength(2)
  for (const { notes } of charts) expect(notes[0]).toContain('not the figures of Ollama')
})

it('draws nothing without trials', () => {
  const configs = analysis.configs.map((config) => ({ ...config, trials: [] }))
  expect(furtherCharts({ ...analysis, configs }, pageWords())).toEqual([])
})

it('shows them and the course of a trial of each config on the page of the newest version, above its footer', async () => {
  const io = memoryIo(project.root)
  const args = ['export', 'rounds', '--format', 'html', '--lang', 'en']
  expect(await runCommandLine(args, io), io.err()).toBe(0)
  const [, section = ''] = /<section><h2 id="exp-pictures">(.*?)<\/section>/s.exec(io.out()) ?? []
  expect(section.match(/<svg [^>]*class="picture exp-chart"/g)).toHaveLength(2 + 4)
  expect(section).toMatch(/<title>[^<]*round 1: [\d,.]+ ms<\/title>/i)
  expect(io.out().indexOf('exp-pictures">Distribution')).toBeLessThan(io.out().indexOf('<hr>'))
})
