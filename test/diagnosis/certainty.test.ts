import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import type { TrialEnd } from '../../src/results/record.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { configResultOf, explanationOf, resultOf, trials, type Side } from './support/pairs.ts'

/** More requests than are stored, so that the audit `counts` fails. */
const lostRecords: Partial<TrialEnd> = {
  counts: { sent: 5000, ok: 5000, failed: 0, cancelled: 0 },
}

/** Three users wait for one slot. */
const oneSlot = (end: Partial<TrialEnd> = {}): Side => ({
  facts: { slots: 1 },
  server: { slots: 1, end },
})

describe('a cause whose figures contradict each other', () => {
  it('is at most likely, and gets no part of a difference', () => {
    expect(resultOf('slots', { slow: oneSlot(), fast: {} })).toMatchObject({ certainty: 'proven' })
    const lost = { slow: oneSlot(lostRecords), fast: {} }
    expect(explanationOf(lost)).toMatchObject({ obstacle: { code: 'audit', audit: 'counts' } })
    expect(resultOf('slots', lost)).toMatchObject({ certainty: 'likely', totalMs: 0 })
  })

  it('is at most likely, and gets no part of the latency of a config that is compared with none', () => {
    const alone = (end?: Partial<TrialEnd>) => {
      const experiment = experimentOf([measuredConfig('only')], { rounds: 3 })
      const stored = { only: trials('only', oneSlot(end), 'process', 3) }
      return diagnose(experiment, analysisOf(experiment, stored)).explanations[0]
    }
    const slots = (end?: Partial<TrialEnd>) =>
      alone(end)?.findings.find(({ cause }) => cause === 'slots')
    expect(slots()).toMatchObject({ certainty: 'proven', rank: 'critical' })
    expect(alone(lostRecords)).toMatchObject({ obstacle: { code: 'audit', audit: 'counts' } })
    expect(slots(lostRecords)).toMatchObject({ certainty: 'likely', totalMs: 0 })
    expect(slots(lostRecords)).not.toHaveProperty('rank')
  })

  it('is at most likely for failed requests, with a reservation', () => {
    const refusing = (end: Partial<TrialEnd> = {}): Side => ({
      config: { env: { OLLAMA_MAX_QUEUE: '1' } },
      server: {
        requests: 100,
        end,
        alter: (request) =>
          request.index % 5 === 0
            ? {
                ...request,
                outcome: 'http-error',
                httpStatus: 503,
                error: 'server busy, please try again.  maximum pending requests exceeded',
              }
            : request,
      },
    })
    const result = (end?: Partial<TrialEnd>) =>
      configResultOf('refused', { slow: refusing(end), fast: {} })
    expect(result()).toMatchObject({ certainty: 'proven' })
    expect(result(lostRecords)).toMatchObject({
      certainty: 'likely',
      reservations: [
        {
          code: 'check-failed',
          values: { config: { config: 'slow' }, audit: { literal: 'counts' } },
        },
      ],
    })
  })
})
