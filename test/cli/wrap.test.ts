import stringWidth from 'string-width'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitting, wrapped } from '../../src/cli/wrap.ts'

const terminal = (columns: number) => ({ write: () => undefined, isTerminal: true, columns })

describe('wrapped', () => {
  it('breaks between words, and indents what follows', () => {
    expect(wrapped('  one two three four\nnext', terminal(12))).toBe(
      '  one two\n    three\n    four\nnext',
    )
  })

  it('breaks Chinese between characters, but not before punctuation', () => {
    expect(wrapped('延迟降低，吞吐提升。', terminal(9))).toBe('延迟降\n  低，吞\n  吐提\n  升。')
  })

  it('leaves the lines of other outputs unchanged', () => {
    expect(wrapped('one two three', { ...terminal(4), isTerminal: false })).toBe('one two three')
  })

  it('loses no word and breaks none', () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/)
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1 }),
        fc.integer({ min: 8, max: 40 }),
        (words, width) => {
          const lines = wrapped(words.join(' '), terminal(width)).split('\n')
          expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(words)
          for (const line of lines)
            expect(stringWidth(line) <= width || !line.trim().includes(' ')).toBe(true)
        },
      ),
    )
  })
})

describe('fitting', () => {
  it('leaves out whole parts, and cuts only the first', () => {
    expect(fitting(['about 3 min', '12 requests', 'QPS ~4'], ', ', 26)).toBe(
      'about 3 min, 12 requests',
    )
    expect(fitting(['about 3 min', 'more'], ', ', 8)).toBe('about 3…')
  })
})
