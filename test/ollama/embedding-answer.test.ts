import { describe, expect, it } from 'vitest'
import { EmbeddingAnswer } from '../../src/ollama/embedding-answer.ts'
import { prepareEmbedding } from '../../src/ollama/generation.ts'

function answered(text: string, inputs = 2) {
  const answer = new EmbeddingAnswer(inputs)
  for (const line of text.split('\n')) answer.read(line)
  return { failure: answer.conclude(), final: answer.final }
}

/** What Ollama 0.20.0 answered, with shorter vectors. */
const recorded =
  '{"model":"smollm2:135m","embeddings":[[-0.012757875,-0.018819492],[0.01,0.02]],"total_duration":51052684,"load_duration":21958200,"prompt_eval_count":3}'

describe('the answer of /api/embed', () => {
  it('has a vector for each input, the tokens of all, and no time of prefill or decode', () => {
    expect(answered(recorded)).toEqual({
      failure: undefined,
      final: {
        totalMs: 51.052684,
        loadMs: 21.9582,
        promptTokens: 3,
        promptEvalMs: undefined,
        evalMs: undefined,
        cachedTokens: undefined,
        outputTokens: undefined,
        doneReason: undefined,
      },
    })
  })

  it('may be spread over several lines', () => {
    expect(answered('{\n"embeddings": [[1],\n[2]]}').failure).toBeUndefined()
  })

  it.each([
    ['', 'incomplete', 'the response has no body'],
    [recorded, 'malformed', '2 embeddings for 3 inputs', 3],
    ['{"error":"this model does not support embeddings"}', 'error-line', 'this model does not'],
    ['{"embedding":[1]}', 'malformed', '`embeddings`'],
    ['{"embeddings":[[1],[]]}', 'malformed', '`embeddings.1` has an empty vector'],
    ['{"embeddings":[[1],[2]],"prompt_eval_count":-1}', 'malformed', '`prompt_eval_count` is'],
    ['not JSON', 'malformed', ''],
  ])('%j fails as %s', (text, outcome, error, inputs = 2) => {
    const { failure, final } = answered(text, inputs)
    expect(failure).toMatchObject({ outcome, error: expect.stringContaining(error) as unknown })
    expect(final).toBeUndefined()
  })
})

it('a request for embeddings has all inputs, and says how many vectors it expects', () => {
  const { path, body, inputCount } = prepareEmbedding({
    model: 'm',
    inputs: ['a', 'b'],
    options: {},
  })
  expect([path, inputCount]).toEqual(['/api/embed', 2])
  expect(JSON.parse(Buffer.from(body).toString())).toEqual({ model: 'm', input: ['a', 'b'] })
})
