import { expect, it } from 'vitest'
import { canonicalJson, jsonDigest, parseJson } from '../../src/json/json.ts'

it('parses JSON, and returns undefined for any other text', () => {
  expect(parseJson('{"a":[1]}')).toEqual({ a: [1] })
  expect(parseJson('null')).toBeNull()
  expect(parseJson('{"a":')).toBeUndefined()
  expect(parseJson('')).toBeUndefined()
})

it('passes the reason of a failure to the callback', () => {
  const fail = (reason: string): never => {
    throw new TypeError(`not JSON: ${reason}`)
  }
  expect(() => parseJson('<html>', fail)).toThrow(/^not JSON: .*'<'/)
})

it('writes the same canonical JSON whatever the order of the keys', () => {
  expect(canonicalJson({ b: [{ d: 1, c: undefined }], a: 2 })).toBe('{"a":2,"b":[{"d":1}]}')
  expect(jsonDigest({ a: 1, b: 2 })).toBe(jsonDigest({ b: 2, a: 1 }))
})
