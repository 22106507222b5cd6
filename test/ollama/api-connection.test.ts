import { afterEach, describe, expect, it } from 'vitest'
import { OllamaClient } from '../../src/ollama/client.ts'
import { json, refuses, ScriptedOllama, webPage } from '../support/scripted-ollama.ts'
import type { Script, ScriptedOptions } from '../support/scripted-ollama.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function serve(
  options: ScriptedOptions = {},
): Promise<{ server: ScriptedOllama; client: OllamaClient }> {
  const server = await ScriptedOllama.start(options)
  const client = clientOf(server.url)
  closing.push(() => server.close())
  return { server, client }
}

function clientOf(baseUrl: string, headers: Readonly<Record<string, string>> = {}): OllamaClient {
  const client = new OllamaClient({ baseUrl, headers })
  closing.push(() => client.close())
  return client
}

describe('questions about a server', () => {
  it('are answered by their schema', async () => {
    const { client } = await serve()
    expect(await client.version()).toBe('0.11.3')
    const model = {
      name: 'qwen3:0.6b',
      digest: 'a'.repeat(64),
      sizeBytes: 522_000_000,
      family: 'qwen3',
      parameterSize: '751.63M',
      quantization: 'Q4_K_M',
    }
    expect(await client.tags()).toEqual([model])
    expect(await client.ps()).toEqual([
      { ...model, vramBytes: 261_000_000, contextLength: 4096, expiresAt: '2318-01-01T00:00:00Z' },
    ])
    expect(await client.show('qwen3:0.6b')).toMatchObject({
      quantization: 'Q4_K_M',
      capabilities: ['completion'],
    })
  })

  it('take the lists that Go leaves null as empty', async () => {
    const { client } = await serve({ other: () => json({ models: null }) })
    expect(await client.tags()).toEqual([])
    expect(await client.ps()).toEqual([])
  })

  it('go to a base URL with a path, with headers and credentials', async () => {
    const { server } = await serve({ basePath: '/team/ollama' })
    const client = clientOf(`${server.url.replace('//', '//ann:s%40crit@')}/`, { 'x-team': 'b' })
    expect(await client.version()).toBe('0.11.3')
    expect(server.received[0]).toMatchObject({
      path: '/api/version',
      headers: {
        'x-team': 'b',
        authorization: `Basic ${Buffer.from('ann:s@crit').toString('base64')}`,
      },
    })
    await server.close()
    const shown = `http://127.0.0.1:${server.port}/team/ollama`
    await expect(client.version()).rejects.toThrow(`no server answers at \`${shown}\``)
  })

  it.each([
    ['a web page', webPage(), 'does not answer as Ollama does: with a web page'],
    ['a web page with a status', webPage(502), 'does not answer as Ollama does: with a web page'],
    ['something else', json({ name: 'x' }), '(200) {"name":"x"}'],
    ['nothing', [], '(200) with nothing'],
    [
      'a redirect',
      [{ do: 'head', status: 301, headers: { location: 'https://x/' } }],
      'redirects to `https://x/`',
    ],
    ['an error', refuses(500, 'out of memory'), 'says (500): out of memory'],
    ['a closed door', [{ do: 'head', status: 403 }], 'forbids the request (403)'],
    ['a locked door', [{ do: 'head', status: 401 }], 'does not let us in (401)'],
    ['no end', json({ name: 'x'.repeat(64 * 2 ** 20) }), 'as Ollama does: with more than 64 MiB'],
    ['a broken connection', [{ do: 'reset' }], 'no server answers at'],
  ] satisfies [string, Script, string][])(
    'end in words for people at %s',
    async (_what, script, words) => {
      const { client } = await serve({ other: () => script })
      const error: unknown = await client.version().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'ExpError', code: 'environment' })
      expect(String(error)).toContain(words)
    },
  )

  it('name the command that pulls a model that is not there', async () => {
    const { client } = await serve({ models: ['llama3.2:1b'] })
    const missing = {
      code: 'environment',
      message: expect.stringContaining('does not have the model `qwen3:0.6b`') as string,
      hint: 'ollama pull qwen3:0.6b',
    }
    await expect(client.show('qwen3:0.6b')).rejects.toMatchObject(missing)
  })

  it('end after their own time, and with the signal', async () => {
    const { client } = await serve({ other: () => [{ do: 'stall' }] })
    await expect(client.version({ timeoutMs: 50 })).rejects.toThrow('did not answer within 0.05 s')
    const signal = AbortSignal.timeout(30)
    await expect(client.version({ signal })).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('refuse an address that is none', () => {
    expect(() => new OllamaClient({ baseUrl: 'localhost:11434' })).toThrow('is not the address')
    expect(() => new OllamaClient({ baseUrl: 'http://' })).toThrow('is not the address')
  })
})

describe('loading and unloading', () => {
  it('loads with the options that the requests will have', async () => {
    const { server, client } = await serve({ generate: json({ done: true, done_reason: 'load' }) })
    await client.preload('m', { num_ctx: 2048 }, -1)
    expect(server.received[0]).toMatchObject({
      path: '/api/generate',
      body: { model: 'm', options: { num_ctx: 2048 }, keep_alive: -1, stream: false },
    })
  })

  it('tells why a model cannot be loaded', async () => {
    const { client } = await serve({ generate: refuses(404, "model 'm' not found") })
    await expect(client.preload('m', {}, undefined)).rejects.toMatchObject({
      hint: 'ollama pull m',
    })
  })

  it('waits until the model is gone', async () => {
    let looks = 0
    const { server, client } = await serve({
      generate: json({ done: true, done_reason: 'unload' }),
      other: () =>
        json({ models: ++looks < 3 ? [{ name: 'm:latest', digest: 'd', size: 1 }] : [] }),
    })
    await client.unload('m')
    expect(looks).toBe(3)
    expect(server.received[0]?.body).toMatchObject({ model: 'm', keep_alive: 0 })
  })
})
