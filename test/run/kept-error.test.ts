import { describe, expect, it } from 'vitest'
import { keptError } from '../../src/run/kept-error.ts'

const prompts = ['You judge comments.\nBe brief.', 'Is "this text" an advert?']
const answers = ['Yes, it is one for the harbour office.']
const none = { prompts: 'none', answers: 'none' } as const

describe('the stored error of a request', () => {
  it.each([
    ['cannot read: Is "this text" an advert?', 'cannot read: [prompt]'],
    ['{"input":"Is \\"this text\\" an advert?"}', '{"input":"[prompt]"}'],
    ['bad input You judge comments. Be brief.', 'bad input [prompt] [prompt]'],
    ['it ends with Is "this te…', 'it ends with [prompt]…'],
    ['a line without `done`: {"message":{"content":"an answer"}}', 'a line without `done`: {…'],
    ['it holds te comments. Be br and more', 'it holds te comments. Be br and more'],
    ['it holds:judge comments. Be br', 'it holds:judge comments. Be br'],
    ['… "this text" an adver… is bad', '…[prompt]… is bad'],
    ['after it is one for the harbour there is …', 'after[answer]there is …'],
    ['not a JSON object: Yes, it', 'not a JSON object: …'],
    ['not a JSON object: {"a"', 'not a JSON object: {…'],
    ['too many requests', 'too many requests'],
    ['', ''],
  ])('has no words of the prompt and the answer: %j', (error, kept) => {
    expect(keptError(error, { prompts, answers }, none)).toBe(kept)
  })

  it('is unchanged if prompts and answers may be stored', () => {
    const error = 'cannot read: {"text": "You judge comments."}'
    expect(keptError(error, { prompts, answers }, { prompts: 'text', answers: 'text' })).toBe(error)
  })
})
