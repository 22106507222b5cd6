import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineDecoder, LineTooLong } from '../../src/ollama/decoder.ts'

/** Cuts the bytes at these places. Chunks may be empty. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length))
}

function decode(chunks: readonly Buffer[], limit = Infinity): string[] {
  const lines: string[] = []
  const decoder = new LineDecoder((line) => lines.push(line), limit)
  for (const chunk of chunks) decoder.push(chunk)
  decoder.end()
  return lines
}

const line = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\n', '漫'))

describe('LineDecoder', () => {
  it('emits the same lines however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), fc.boolean(), (lines, places, closed) => {
        const text = lines.join('\n') + (closed ? '\n' : '')
        const whole = text.split('\n')
        if (whole.at(-1) === '') whole.pop()
        expect(decode(cut(Buffer.from(text), places))).toEqual(
          whole.map((one) => Buffer.from(one).toString()),
        )
      }),
    )
  })

  it('decodes a character whose bytes arrive one by one', () => {
    const bytes = Buffer.from('资源秒发 😀\n末行')
    expect(decode([...bytes].map((byte) => Buffer.from([byte])))).toEqual(['资源秒发 😀', '末行'])
  })

  it('does not depend on the buffer of a chunk after `push`', () => {
    const chunk = Buffer.from('a\nbcd')
    const lines: string[] = []
    const decoder = new LineDecoder((one) => lines.push(one), 100)
    decoder.push(chunk)
    chunk.fill('x')
    decoder.push(Buffer.from('e\n'))
    expect(lines).toEqual(['a', 'bcde'])
  })

  it('throws LineTooLong only for a line beyond the limit', () => {
    expect(decode([Buffer.from('12345\n1234'), Buffer.from('5\n')], 5)).toEqual(['12345', '12345'])
    expect(() => decode([Buffer.from('1\n123456')], 5)).toThrow(LineTooLong)
    expect(() => decode([Buffer.from('123'), Buffer.from('456')], 5)).toThrow(LineTooLong)
  })
})
