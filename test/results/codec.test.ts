import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { encodeRecord, TrialDecoder } from '../../src/results/codec.ts'
import { outcomes, type TrialRecord } from '../../src/results/record.ts'
import { endOf, headerOf, requestOf } from './sample-trial.ts'

const records: readonly TrialRecord[] = [
  headerOf(),
  { type: 'evidence', atMs: 1.5, source: '/api/ps', when: 'before', facts: { slots: 4 } },
  requestOf(0, { phase: 'warmup' }),
  { type: 'window', openMs: 0, closeMs: 1000 },
  requestOf(1),
  requestOf(2, { outcome: 'reset', error: 'connection reset', sample: '漫画|`<!--' }),
  endOf(),
]
const text = records.map(encodeRecord).join('')

function decode(bytes: string | Uint8Array, ...cuts: readonly number[]) {
  const decoder = new TrialDecoder('results/t.jsonl')
  const buffer = Buffer.from(bytes)
  const edges = [0, ...cuts.map((cut) => cut % (buffer.length + 1)), buffer.length]
  edges.sort((one, other) => one - other)
  edges.slice(1).forEach((to, index) => decoder.write(buffer.subarray(edges[index], to)))
  return decoder.finish()
}

function errorOf(bytes: string): ExpError {
  try {
    decode(bytes)
  } catch (error) {
    if (error instanceof ExpError) return error
  }
  throw new Error('decoding threw no error')
}

describe('TrialDecoder', () => {
  it('decodes the records that were encoded', () => {
    const trial = decode(text)
    const rows = Array.from({ length: trial.requests.length }, (_, row) => trial.requests.row(row))
    expect([
      trial.header,
      ...trial.evidence,
      rows[0],
      trial.window,
      ...rows.slice(1),
      trial.end,
    ]).toEqual(records)
    expect(trial.truncated).toBe(false)
  })

  it.each(['__proto__', 'constructor', 'toString'])(
    'keeps the score of a check named `%s`',
    (check) => {
      const scores = Object.fromEntries([[check, 0.5]])
      const { requests } = decode(
        [headerOf(), requestOf(0, { scores }), endOf()].map(encodeRecord).join(''),
      )
      expect(Object.entries(requests.row(0).scores ?? {})).toEqual([[check, 0.5]])
      expect(requests.checks()).toEqual([check])
      expect([...requests.scores(check)]).toEqual([0.5])
    },
  )

  it('decodes the same trial however its bytes are split into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
        expect(decode(text, ...cuts)).toEqual(decode(text))
      }),
    )
  })

  it('keeps every string and number that a request can hold', () => {
    const ms = fc.double({ min: 0, max: 1e12, noNaN: true })
    const count = fc.nat()
    const request = fc.record(
      {
        type: fc.constant('request' as const),
        index: count,
        sample: fc.string({ unit: 'binary' }),
        user: count,
        phase: fc.constantFrom('warmup' as const, 'measured' as const),
        sentMs: ms,
        endMs: ms,
        outcome: fc.constantFrom(...outcomes),
        firstContentMs: ms,
        outputTokens: count,
        error: fc.string({ unit: 'binary' }),
        scores: fc.dictionary(
          fc.string({ unit: 'binary' }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          { minKeys: 1 },
        ),
        answer: fc.string(),
      },
      { requiredKeys: ['type', 'index', 'sample', 'user', 'phase', 'sentMs', 'endMs', 'outcome'] },
    )
    fc.assert(
      fc.property(request, (drawn) => {
        const { sentMs, firstContentMs, endMs } = drawn
        const times = [sentMs, firstContentMs ?? sentMs, endMs].sort((one, other) => one - other)
        const [sent = 0, content = 0, ended = 0] = times
        const middle = firstContentMs === undefined ? {} : { firstContentMs: content }
        const record = { ...drawn, sentMs: sent, ...middle, endMs: ended }
        const trial = decode(encodeRecord(headerOf()) + encodeRecord(record))
        expect(JSON.stringify(sorted(trial.requests.row(0)))).toBe(JSON.stringify(sorted(record)))
      }),
    )
  })
})

