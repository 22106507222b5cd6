import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRecord } from '../../src/results/codec.ts'
import { outcomes, recordSchemas, type RequestRecord } from '../../src/results/record.ts'
import { RequestLineReader } from '../../src/results/request-line.ts'
import { RequestTable } from '../../src/results/request-table.ts'
import { digestOf, requestOf } from './sample-trial.ts'

/** What the reader makes of a line, after those before it; `undefined` where it leaves the line to others. */
function readerOf(): (line: string) => RequestRecord | undefined {
  const reader = new RequestLineReader()
  return (line) => {
    const bytes = Buffer.from(`${line}\n`)
    const fields = reader.read(bytes, 0)
    if (fields === undefined) return undefined
    expect(fields.end).toBe(bytes.length)
    const table = new RequestTable()
    table.append(fields)
    return table.row(0)
  }
}

/** What `JSON.parse` and the schema make of a line. */
function parsed(line: string): RequestRecord | undefined {
  try {
    return recordSchemas.request.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

const ms = fc.oneof(
  fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
  fc.nat({ max: 1e9 }).map((thousandths) => thousandths / 1000),
)
const count = fc.maxSafeNat()
const word = fc.oneof(fc.constantFrom('c01', 'c02', 'stop'), fc.string({ unit: 'binary' }))
const request: fc.Arbitrary<RequestRecord> = fc.record(
  {
    type: fc.constant('request' as const),
    index: count,
    sample: word,
    user: count,
    phase: fc.constantFrom('warmup' as const, 'measured' as const),
    scheduledMs: ms,
    sentMs: ms,
    firstByteMs: ms,
    firstThinkingMs: ms,
    firstContentMs: ms,
    longestGapMs: ms,
    endMs: ms,
    outcome: fc.constantFrom(...outcomes),
    error: word,
    httpStatus: count,
    promptTokens: count,
    cachedTokens: count,
    outputTokens: count,
    serverTotalMs: ms,
    loadMs: ms,
    promptEvalMs: ms,
    evalMs: ms,
    doneReason: word,
    scores: fc.dictionary(
      fc.constantFrom('json', 'exact'),
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      {
        minKeys: 1,
      },
    ),
    remoteHost: word,
    promptDigest: word,
    answerDigest: word,
    prompt: word,
    answer: word,
  },
  { requiredKeys: ['type', 'index', 'sample', 'user', 'phase', 'sentMs', 'endMs', 'outcome'] },
)
const line = request.map((record) => encodeRecord(record).trimEnd())

describe('a request read from its line', () => {
  it('is what JSON.parse and the schema say, line after line', () => {
    let read = 0
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const reader = readerOf()
        for (const text of lines) {
          const record = reader(text)
          if (record !== undefined) read += 1
          expect([parsed(text), undefined]).toContainEqual(record)
        }
      }),
      { numRuns: 500 },
    )
    expect(read).toBeGreaterThan(200)
  })

  it('is never anything else, however the line is spoiled', () => {
    const pieces = [
      ...Array.from('0123456789.,:{}[]"\\ \t+-eEu'),
      '',
      'null',
      '1e3',
      '00',
      '-1',
      '1.',
      '"\\u0041"',
      ',"user":2',
      ',"mood":1',
      '9'.repeat(400),
    ]
    let accepted = 0
    fc.assert(
      fc.property(
        line,
        line,
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.constantFrom(...pieces),
        (before, text, where, cut, piece) => {
          const at = where % (text.length + 1)
          // As a file holds it: half a character becomes one that stands for it.
          const spoiled = Buffer.from(text.slice(0, at) + piece + text.slice(at + cut)).toString()
          const reader = readerOf()
          reader(before)
          const record = reader(spoiled)
          if (record === undefined) return
          accepted += 1
          expect(record).toEqual(parsed(spoiled))
        },
      ),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(200)
  })

  it.each([
    ['as it is measured', requestOf(1)],
    ['with digests', requestOf(1, { promptDigest: digestOf('a'), answerDigest: digestOf('b') })],
    ['with scores', requestOf(1, { scores: { json: 1, exact: 0.5 } })],
    ['with an answer of several lines', requestOf(1, { answer: '{"score": 5}\n好\t\\' })],
    ['of 17 digits', requestOf(1, { endMs: 1234.5678901234567 })],
  ])('needs no second look %s', (_, record) => {
    expect(readerOf()(encodeRecord(record).trimEnd())).toEqual(record)
  })

  it('has its own texts, however like they are to those before', () => {
    const reader = readerOf()
    const alike = fc.tuple(fc.constantFrom('', 'a', '好'), fc.string({ maxLength: 100 }))
    fc.assert(
      fc.property(fc.array(alike, { minLength: 2 }), (texts) => {
        for (const [edge, middle] of texts) {
          const answer = `${edge}${middle}${edge}`
          const record = requestOf(1, { answer })
          expect(reader(encodeRecord(record).trimEnd())).toEqual(record)
        }
      }),
    )
  })

  it('is not guessed from the line before, where an escape looks like it', () => {
    const reader = readerOf()
    for (const answer of ['a\\nb', 'a\nb', 'a"b', 'a', 'a\\', 'a\\"'])
      expect(reader(encodeRecord(requestOf(1, { answer })).trimEnd())?.answer).toBe(answer)
  })

  it.each([
    ['a field twice', '"user":0', '"user":0,"user":0'],
    ['a leading zero', '"user":0', '"user":00'],
    ['a sign', '"user":0', '"user":-0'],
    ['half a count', '"user":0', '"user":0.5'],
    ['a count too large to be exact', '"user":0', '"user":9007199254740993'],
    ['a phase there is not', '"measured"', '"later"'],
    ['a missing field', '"user":0,', ''],
    ['more after it', /$/, '}'],
    ['no end', /\}$/, ''],
  ])('is left to others with %s', (_, from, to) => {
    const plain = encodeRecord(requestOf(1, { user: 0 })).trimEnd()
    const odd = plain.replace(from, to)
    expect(odd).not.toBe(plain)
    expect(readerOf()(odd)).toBeUndefined()
  })
})
