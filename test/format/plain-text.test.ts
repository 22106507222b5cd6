import { expect, it } from 'vitest'
import { columns, oneLine } from '../../src/format/plain-text.ts'

it.each([
  ['a soft hyphen', '\u00ad'],
  ['a joiner of graphemes', '\u034f'],
  ['a filler of Hangul', '\u3164'],
  ['a separator of Mongolian', '\u180e'],
  ['an override of the direction', '\u202e'],
  ['a word in tags', '\u{e0065}\u{e0076}'],
])('text shows no %s, which would make two names look the same', (_, hidden) => {
  expect(oneLine(`fast${hidden}er`)).toBe('faster')
  expect(columns([[`fast${hidden}er`, 'x']])).toEqual(['faster  x'])
})

it('text keeps the joiners of an emoji', () => {
  expect(oneLine('👩\u200d💻')).toBe('👩\u200d💻')
})
