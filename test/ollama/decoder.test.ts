import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineDecoder, LineTooLong } from '../../src/ollama/decoder.ts'

/** The chunks that cutting at these places makes, empty ones among them. */
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
  it('gives the same lines however the bytes are split', () => {
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

  it('keeps a character whole whose bytes come one by one', () => {
    const bytes = Buffer.from('资源秒发 😀\n末行')
    expect(decode([...bytes].map((byte) => Buffer.from([byte])))).toEqual(['资源秒发 😀', '末行'])
  })

  it('does not keep the buffer of a chunk', () => {
    const chunk = Buffer.from('a\nbcd')
    const lines: string[] = []
    const decoder = new LineDecoder((one) => lines.push(one), 100)
    decoder.push(chunk)
    chunk.fill('x')
    decoder.push(Buffer.from('e\n'))
    expect(lines).toEqual(['a', 'bcde'])
  })

  it('refuses to hold a line beyond the limit, and only that', () => {
    expect(decode([Buffer.from('12345\n1234'), Buffer.from('5\n')], 5)).toEqual(['12345', '12345'])
    expect(() => decode([Buffer.from('1\n123456')], 5)).toThrow(LineTooLong)
    expect(() => decode([Buffer.from('123'), Buffer.from('456')], 5)).toThrow(LineTooLong)
  })
})