/** Sorts fields, because their order does not matter. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)])
}

describe('the file of a killed run', () => {
  it('is decoded up to its last complete line, wherever it was cut', () => {
    const lines = records.map((record) => Buffer.byteLength(encodeRecord(record)))
    for (let length = 0; length <= Buffer.byteLength(text); length++) {
      const trial = decode(Buffer.from(text).subarray(0, length))
      let [whole, bytes] = [0, 0]
      // A line without its line feed is complete too.
      for (const line of lines) if ((bytes += line) - 1 <= length) whole += 1
      const cut = lines.slice(0, whole).reduce((sum, line) => sum + line, 0)
      expect(trial.truncated, `at ${length}`).toBe(length > cut)
      expect(trial.end !== undefined).toBe(whole === records.length)
      expect(trial.requests.length).toBe(
        records.slice(0, whole).filter(({ type }) => type === 'request').length,
      )
    }
  })
})

describe('a damaged file', () => {
  it('is an error that names file and line if a line in the middle is not JSON', () => {
    const lines = text.split('\n')
    lines[4] = lines[4]!.slice(0, -5)
    const error = errorOf(lines.join('\n'))
    expect(error.code).toBe('result-file')
    expect(error.message).toBe('`results/t.jsonl:5`: the line is not JSON')
    expect(error.hint).toContain('exp drop')
  })

  it.each([
    ['an unknown field', 2, { ...requestOf(1), mood: 'good' }, 'results/t.jsonl:3'],
    ['a negative time', 2, { ...requestOf(1), endMs: -1 }, '`request.endMs`'],
    ['a missing field', 2, { ...requestOf(1), sample: undefined }, '`request.sample`'],
    ['an unknown type', 2, { type: 'note' }, '`note` is not a type of record'],
    ['a list instead of a record', 2, [1], '`undefined` is not a type of record'],
    ['a second header', 2, headerOf(), 'a second trial begins here'],
    ['a record after the end', 7, requestOf(9), 'a record follows the end of the trial'],
    ['a record before the header', 0, requestOf(9), 'the first line is not a trial'],
  ])('is an error if it has %s', (_, line, record, message) => {
    const lines = text.trimEnd().split('\n')
    lines.splice(line, 0, JSON.stringify(record))
    expect(errorOf(lines.join('\n')).message).toContain(message)
  })

  it('names the format version that the program reads if the file has a newer one', () => {
    const error = errorOf(JSON.stringify({ ...headerOf(), formatVersion: 11, novelty: true }))
    expect(error.message).toContain(
      'format version is `11`, but this program reads 1, 2, 3, 4, 5, 6, 7, 8, 9, 10',
    )
    expect(error.hint).toContain('newer')
  })
})

const failed = {
  type: 'request',
  index: 1,
  sample: 'c1',
  user: 1,
  phase: 'measured',
  outcome: 'reset',
} as const

it.each<[record: TrialRecord, problem: string]>([
  [{ ...failed, sentMs: 10, endMs: 9 }, '`request.endMs` lies before `sentMs`'],
  [
    { ...failed, sentMs: 10, firstByteMs: 30, endMs: 20 },
    '`request.endMs` lies before `firstByteMs`',
  ],
  [
    { ...failed, sentMs: 10, firstByteMs: 9, endMs: 20 },
    '`request.firstByteMs` lies before `sentMs`',
  ],
  [
    { ...failed, sentMs: 10, firstContentMs: 21, endMs: 20 },
    '`request.endMs` lies before `firstContentMs`',
  ],
  [{ type: 'window', openMs: 2, closeMs: 1 }, '`window.closeMs` lies before `openMs`'],
  [{ ...failed, sentMs: 10, endMs: 1e300 }, '`request.endMs`: '],
])('refuses times that no clock gives: %o', (record, problem) => {
  const bytes = [headerOf(), record, endOf()].map(encodeRecord).join('')
  expect(errorOf(bytes).message).toContain(`results/t.jsonl:2\`: ${problem}`)
})
