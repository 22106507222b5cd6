import { describe, expect, it } from 'vitest'
import { figureLines } from '../../src/cli/run/figures-text.ts'
import { readResults } from '../../src/notebook/stored-results.ts'
import { prepareTemplates } from '../../src/report/report.ts'
import { ResultStore } from '../../src/results/store.ts'
import { readExperiment } from '../report/support/golden.ts'
import { shippedTemplates } from '../support/templates.ts'

const lines = async (columns: number) => {
  const folder = 'test/golden/one-round'
  const experiment = readExperiment(`${folder}/experiment.yaml`)
  const { analysis } = await readResults(experiment, new ResultStore(folder))
  const output = { write: () => undefined, isTerminal: true, columns }
  return figureLines(analysis.configs.slice(0, 2), prepareTemplates(shippedTemplates('en')), output)
}

describe('figureLines', () => {
  it('shows a row for each config', async () => {
    expect(await lines(160)).toMatchInlineSnapshot(`
      [
        "                   QPS (1/s)  Throughput (tokens/s)  Requests  Mean latency (ms)  P95 latency (ms)  Mean time to first token (ms)",
        "本机本地 (默认)    6.32       89.2                   24        455                491               364",
        "本机本地 (优化后)  11.7       168                    24        255                280               105",
      ]
    `)
  })

  it('gives each figure a line of its own on a terminal that is too narrow for a table', async () => {
    expect(await lines(60)).toMatchInlineSnapshot(`
      [
        "本机本地 (默认)",
        "  QPS (1/s)                      6.32",
        "  Throughput (tokens/s)          89.2",
        "  Requests                       24",
        "  Mean latency (ms)              455",
        "  P95 latency (ms)               491",
        "  Mean time to first token (ms)  364",
        "本机本地 (优化后)",
        "  QPS (1/s)                      11.7",
        "  Throughput (tokens/s)          168",
        "  Requests                       24",
        "  Mean latency (ms)              255",
        "  P95 latency (ms)               280",
        "  Mean time to first token (ms)  105",
      ]
    `)
  })
})
