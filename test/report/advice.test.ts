import { describe, expect, it } from 'vitest'
import type { Diagnosis, Finding } from '../../src/diagnosis/diagnosis.ts'
import type { Gap } from '../../src/diagnosis/gap.ts'
import { independent } from '../../src/diagnosis/saving.ts'
import { renderReport } from '../../src/report/report.ts'
import { unfolded } from '../support/report-parts.ts'
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
  cost: 'measured',
  maxMs: { wait: 80 },
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
  savedMs: 80,
  sharedWith: [],
}

function reportOf(
  finding: Finding,
  isBeyondNoise: boolean,
  locale: 'en' | 'zh-CN',
  failures: readonly Finding[] = [],
): string {
  const parts = { wait: 80, load: 0, prefill: 0, moreTokens: 0, slowerTokens: -78, outside: 0 }
  const gap: Gap = {
    totalMs: 2,
    parts,
    partsBeyondNoise: new Set(['wait']),
    proven: new Set(['wait']),
    isBeyondNoise,
    tested: true,
    dependence: independent,
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
    failures,
    settings: [],
    delivery: [],
    configsRuledOut: [],
    configsUnchecked: [],
    factsToRecord: [],
  }
  return renderReport(inputOf(dockerExperiment, dockerAnalysis, { diagnosis, locale }))
}

function advice(finding: Finding, isBeyondNoise: boolean): string {
  const report = reportOf(finding, isBeyondNoise, 'en')
  return /^## Recommendations\n([^]*?)\n## /m.exec(report)?.[1] ?? ''
}

describe('the recommendations for now', () => {
  it('contain the fix for a difference beyond noise, in the form of the target', () => {
    const report = advice(slots, true)
    expect(report).toContain('-  - OLLAMA_NUM_PARALLEL=2\n+  - OLLAMA_NUM_PARALLEL=3\n')
    const whole = /<summary>All settings[^]*?<\/details>/.exec(report)?.[0] ?? ''
    expect(whole).toContain(
      'environment:\n  - OLLAMA_NUM_THREADS=8\n  - OLLAMA_NUM_PARALLEL=3\n  - OLLAMA_MAX_QUEUE=8\n',
    )
  })

  it('do not contain the fix if the difference is within noise', () => {
    expect(advice(slots, false)).not.toContain('OLLAMA_NUM_PARALLEL=3')
  })

  it('do not contain fixes of possible causes, or fixes that an experiment must test first', () => {
    expect(advice({ ...slots, certainty: 'possible' }, true)).not.toContain('OLLAMA_NUM_PARALLEL=3')
    const tried = slots.fixes.map((fix) => ({ ...fix, needsExperiment: true as const }))
    expect(advice({ ...slots, fixes: tried }, true)).not.toContain('OLLAMA_NUM_PARALLEL=3')
  })
})

describe('recommendations that change no figure', () => {
  const takeOut: Finding = {
    ...slots,
    cause: 'cannot-act',
    cost: 'unknown',
    rank: 'improvable',
    totalMs: 0,
    savedMs: 0,
    ms: {},
    maxMs: {},
    fixes: [
      {
        code: 'take-out',
        config: subject,
        settings: [{ kind: 'variable', name: 'OLLAMA_MAX_QUEUE' }],
      },
    ],
  }

  it('are housekeeping, even if the difference is beyond noise', () => {
    expect(advice(takeOut, true)).toMatch(/^<summary>Housekeeping[^]*^-  - OLLAMA_MAX_QUEUE=8/m)
    expect(advice(takeOut, true)).not.toContain('### Now')
  })

  it('are the only ones, and have no priority, if the difference is within noise', () => {
    const [takeAway] = takeOut.fixes
    const asked = { ...takeAway!, code: 'set-where-started' as const }
    const notApplied = { ...takeOut, cause: 'not-applied' as const, fixes: [asked] }
    expect(advice(notApplied, true)).toContain('### Now (high priority)')
    expect(advice(notApplied, false)).toContain('<summary>Housekeeping')
    expect(advice(notApplied, false)).not.toContain('priority')
  })
})

describe('the causes of a difference within noise', () => {
  it.each([
    ['en', 'facts within noise', ['Most critical', 'Minor']],
    ['zh-CN', '噪声之内的现象', ['最关键', '次要']],
  ] as const)('are folded into one line and have no ranks: %s', (locale, summary, ranks) => {
    const report = reportOf({ ...withoutRank(slots), totalMs: 0 }, false, locale)
    const open = report.replace(/<details>[^]*?<\/details>/g, '')
    expect(report).toMatch(new RegExp(`<summary>[^<]*${summary}`))
    expect(open).not.toMatch(/users than slots|多于并行槽/)
    for (const rank of ranks) expect(report).not.toContain(rank)
  })
})

function withoutRank(finding: Finding): Finding {
  const unranked = { ...finding }
  Reflect.deleteProperty(unranked, 'rank')
  return unranked
}

describe('a cause of failed requests', () => {
  const refused: Finding = {
    ...withoutRank(slots),
    cause: 'refused',
    rank: 'critical',
    cost: 'unknown',
    maxMs: {},
    ms: {},
    totalMs: 0,
    savedMs: 0,
    failed: { counted: 'requests', share: 0.6 },
    fixes: [
      {
        code: 'larger-queue',
        config: subject,
        settings: [{ kind: 'variable', name: 'OLLAMA_MAX_QUEUE', value: 6 }],
      },
    ],
  }

  it.each([
    ['en', '1. **🚨 Most critical: The server', '(proven, 60.0% of the requests)'],
    ['zh-CN', '1. **🚨 最关键：服务器的队列已满', '(已证实，占请求的 60.0%)'],
  ] as const)(
    'comes first and is not folded, even if the difference is within noise: %s',
    (locale, head, share) => {
      for (const isBeyondNoise of [true, false]) {
        const open = unfolded(reportOf(slots, isBeyondNoise, locale, [refused]))
        expect(open).toContain(head)
        expect(open.split(share).length).toBe(3)
        expect(open).toContain('OLLAMA_MAX_QUEUE=6')
      }
      const report = reportOf(slots, false, locale, [refused])
      expect(report).toMatch(/<details>[^]*?<\/summary>[^]*?- \(2\) /)
    },
  )

  it('is named in the conclusion, and its fix is no housekeeping', () => {
    const report = reportOf(slots, false, 'en', [refused])
    expect(report).toContain("Cause of failed requests: The server's queue was full")
    expect(report).not.toContain('Housekeeping')
  })
})
