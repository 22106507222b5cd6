/** The embeddings of the embedded engine are those of llama.cpp. */
import { describe, expect, it } from 'vitest'
import { engineForTests, model } from './running-engine.ts'

const running = engineForTests()

const embed = async (input: string | string[], more: object = {}) =>
  running().client.embed({ model, input, ...more })

const product = (one: readonly number[], other: readonly number[]) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? NaN), 0)

describe('/api/embed', () => {
  it('answers with a vector of length 1 for each input, the same for the same text', async () => {
    const { embeddings, prompt_eval_count: tokens } = await embed(['hello', 'goodbye', 'hello'])
    expect(embeddings.map((vector) => vector.length)).toEqual([256, 256, 256])
    const [first = [], second = [], third = []] = embeddings
    expect(product(first, first)).toBeCloseTo(1, 5)
    expect(product(first, third)).toBeCloseTo(1, 5)
    expect(product(first, second)).toBeLessThan(0.999)
    expect(tokens).toBeGreaterThanOrEqual(3)
  })

  it('shortens vectors to the requested dimensions', async () => {
    const { embeddings } = await embed('hello', { dimensions: 8 })
    const [vector = []] = embeddings
    expect(vector).toHaveLength(8)
    expect(product(vector, vector)).toBeCloseTo(1, 5)
  })

  it('only loads the model for an empty input', async () => {
    expect((await embed('')).embeddings).toEqual([])
  })

  it('cuts a text that is longer than the context, or refuses it', async () => {
    const long = 'word '.repeat(400)
    const options = { num_ctx: 64 }
    const { prompt_eval_count: tokens } = await embed(long, { options })
    expect(tokens).toBeLessThan(64)
    const refused = await running().post('/api/embed', {
      model,
      input: long,
      truncate: false,
      options,
    })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('the input length exceeds the context length')
  })

  it('refuses an unknown model and a wrong type', async () => {
    expect((await running().post('/api/embed', { model: 'none', input: 'a' })).status).toBe(404)
    expect((await running().post('/api/embed', { model, input: 5 })).status).toBe(400)
  })
})
