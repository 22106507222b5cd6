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

  const known = { outputTokens: 2, doneReason: 'stop' }

  it('reads a missing figure of the final line as 0, if it can be 0', () => {
    const final = { load_duration: undefined, prompt_eval_cached_count: null }
    expect(read(answerLines({ final })).final).toMatchObject({ loadMs: 0, ...known })
    expect(read(answerLines({ final })).final?.cachedTokens).toBeUndefined()
    // the time of one token may be a part of the prefill
    const one = answerLines({ content: ['x'], final: { eval_count: 1, eval_duration: undefined } })
    expect(read(one).final).toMatchObject({ evalMs: 0, outputTokens: 1 })
  })

  it('does not know a missing figure of the final line that cannot be 0', () => {
    const durations = {
      total_duration: undefined,
      load_duration: undefined,
      prompt_eval_duration: null,
      eval_duration: 0,
    }
    expect(read(answerLines({ final: durations })).final).toEqual({ ...known, promptTokens: 31 })
    expect(read(answerLines({ final: { eval_duration: undefined } })).final).not.toHaveProperty(
      'evalMs',
      0,
    )
    expect(read(answerLines({ final: { prompt_eval_count: undefined } })).final).toMatchObject({
      promptTokens: undefined,
      promptEvalMs: 8,
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

  it('fails as malformed if there is text, but no number of tokens', () => {
    const answer = read(answerLines({ final: { eval_count: undefined } }))
    expect(answer.conclude()).toMatchObject({
      outcome: 'malformed',
      error: expect.stringContaining('eval_count') as string,
    })
  })

  it('names the figure of the final line that cannot be read', () => {
    const line = '{"done":true,"eval_count":1,"total_duration":-1}'
    expect(read([line]).conclude()?.error).toBe('`total_duration` of the final line is negative')
  })

  it('says so if it ended because the model repeated one token, as Ollama ends it', () => {
    const line = JSON.stringify({ message: { role: 'assistant', content: ' 6' }, done: false })
    const repeated = (count: number) => read(Array.from({ length: count }, () => line)).conclude()
    expect(repeated(31)?.error).toContain('the model repeated one token')
    expect(repeated(30)?.error).toBe('the stream ended without a line with `done: true`')
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
