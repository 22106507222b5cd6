import { describe, expect, it } from 'vitest'
import { configResultOf, type Side } from '../support/pairs.ts'
import type { RequestChange } from '../support/request-changes.ts'

const error = 'model runner has unexpectedly stopped, this may be due to resource limitations'

/** 2 of 40 requests of each trial fail; the log shows this number of crashes. */
function failing(crashes: number, text = error): Side {
  const alter: RequestChange = (request) =>
    request.index < 2
      ? { ...request, outcome: 'http-error', httpStatus: 500, error: text }
      : request
  return { after: { crashes }, server: { requests: 40, alter } }
}

describe('rule crashed', () => {
  it('proves the cause by the crashes in the log, and counts the requests that failed', () => {
    expect(configResultOf('crashed', { slow: failing(1), fast: {} })).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      configs: ['slow'],
      failed: { counted: 'requests', share: 0.05 },
      evidence: [
        { code: 'crashed.times', values: { crashes: { value: 6 }, trials: { value: 6 } } },
        { code: 'crashed.requests', values: { failed: { value: 12 }, sent: { value: 240 } } },
        { code: 'crashed.answer', values: { text: { literal: error } } },
      ],
    })
  })

  it('proves the cause by the answer of a server without a log', () => {
    expect(configResultOf('crashed', { slow: failing(0), fast: {} })).toMatchObject({
      outcome: 'found',
      evidence: [{ code: 'crashed.requests' }, { code: 'crashed.answer' }],
    })
  })

  it('finds nothing if requests failed without a crash, or none failed', () => {
    const refused = failing(0, 'server busy')
    expect(configResultOf('crashed', { slow: refused, fast: {} })).toBeUndefined()
    expect(configResultOf('crashed', { slow: { after: { crashes: 1 } }, fast: {} })).toBeUndefined()
  })
})
