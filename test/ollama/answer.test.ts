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

  it('reads missing figures of the final line as 0, except the cached tokens', () => {
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

  it('reads the cached tokens if the server reports them, also 0', () => {
    expect(read(answerLines({ final: { prompt_eval_cached_count: 0 } })).final?.cachedTokens).toBe(
      0,
    )
  })

  it('takes the time of the first token from the first non-empty line', () => {
    const [first = '', ...rest] = answerLines({ content: ['', '', 'x'] })
    expect(read([first, ...rest]).firstContentAt).toBe(2)
  })

  it('fails as empty if there is no output token', () => {
    const answer = read(answerLines({ content: [], final: { eval_count: undefined } }))
    expect(answer.conclude()?.outcome).toBe('empty')
  })

  it('fails as incomplete if there is no final line', () => {
    expect(read(answerLines().slice(0, -1)).conclude()?.outcome).toBe('incomplete')
    expect(read([]).conclude()?.outcome).toBe('incomplete')
  })

  it('fails with the cleaned text of an error line', () => {
    const [first = ''] = answerLines()
    const answer = read([first, '{"error":"model runner has\\u001b[31m unexpectedly\\nstopped"}'])
    expect(answer.conclude()).toEqual({
      outcome: 'error-line',
      error: 'model runner has unexpectedly stopped',
    })
    expect(answer.content).toBe('{"score":')
  })

  it('ignores lines after the final line', () => {
    const answer = read([...answerLines(), 'garbage', '{"error":"late"}'])
    expect(answer.conclude()).toBeUndefined()
  })

  it.each([
    ['not JSON', '<html>'],
    ['an array', '[1]'],
    ['a number', '1'],
    ['an object of another protocol', '{"choices":[]}'],
    ['a `done` that is not a boolean', '{"done":"true"}'],
    ['a duration that is a string', '{"done":true,"eval_count":1,"eval_duration":"1s"}'],
    ['a negative duration', '{"done":true,"eval_count":1,"total_duration":-1}'],
    ['a fraction of a token', '{"done":true,"eval_count":1.5}'],
  ])('fails as malformed because of %s', (_what, line) => {
    expect(read([line]).conclude()?.outcome).toBe('malformed')
  })

  it('never throws, and either fails or has output tokens', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constantFrom(...answerLines()))
    fc.assert(
      fc.property(fc.array(text), (lines) => {
        const answer = read(lines)
        expect(answer.conclude() === undefined).toBe((answer.final?.outputTokens ?? 0) > 0)
      }),
    )
  })
})
