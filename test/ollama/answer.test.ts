import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Answer } from '../../src/ollama/answer.ts'
import { answerLines } from '../support/scripted-ollama.ts'

function read(lines: readonly string[]): Answer {
  const answer = new Answer()
  lines.forEach((line, index) => answer.read(line.trimEnd(), index))
  return answer
}

describe('Answer', () => {
  it.each(['chat', 'generate'] as const)('reads thinking, content and figures of %s', (api) => {
    const answer = read(answerLines({ api, thinking: ['哦', '嗯'], content: ['好', '的'] }))
    expect(answer).toMatchObject({
      thinking: '哦嗯',
      content: '好的',
      firstThinkingAt: 0,
      firstContentAt: 2,
      final: {
        totalMs: 40,
        loadMs: 10,
        promptEvalMs: 8,
        evalMs: 20,
        promptTokens: 31,
        outputTokens: 4,
        doneReason: 'stop',
      },
    })
    expect(answer.conclude()).toBeUndefined()
  })

  it('takes what the final line leaves out as 0, but not the cached tokens', () => {
    const final = {
      load_duration: undefined,
      prompt_eval_count: undefined,
      prompt_eval_duration: undefined,
      total_duration: undefined,
    }
    expect(read(answerLines({ final })).final).toEqual({
      totalMs: 0,
      loadMs: 0,
      promptEvalMs: 0,
      evalMs: 20,
      promptTokens: 0,
      cachedTokens: undefined,
      outputTokens: 2,
      doneReason: 'stop',
    })
  })

  it('knows the cached tokens where the server tells them, 0 included', () => {
    expect(read(answerLines({ final: { prompt_eval_cached_count: 0 } })).final?.cachedTokens).toBe(
      0,
    )
  })

  it('counts the first token at the first line that is not empty', () => {
    const [first = '', ...rest] = answerLines({ content: ['', '', 'x'] })
    expect(read([first, ...rest]).firstContentAt).toBe(2)
  })

  it('is empty without an output token', () => {
    const answer = read(answerLines({ content: [], final: { eval_count: undefined } }))
    expect(answer.conclude()?.outcome).toBe('empty')
  })

  it('is incomplete without a final line', () => {
    expect(read(answerLines().slice(0, -1)).conclude()?.outcome).toBe('incomplete')
    expect(read([]).conclude()?.outcome).toBe('incomplete')
  })

  it('keeps the text of an error line, cleaned', () => {
    const [first = ''] = answerLines()
    const answer = read([first, '{"error":"model runner has\\u001b[31m unexpectedly\\nstopped"}'])
    expect(answer.conclude()).toEqual({
      outcome: 'error-line',
      error: 'model runner has unexpectedly stopped',
    })
    expect(answer.content).toBe('{"score":')
  })

  it('reads nothing after the final line', () => {
    const answer = read([...answerLines(), 'garbage', '{"error":"late"}'])
    expect(answer.conclude()).toBeUndefined()
  })

  it.each([
    ['not JSON', '<html>'],
    ['an array', '[1]'],
    ['a number', '1'],
    ['an object of another protocol', '{"choices":[]}'],
    ['a done that is no truth value', '{"done":"true"}'],
    ['a duration that is text', '{"done":true,"eval_count":1,"eval_duration":"1s"}'],
    ['a negative duration', '{"done":true,"eval_count":1,"total_duration":-1}'],
    ['half a token', '{"done":true,"eval_count":1.5}'],
  ])('is malformed by %s', (_what, line) => {
    expect(read([line]).conclude()?.outcome).toBe('malformed')
  })

  it('never throws, and always comes to a conclusion or an answer', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constantFrom(...answerLines()))
    fc.assert(
      fc.property(fc.array(text), (lines) => {
        const answer = read(lines)
        expect(answer.conclude() === undefined).toBe((answer.final?.outputTokens ?? 0) > 0)
      }),
    )
  })
})
