import { describe, expect, it } from 'vitest'
import { comparisonLines } from '../../src/cli/compare/comparison-text.ts'
import { readTerminalWords } from '../../src/cli/terminal-words.ts'
import { readResults } from '../../src/notebook/stored-results.ts'
import { prepareTemplates } from '../../src/report/report.ts'
import { ResultStore } from '../../src/results/store.ts'
import { readExperiment } from '../report/support/golden.ts'
import { shippedTemplates } from '../support/templates.ts'

const lines = async (name: string, width = 120) => {
  const folder = `test/golden/${name}`
  const experiment = readExperiment(`${folder}/experiment.yaml`)
  const { analysis } = await readResults(experiment, new ResultStore(folder))
  return comparisonLines(
    analysis,
    prepareTemplates(shippedTemplates('en')),
    readTerminalWords({ env: {} }),
    { isTerminal: true, columns: width },
  )
}

describe('comparisonLines', () => {
  it('shows for each pair the figures of both sides, the change with its interval, and what it means', async () => {
    expect(await lines('rounds')).toMatchInlineSnapshot(`
      [
        "                                   本机本地 (默认)  本机本地 (优化后)  change",
        "✅  QPS (1/s)                      6.26             12.20              +95.0%      (+93.4%, +96.5%)",
        "✅  Throughput (tokens/s)          87.0             169.4              +94.7%      (+89.6%, +99.9%)",
        "✅  Mean latency (ms)              460.2            245.9              -46.6%      (-46.9%, -46.2%)",
        "✅  P95 latency (ms)               499.2            264.3              -47.1%      (-48.1%, -46.0%)",
        "✅  Mean time to first token (ms)  367.8            103.2              -71.9%      (-72.3%, -71.6%)",
        "❌  Decode speed (tokens/s)        142.1            91.1               -35.9%      (-37.4%, -34.3%)",
        "≈   Success rate                   100% (144/144)   100% (144/144)     0.0 points  (-2.6, +2.6)",
        "",
        "                                   Docker容器 (初始)  Docker容器 (优化后)  change",
        "✅  QPS (1/s)                      1.46               1.75                 +20.2%      (+18.5%, +22.0%)",
        "✅  Throughput (tokens/s)          20.2               24.5                 +21.2%      (+18.7%, +23.8%)",
        "✅  Mean latency (ms)              1,980              1,676                -15.3%      (-16.3%, -14.4%)",
        "❌  P95 latency (ms)               2,134              2,239                +4.9%       (+2.3%, +7.5%)",
        "✅  Mean time to first token (ms)  1,733              1,257                -27.5%      (-28.3%, -26.6%)",
        "❌  Decode speed (tokens/s)        52.7               31.2                 -40.8%      (-41.8%, -39.8%)",
        "≈   Success rate                   100% (144/144)     100% (144/144)       0.0 points  (-2.6, +2.6)",
        "",
        "✅ better  ❌ worse  ≈ same",
        "",
      ]
    `)
  })

  it('shows changes without an interval after one round, and calls none of them a difference', async () => {
    expect(await lines('one-round')).toMatchInlineSnapshot(`
      [
        "                                  本机本地 (默认)  本机本地 (优化后)  change",
        "·  QPS (1/s)                      6.32             11.73              +85.6%",
        "·  Throughput (tokens/s)          89.2             167.6              +88.0%",
        "·  Mean latency (ms)              455.2            255.1              -44.0%",
        "·  P95 latency (ms)               491.1            279.7              -43.0%",
        "·  Mean time to first token (ms)  364.2            104.7              -71.3%",
        "·  Decode speed (tokens/s)        145.6            89.2               -38.7%",
        "·  Success rate                   100% (24/24)     100% (24/24)       0.0 points",
        "",
        "· not tested (fewer than 3 rounds)",
        "",
      ]
    `)
  })

  it('says why figures are not compared, each reason once', async () => {
    expect((await lines('failures', 200)).slice(-3)).toEqual([
      '❌ worse  ⛔ not comparable',
      '⛔ success rates differ by more than 1 point and beyond chance (100%, 91.7%), and a comparison would cover only the successful requests',
      '',
    ])
  })

  it('takes two lines for each metric on a terminal that is too narrow for a table', async () => {
    expect(await lines('rounds', 60)).toMatchInlineSnapshot(`
      [
        "本机本地 (默认) → 本机本地 (优化后)",
        "✅ QPS (1/s)",
        "   6.26 → 12.20                     +95.0% (+93.4%, +96.5%)",
        "✅ Throughput (tokens/s)",
        "   87.0 → 169.4                     +94.7% (+89.6%, +99.9%)",
        "✅ Mean latency (ms)",
        "   460.2 → 245.9                    -46.6% (-46.9%, -46.2%)",
        "✅ P95 latency (ms)",
        "   499.2 → 264.3                    -47.1% (-48.1%, -46.0%)",
        "✅ Mean time to first token (ms)",
        "   367.8 → 103.2                    -71.9% (-72.3%, -71.6%)",
        "❌ Decode speed (tokens/s)",
        "   142.1 → 91.1                     -35.9% (-37.4%, -34.3%)",
        "≈  Success rate",
        "   100% (144/144) → 100% (144/144)  0.0 points (-2.6, +2.6)",
        "",
        "Docker容器 (初始) → Docker容器 (优化后)",
        "✅ QPS (1/s)",
        "   1.46 → 1.75                      +20.2% (+18.5%, +22.0%)",
        "✅ Throughput (tokens/s)",
        "   20.2 → 24.5                      +21.2% (+18.7%, +23.8%)",
        "✅ Mean latency (ms)",
        "   1,980 → 1,676                    -15.3% (-16.3%, -14.4%)",
        "❌ P95 latency (ms)",
        "   2,134 → 2,239                    +4.9% (+2.3%, +7.5%)",
        "✅ Mean time to first token (ms)",
        "   1,733 → 1,257                    -27.5% (-28.3%, -26.6%)",
        "❌ Decode speed (tokens/s)",
        "   52.7 → 31.2                      -40.8% (-41.8%, -39.8%)",
        "≈  Success rate",
        "   100% (144/144) → 100% (144/144)  0.0 points (-2.6, +2.6)",
        "",
        "✅ better  ❌ worse  ≈ same",
        "",
      ]
    `)
  })
})
