import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorOfBody } from '../../../src/ollama/error-text.ts'
import { causeTestOf } from '../../../src/diagnosis/diagnosis.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import {
  configResultOf,
  diagnosePair,
  diagnosisOf,
  evidenceCodes,
  type Side,
} from '../support/pairs.ts'
import type { RequestChange } from '../support/request-changes.ts'

/** The answer of a real server whose queue is full. */
function recordedAnswer(version: string): { readonly error: string; readonly httpStatus: number } {
  const text = readFileSync(`test/fixtures/ollama/${version}/error-queue-overflow.txt`, 'utf8')
  const [body = ''] = text.split('\n')
  return { error: errorOfBody(body) ?? '', httpStatus: Number(/HTTP (\d+)/.exec(text)?.[1]) }
}

/** 63 of 105 requests are refused, as 3 of each 5. */
function refusing(
  answer: object,
  env: Readonly<Record<string, string>> = { OLLAMA_MAX_QUEUE: '1' },
) {
  const alter: RequestChange = (request) =>
    request.index % 5 < 3 ? { ...request, outcome: 'http-error', ...answer } : request
  const facts = { serverConfig: JSON.stringify({ OLLAMA_MAX_QUEUE: '512', ...env }) }
  return { config: { env }, facts, server: { requests: 105, alter } } satisfies Side
}
const busy = recordedAnswer('0.32.15')

describe('rule refused', () => {
  it.each(['0.11.3', '0.20.0', '0.32.15'])(
    'proves the cause in the faster config, from the answers of Ollama %s',
    (version) => {
      const pair = { slow: { server: { decodeMs: 300 } }, fast: refusing(recordedAnswer(version)) }
      const result = configResultOf('refused', pair)
      expect(result).toMatchObject({
        outcome: 'found',
        certainty: 'proven',
        configs: ['fast'],
        rank: 'critical',
        totalMs: 0,
        evidence: [
          {
            code: 'refused.requests',
            values: {
              config: { config: 'fast' },
              refused: { value: 6 * 63 },
              sent: { value: 6 * 105 },
              share: { unit: '%', value: 60 },
            },
          },
          {
            code: 'refused.answer',
            values: {
              status: { literal: '503' },
              text: {
                literal: 'server busy, please try again. maximum pending requests exceeded',
              },
            },
          },
          { code: 'refused.queue', values: { queue: { value: 1 } } },
          { code: 'refused.users', values: { users: { value: 3 } } },
          { code: 'refused.slots', values: { slots: { value: 4 } } },
        ],
        fixes: [{ code: 'larger-queue', settings: [{ name: 'OLLAMA_MAX_QUEUE', value: 3 }] }],
      })
      expect(result).toMatchObject({ failed: { counted: 'requests', share: 0.6 } })
    },
  )

  it('proves the cause if all trials failed because all requests were refused', () => {
    const all: RequestChange = (request) => ({ ...request, outcome: 'http-error', ...busy })
    const slow: Side = { server: { requests: 10, alter: all, end: { outcome: 'failed' } } }
    expect(configResultOf('refused', { slow, fast: {} })).toMatchObject({
      configs: ['slow'],
      failed: { share: 1 },
    })
  })

  it('recommends fewer requests if the queue has a place for each user', () => {
    const slow = refusing(busy, { OLLAMA_MAX_QUEUE: '64' })
    expect(configResultOf('refused', { slow, fast: {} })).toMatchObject({
      fixes: [{ code: 'fewer-requests', settings: [] }],
    })
  })

  it('uses the requested queue length if there is no log, and no length if none was requested', () => {
    const slow = refusing(busy)
    const withoutLog = { ...slow, facts: { serverConfig: undefined } }
    const found = configResultOf('refused', { slow: withoutLog, fast: {} })
    expect(found).toMatchObject({ evidence: { 2: { values: { queue: { value: 1 } } } } })
    const unknown = { server: slow.server, facts: { serverConfig: undefined } }
    expect(evidenceCodes(configResultOf('refused', { slow: unknown, fast: {} }))).not.toContain(
      'refused.queue',
    )
  })

  it('ranks the cause by the share of requests that were refused: 1 of 35 is minor', () => {
    const alter: RequestChange = (request) =>
      request.index % 35 === 3 ? { ...request, outcome: 'http-error', ...busy } : request
    const { failures } = diagnosisOf({ slow: { server: { requests: 105, alter } }, fast: {} })
    expect(failures).toMatchObject([{ cause: 'refused', rank: 'improvable' }])
  })

  it('rules the cause out if requests failed for another reason', () => {
    const alter: RequestChange = (request) =>
      request.index % 5 === 0 ? { ...request, outcome: 'http-error', httpStatus: 503 } : request
    const result = configResultOf('refused', { slow: { server: { alter } }, fast: {} })
    expect(result?.outcome).toBe('ruled-out')
    expect(evidenceCodes(result)).toEqual(['refused.none'])
  })

  it('does not apply if no request failed', () => {
    expect(configResultOf('refused', { slow: {}, fast: {} })).toBeUndefined()
  })
})

describe('the experiment after refused', () => {
  it('claims that more requests are ok, in points', () => {
    const { analysis, diagnosis } = diagnosePair({ slow: {}, fast: refusing(busy) })
    expect(causeTestOf(analysis, diagnosis, 'refused')).toMatchObject({
      subject: 'fast',
      addedConfig: { from: 'subject', change: { env: { OLLAMA_MAX_QUEUE: '3' } } },
      claim: { metric: 'okRate', config: 'added', versus: 'subject', kind: 'change', percent: 30 },
    })
  })
})

describeNextExperiment('refused', { slow: refusing(busy), fast: {} })
