import { describe, expect, it } from 'vitest'
import { collect, endlessText, engineForTests, model } from './running-engine.ts'

const running = engineForTests()
const options = { temperature: 0, num_predict: 12 }
const question = { role: 'user', content: '判断下面的漫画评论是否为广告' }

describe('the official client', () => {
  it('lists the version and the models', async () => {
    const { client } = running()
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+-exp-embedded/)
    const { models } = await client.list()
    expect(models.map(({ name }) => name)).toEqual([model, 'qwen3:0.6b'])
    expect(models[0]?.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(models[0]?.details).toMatchObject({ family: 'llama', quantization_level: 'F16' })
  })

  it('shows a model', async () => {
    const shown = await running().client.show({ model })
    expect(shown.capabilities).toEqual(['completion', 'embedding'])
    expect(shown.template).toContain('<|im_start|>')
    expect(shown.details.parameter_size).toBe('6.67M')
    expect(Object.entries(shown.model_info)).toContainEqual(['general.architecture', 'llama'])
    expect(Object.entries(shown.model_info)).toContainEqual(['tokenizer.ggml.tokens', null])
  })

  it('generates the same answer with and without streaming', async () => {
    const { client } = running()
    const whole = await client.generate({ model, prompt: 'hello', options })
    expect(whole).toMatchObject({ model, done: true, eval_count: 12, done_reason: 'length' })
    expect(whole.response).not.toBe('')
    expect(whole.context.length).toBe(whole.prompt_eval_count + 12)
    const stream = await client.generate({ model, prompt: 'hello', options, stream: true })
    const parts = await collect(stream)
    expect(parts.map(({ response }) => response).join('')).toBe(whole.response)
    expect(parts.map(({ done }) => done)).toEqual([...parts.slice(1).map(() => false), true])
  })

  it('chats with the same answer with and without streaming', async () => {
    const { client } = running()
    const messages = [{ role: 'system', content: '只输出 JSON' }, question]
    const whole = await client.chat({ model, messages, options })
    expect(whole.message.role).toBe('assistant')
    expect(whole.eval_count).toBe(12)
    const parts = await collect(await client.chat({ model, messages, options, stream: true }))
    expect(parts.map(({ message }) => message.content).join('')).toBe(whole.message.content)
    expect(parts.at(-1)).toMatchObject({ done: true, done_reason: 'length', eval_count: 12 })
  })

  it('continues the conversation given in `context`', async () => {
    const { client } = running()
    const first = await client.generate({ model, prompt: 'one', options })
    const second = await client.generate({ model, prompt: 'two', context: first.context, options })
    expect(second.prompt_eval_count).toBeGreaterThan(first.prompt_eval_count + 12)
  })

  it('lists the loaded model, keeps it forever, and unloads it', async () => {
    const { client } = running()
    await client.generate({ model, prompt: '', keep_alive: -1 })
    const { models } = await client.ps()
    expect(models).toHaveLength(1)
    expect(models[0]).toMatchObject({ name: model, size_vram: 0, context_length: 4096 })
    expect(models[0]?.size).toBeGreaterThan(13_000_000)
    expect(new Date(models[0]?.expires_at ?? 0).getFullYear()).toBeGreaterThan(2300)
    const unloaded = await client.generate({ model, prompt: '', keep_alive: 0 })
    expect(unloaded.done_reason).toBe('unload')
    await expect.poll(async () => (await client.ps()).models, { timeout: 30_000 }).toEqual([])
  })

  it('receives an error for an unknown model', async () => {
    await expect(running().client.chat({ model: 'nope', messages: [question] })).rejects.toThrow(
      "model 'nope' not found",
    )
  })

  it('cancels a stream', async () => {
    const { client } = running()
    const stream = await client.generate({
      model,
      prompt: 'x',
      stream: true,
      format: endlessText,
    })
    const read = async (): Promise<void> => {
      for await (const part of stream) if (part.response !== '') stream.abort()
    }
    await expect(read()).rejects.toThrow(/abort/i)
    // This request would wait for minutes if the only slot were still busy.
    const after = await client.generate({ model, prompt: 'x', options: { num_predict: 1 } })
    expect(after.eval_count).toBe(1)
  })
})
