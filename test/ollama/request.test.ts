import { describe, expect, it } from 'vitest'
import { prepareRequest } from '../../src/ollama/request.ts'

function body(asked: Parameters<typeof prepareRequest>[0]): unknown {
  return JSON.parse(Buffer.from(prepareRequest(asked).body).toString())
}

describe('prepareRequest', () => {
  it('asks chat with the system prompt as a message of its own', () => {
    const format = { type: 'object' }
    const options = { temperature: 0, stop: ['\n'] }
    const asked = { api: 'chat', model: 'qwen3:0.6b', system: '你是审核员', prompt: '加V' } as const
    expect(body({ ...asked, options, think: false, format, keepAlive: -1 })).toEqual({
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
    expect(prepareRequest({ ...asked, options }).path).toBe('/api/chat')
  })

  it('asks generate with system and prompt as fields', () => {
    const asked = { api: 'generate', model: 'm', system: 's', prompt: 'p', options: {} } as const
    expect(body(asked)).toEqual({ model: 'm', system: 's', prompt: 'p', stream: true })
    expect(prepareRequest(asked).path).toBe('/api/generate')
  })

  it('leaves to the server what is not asked', () => {
    expect(body({ api: 'chat', model: 'm', prompt: 'p', options: {} })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'p' }],
      stream: true,
    })
  })
})
