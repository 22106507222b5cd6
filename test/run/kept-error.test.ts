import { describe, expect, it } from 'vitest'
import { keptError } from '../../src/run/kept-error.ts'

const sent = ['You judge comments.\nBe brief.', 'Is "this text" an advert?']
const none = { prompts: 'none', answers: 'none' } as const

describe('the stored error of a request', () => {
  it.each([
    ['cannot read: Is "this text" an advert?', 'cannot read: [prompt]'],
    ['{"input":"Is \\"this text\\" an advert?"}', '{"input":"[prompt]"}'],
    ['bad input You judge comments. Be brief.', 'bad input [prompt] [prompt]'],
    ['it ends with Is "this te…', 'it ends with [prompt]…'],
    ['a line without `done`: {"message":{"content":"an answer"}}', 'a line without `done`: {…'],
    ['too many requests', 'too many requests'],
    ['', ''],
  ])('has no words of the prompt and the answer: %j', (error, kept) => {
    expect(keptError(error, sent, none)).toBe(kept)
  })

  it('is unchanged if prompts and answers may be stored', () => {
    const error = 'cannot read: {"text": "You judge comments."}'
    expect(keptError(error, sent, { prompts: 'text', answers: 'text' })).toBe(error)
  })
})
