import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { OllamaClient } from '../../src/ollama/client.ts'
import { json, refuses, webPage } from '../support/scripted-ollama.ts'
import type { Script } from '../support/scripted-ollama.ts'
import { clientOf, serve } from './scripted-client.ts'

describe('calls of the API', () => {
  it('return the answers that the schemas describe', async () => {
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

  it('return an empty list if the server sends null', async () => {
    const { client } = await serve({ other: () => json({ models: null }) })
    expect(await client.tags()).toEqual([])
    expect(await client.ps()).toEqual([])
  })

  it('show as many digits of a digest as differ from the pinned ones', async () => {
    const digest = `${'a'.repeat(20)}b${'c'.repeat(43)}`
    const { client } = await serve({
      other: () => json({ models: [{ name: 'm:latest', digest, size: 1 }] }),
    })
    await expect(client.assertDigest('m', 'a'.repeat(21))).rejects.toThrow(
      `with the digest \`${'a'.repeat(20)}b\`, but the file pins \`${'a'.repeat(21)}\``,
    )
    await expect(client.assertDigest('m', 'a'.repeat(20))).resolves.toBeUndefined()
  })

  it('use the path and the credentials of the base URL, and the headers', async () => {
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
    await expect(client.version()).rejects.toThrow(`cannot connect to \`${shown}\``)
  })

  it.each([
    ['a web page', webPage(), 'does not answer like Ollama: it sent a web page'],
    ['a web page with a status', webPage(502), 'does not answer like Ollama: it sent a web page'],
    ['another JSON object', json({ name: 'x' }), '(200) {"name":"x"}'],
    ['an empty answer', [], 'it sent (200) nothing'],
    [
      'a redirect',
      [{ do: 'head', status: 301, headers: { location: 'https://x/' } }],
      'redirects to `https://x/`',
    ],
    ['an error', refuses(500, 'out of memory'), 'answers (500): out of memory'],
    ['status 403', [{ do: 'head', status: 403 }], 'forbids the request (403)'],
    ['status 401', [{ do: 'head', status: 401 }], 'denies access (401)'],
    [
      'an endless body',
      json({ name: 'x'.repeat(8_000_000) }),
      'like Ollama: it sent more than 8000000 bytes',
    ],
    ['a broken connection', [{ do: 'reset' }], 'cannot connect to'],
  ] satisfies [string, Script, string][])(
    'fail with a clear error after %s',
    async (_what, script, message) => {
      const { client } = await serve({ other: () => script })
      const error: unknown = await client.version().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'ExpError', code: 'environment' })
      expect(String(error)).toContain(message)
    },
  )

  it('name the command that pulls a missing model', async () => {
    const { client } = await serve({ models: ['llama3.2:1b'] })
    const missing = {
      code: 'environment',
      message: expect.stringContaining('does not have the model `qwen3:0.6b`') as string,
      hint: expect.stringMatching(
        /^OLLAMA_HOST=http:\/\/127\.0\.0\.1:\d+ ollama pull qwen3:0\.6b$/,
      ) as string,
    }
    await expect(client.show('qwen3:0.6b')).rejects.toMatchObject(missing)
  })

  it('name a server that ends with the run by its name, and never by its address', async () => {
    const answers: Readonly<Record<string, Script>> = {
      '/api/version': refuses(500, 'oh'),
      '/api/ps': webPage(),
      '/api/tags': [{ do: 'stall' }],
    }
    const { server } = await serve({
      models: [],
      other: ({ path }) => answers[path],
    })
    const client = new OllamaClient({ baseUrl: server.url, name: 'the server' })
    const messages = await Promise.all(
      [
        client.show('m'),
        client.version(),
        client.ps(),
        client.tags({ timeoutMs: 50 }),
        client.assertDigest('m', '0f1e2d3c4b5a', { timeoutMs: 50 }),
      ].map((call) =>
        call.then(String, (error: unknown) =>
          error instanceof ExpError ? `${error.message}; ${error.hint ?? ''}` : '',
        ),
      ),
    )
    await server.close()
    const refused = await client.version().catch(String)
    const { error } = await client.generate(
      { path: '/api/generate', body: Buffer.from('{}') },
      { timeoutMs: 1000 },
    )
    expect([...messages, refused, error]).toEqual([
      'the server does not have the model `m`; ollama pull m',
      'the server answers (500): oh; ',
      '`/api/ps` of the server does not answer like Ollama: it sent a web page; ',
      'the server did not answer within 0.05 s; check whether it is busy loading a model, or hangs',
      'the server did not answer within 0.05 s; check whether it is busy loading a model, or hangs',
      'ExpError: the server does not answer: connection refused',
      'connect ECONNREFUSED',
    ])
  })

  it('end after their timeout, and when the signal aborts', async () => {
    const { client } = await serve({ other: () => [{ do: 'stall' }] })
    await expect(client.version({ timeoutMs: 50 })).rejects.toThrow('did not answer within 0.05 s')
    const signal = AbortSignal.timeout(30)
    await expect(client.version({ signal })).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('reject a base URL that is not an http or https URL', () => {
    expect(() => new OllamaClient({ baseUrl: 'localhost:11434' })).toThrow('is not the address')
    expect(() => new OllamaClient({ baseUrl: 'http://' })).toThrow('is not the address')
  })
})

describe('loading and unloading', () => {
  it('loads the model with the options of the later requests', async () => {
    const { server, client } = await serve({ generate: json({ done: true, done_reason: 'load' }) })
    await client.preload('m', { num_ctx: 2048 }, -1)
    expect(server.received[0]).toMatchObject({
      path: '/api/generate',
      body: { model: 'm', options: { num_ctx: 2048 }, keep_alive: -1, stream: false },
    })
  })

  it('explains why a model cannot be loaded', async () => {
    const { client } = await serve({ generate: refuses(404, "model 'm' not found") })
    await expect(client.preload('m', {}, undefined)).rejects.toMatchObject({
      hint: expect.stringMatching(/^OLLAMA_HOST=http:.* ollama pull m$/) as string,
    })
  })

  it('waits until the model is unloaded', async () => {
    let polls = 0
    const { server, client } = await serve({
      generate: json({ done: true, done_reason: 'unload' }),
      other: () =>
        json({ models: ++polls < 3 ? [{ name: 'm:latest', digest: 'd', size: 1 }] : [] }),
    })
    await client.unload('m')
    expect(polls).toBe(3)
    expect(server.received[0]?.body).toMatchObject({ model: 'm', keep_alive: 0 })
  })
})
