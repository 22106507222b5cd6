import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { diagnosePair, trials, type Pair, type Side } from '../diagnosis/support/pairs.ts'
import { experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

const section = (report: string) => /^## Root causes\n([^]*?)\n## /m.exec(report)?.[1] ?? ''

function causesOf(pair: Pair): string {
  const { experiment, analysis, diagnosis } = diagnosePair({ rounds: 4, ...pair })
  return section(renderReport(inputOf(experiment, analysis, { diagnosis, locale: 'en' })))
}

/** Only some layers on the GPU, and more threads than CPUs. */
const partial: Side = {
  facts: { layersOffloaded: 14, vramBytes: 500_000, threads: 9 },
  server: { pace: 2 },
}
const third: Side = {
  ...partial,
  config: { from: 'fast', env: { OLLAMA_NUM_PARALLEL: '4' } },
  server: { pace: 1.7 },
}

describe('the causes that were not found', () => {
  it('belong to the main pair, which is named if there are other differences', () => {
    const causes = causesOf({ slow: partial, fast: {}, others: { third } })
    expect(causes).toMatch(
      /<summary>Ruled out: \d+[^]*Of the difference between slow and fast:\n\n- [^]*In all configs:\n\n- /,
    )
  })

  it('are one list if there is no other difference', () => {
    const causes = causesOf({ slow: partial, fast: {} })
    expect(causes).toMatch(/<summary>Ruled out: \d+ common causes<\/summary>\n\n- /)
    expect(causes).not.toContain('Of the difference between')
    expect(causes).not.toContain('In all configs')
  })
})

describe('a cause of another difference', () => {
  it('refers to causes by their numbers in the list of that difference', () => {
    const causes = causesOf({ slow: partial, fast: {}, others: { third } })
    const ofThird = causes.split('**third is ').at(-1) ?? ''
    expect(ofThird).toMatch(/\(1\) Only some layers[^]*\(2\) .*already counted under cause 1\)/)
  })
})

describe('the causes of the latency of a config that is compared with none', () => {
  it('have a share of the latency, not of a difference', () => {
    const experiment = experimentOf([measuredConfig('only')], { rounds: 3, locales: ['en'] })
    const analysis = analysisOf(experiment, { only: trials('only', partial, 'process', 3) })
    const diagnosis = diagnose(experiment, analysis)
    const causes = section(renderReport(inputOf(experiment, analysis, { diagnosis, locale: 'en' })))
    expect(causes).toMatch(
      /Only some layers are on the GPU\*\* \(proven, at most [\d.]+ ms, [\d.]+% of the latency/,
    )
    expect(causes).not.toContain('of the difference')
  })
})
