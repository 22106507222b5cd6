import { describe, expect, it } from 'vitest'
import { didYouMean, nearestWord } from '../../src/errors/did-you-mean.ts'

describe('nearestWord', () => {
  it('finds a misspelled word, whatever its case', () => {
    expect(nearestWord('atleast', ['atMost', 'atLeast'])).toBe('atLeast')
    expect(nearestWord('OLLAMA_NUM_PARALEL', ['OLLAMA_NUM_PARALLEL'])).toBe('OLLAMA_NUM_PARALLEL')
  })

  it('returns undefined if most letters differ', () => {
    expect(nearestWord('x', ['users', 'rate'])).toBeUndefined()
    expect(nearestWord('ab', ['cd'])).toBeUndefined()
  })
})

describe('didYouMean', () => {
  it('names the nearest word', () => {
    expect(didYouMean('user', ['users', 'rate'])).toBe('did you mean `users`?')
  })

  it('lists up to 20 words if none is near', () => {
    expect(didYouMean('x', ['users', 'rate'], 'else')).toBe('write `users` or `rate`')
  })

  it('falls back on the given hint if no list is short enough', () => {
    expect(didYouMean('x', [], 'else')).toBe('else')
    const many = Array.from({ length: 21 }, (_, index) => `word ${index}`)
    expect(didYouMean('x', many)).toBeUndefined()
  })
})
