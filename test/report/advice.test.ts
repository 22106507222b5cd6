import { describe, expect, it } from 'vitest'
import type { Diagnosis, Finding } from '../../src/diagnosis/diagnosis.ts'
import type { Gap } from '../../src/diagnosis/gap.ts'
import { renderReport } from '../../src/report/report.ts'
import { inputOf } from './support/analysis.ts'
import { dockerAnalysis, dockerExperiment } from './support/docker-example.ts'

const subject = 'docker-optimized'

const slots: Finding = {
  outcome: 'found',
  cause: 'slots',
  configs: [subject],
  certainty: 'proven',
  evidence: [],
  against: [],
  reservations: [],
  share: 'measured',
  claims: { wait: 80 },
  fixes: [
    {
      code: 'more-slots',
      config: subject,
      settings: [{ kind: 'variable', name: 'OLLAMA_NUM_PARALLEL', value: 3 }],
    },
  ],
  rank: 'critical',
  ms: { wait: 80 },
  totalMs: 80,
  within: [],
}

function advice(finding: Finding, isShown: boolean): string {
  const parts = { wait: 80, load: 0, prefill: 0, moreTokens: 0, slowerTokens: -78, outside: 0 }
  const gap: Gap = {
    totalMs: 2,
    parts,
    shown: new Set(['wait']),
    proven: new Set(['wait']),
    isShown,
    tested: true,
  }
  const diagnosis: Diagnosis = {
    explanations: [
      {
        subject,
        reference: 'native-optimized',
        gap,
        findings: [finding],
        ruledOut: [],
        unchecked: [],
      },
    ],
    settings: [],
    settingsRuledOut: [],
    settingsUnchecked: [],
    toRecord: [],
  }
  const report = renderReport(
    inputOf(dockerExperiment, dockerAnalysis, { diagnosis, locale: 'en' }),
  )
  return /^## Recommendations\n([^]*?)\n## /m.exec(report)?.[1] ?? ''
}

describe('the recommendations for now', () => {
  it('contain the fix for a difference beyond noise, in the form of the target', () => {
    expect(advice(slots, true)).toContain('environment:\n  - OLLAMA_NUM_PARALLEL=3')
  })

  it('contain nothing for a difference within noise, where time only moved between parts', () => {
    expect(advice(slots, false)).not.toContain('OLLAMA_NUM_PARALLEL')
  })

  it('contain nothing for a possible cause, or for a fix that an experiment must test first', () => {
    expect(advice({ ...slots, certainty: 'possible' }, true)).not.toContain('OLLAMA_NUM_PARALLEL')
    const tried = slots.fixes.map((fix) => ({ ...fix, needsExperiment: true as const }))
    expect(advice({ ...slots, fixes: tried }, true)).not.toContain('OLLAMA_NUM_PARALLEL')
  })

  it('contain the fix of a setting without effect, even for a difference within noise', () => {
    const setting = { ...slots, cause: 'cannot-act' as const, totalMs: 0, ms: {}, claims: {} }
    expect(advice(setting, false)).toContain('OLLAMA_NUM_PARALLEL')
  })
})
