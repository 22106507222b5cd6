import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRecord } from '../../src/results/codec.ts'
import { outcomes, recordSchemas, type RequestRecord } from '../../src/results/record.ts'
import { passesFastRequestCheck } from '../../src/results/clear-request.ts'
import { logHistogram } from '../../src/stats/log-histogram.ts'
import { digestOf, requestOf } from './sample-trial.ts'

const ms = fc.double({ min: 0, max: 1e12, noNaN: true })
const count = fc.maxSafeNat()
const text = fc.string({ unit: 'binary' })
/** The schema would drop a check of the other name; the guard keeps it, see codec.test.ts. */
const check = text.filter((name) => name !== '__proto__')
const request: fc.Arbitrary<RequestRecord> = fc.record(
  {
    type: fc.constant('request' as const),
    index: count,
    sample: text,
    user: count,
    phase: fc.constantFrom('warmup' as const, 'measured' as const),
    conversation: count,
    turn: fc.integer({ min: 1 }),
    scheduledMs: ms,
    sentMs: ms,
    firstByteMs: ms,
    firstThinkingMs: ms,
    firstContentMs: ms,
    longestGapMs: ms,
    tokenGaps: fc.array(ms).map(logHistogram),
    endMs: ms,
    outcome: fc.constantFrom(...outcomes),
    error: text,
    httpStatus: count,
    promptTokens: count,
    cachedTokens: count,
    outputTokens: count,
    serverTotalMs: ms,
    loadMs: ms,
    promptEvalMs: ms,
    evalMs: ms,
    doneReason: text,
    scores: fc.dictionary(check, fc.double({ min: 0, max: 1, noNaN: true })),
    remoteHost: text,
    promptDigest: text,
    answerDigest: text,
    prompt: text,
    answer: text,
  },
  { requiredKeys: ['type', 'index', 'sample', 'user', 'phase', 'sentMs', 'endMs', 'outcome'] },
)

const schema = recordSchemas.request
/** Values that are invalid for at least some fields. */
const anyValue = fc.constantFrom<unknown[]>(
  ...[undefined, null, true, -1, 0.5, 1e300, Infinity, NaN, 2 ** 53, '', 'ok', [], {}, { a: 'b' }],
)

describe('passesFastRequestCheck', () => {
  it('accepts every request that a trial can store', () => {
    fc.assert(
      fc.property(request, (record) => {
        expect(passesFastRequestCheck(JSON.parse(encodeRecord(record)))).toBe(true)
      }),
    )
  })

  it('accepts no value that the schema rejects or changes', () => {
    const fields = fc.constantFrom(...Object.keys(schema.shape), 'mood', '__proto__')
    let accepted = 0
    fc.assert(
      fc.property(request, fields, anyValue, (record, field, value) => {
        const changed = Object.fromEntries([...Object.entries(record), [field, value]])
        if (!passesFastRequestCheck(changed)) return
        accepted += 1
        expect(schema.parse(changed)).toEqual(changed)
      }),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(200)
  })

  it.each([
    ['without scores', requestOf(1, { scores: {} })],
    ['with digests', requestOf(1, { promptDigest: digestOf('a'), answerDigest: digestOf('b') })],
    ['with an answer of several lines', requestOf(1, { answer: '{"score": 5}\n好\t\\' })],
  ])('accepts a request %s', (_, record) => {
    expect(passesFastRequestCheck(record)).toBe(true)
  })

  it.each([
    ['a missing field', { sample: undefined }],
    ['an unknown field', { mood: 'good' }],
    ['a negative count', { user: -1 }],
    ['a fraction as a count', { user: 0.5 }],
    ['a count beyond the safe integers', { user: 2 ** 53 }],
    ['an infinite time', { endMs: Infinity }],
    ['an unknown phase', { phase: 'later' }],
    ['an unknown outcome', { outcome: 'good' }],
    ['a list of scores', { scores: [1] }],
    ['a score that is not a number', { scores: { json: 'yes' } }],
    ['the type of another record', { type: 'window' }],
  ])('rejects a request with %s', (_, change) => {
    expect(passesFastRequestCheck({ ...requestOf(1), ...change })).toBe(false)
  })

  it.each([[null], [undefined], ['text'], [1], [[]], [{}]])('rejects %j', (value) => {
    expect(passesFastRequestCheck(value)).toBe(false)
  })
})
