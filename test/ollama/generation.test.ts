import { describe, expect, it } from 'vitest'
import { prepareRequest } from '../../src/ollama/generation.ts'

function body(request: Parameters<typeof prepareRequest>[0]): unknown {
  return JSON.parse(Buffer.from(prepareRequest(request).body).toString())
}

describe('prepareRequest', () => {
  it('sends the system prompt to the chat API as a separate message', () => {
    const format = { type: 'object' }
    const options = { temperature: 0, stop: ['\n'] }
    const request = {
      api: 'chat',
      model: 'qwen3:0.6b',
      system: '你是审核员',
      prompt: '加V',
    } as const
    expect(body({ ...request, options, think: false, format, keepAlive: -1 })).toEqual({
      model: 'qwen3:0.6b',
      messages: [
        { role: 'system', content: '你是审核员' },
        { role: 'user', content: '加V' },
      ],
      stream: true,
      options,
      think: false,
      format,
      keep_alive: -1,
    })
    expect(prepareRequest({ ...request, options }).path).toBe('/api/chat')
  })

  it('sends system prompt and prompt to the generate API as fields', () => {
    const request = { api: 'generate', model: 'm', system: 's', prompt: 'p', options: {} } as const
    expect(body(request)).toEqual({ model: 'm', system: 's', prompt: 'p', stream: true })
    expect(prepareRequest(request).path).toBe('/api/generate')
  })

  it('omits fields without a value, so that the defaults of the server apply', () => {
    expect(body({ api: 'chat', model: 'm', prompt: 'p', options: {} })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'p' }],
      stream: true,
    })
  })
})
