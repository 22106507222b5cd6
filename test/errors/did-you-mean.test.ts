import { describe, expect, it } from 'vitest'
import { didYouMean, nearestWord } from '../../src/errors/did-you-mean.ts'

describe('nearestWord', () => {
  it('finds a misspelled word, whatever its case', () => {
    expect(nearestWord('atleast', ['atMost', 'atLeast'])).toBe('atLeast')
    expect(nearestWord('OLLAMA_NUM_PARALEL', ['OLLAMA_NUM_PARALLEL'])).toBe('OLLAMA_NUM_PARALLEL')
  })

  it('finds a word by its end or its beginning, if no word is nearer', () => {
    expect(nearestWord('p95', ['qps', 'latencyMean', 'latencyP95', 'ttftP95'])).toBe('latencyP95')
    expect(nearestWord('latency', ['qps', 'latencyMean', 'latencyP95'])).toBe('latencyMean')
    expect(nearestWord('95', ['latencyP95'])).toBeUndefined()
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

  it('does not name the word itself, which is right where something else is wrong', () => {
    expect(didYouMean('slots', ['slots', 'slots-2'], 'else')).toBe('else')
  })

  it('falls back on the given hint if no list is short enough', () => {
    expect(didYouMean('x', [], 'else')).toBe('else')
    const many = Array.from({ length: 21 }, (_, index) => `word ${index}`)
    expect(didYouMean('x', many)).toBeUndefined()
  })
})
