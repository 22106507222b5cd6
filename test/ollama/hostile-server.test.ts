/** Servers that send without end, more than anybody needs, or what only looks like an answer. */
import { createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { limits } from '../../src/errors/limits.ts'
import type { Generation } from '../../src/ollama/generation.ts'
import { prepareEmbedding } from '../../src/ollama/generation.ts'
import { answers, json, streamHead } from '../support/scripted-ollama.ts'
import { clientOf, closeAfterTest, generate, request, serve, timeoutMs } from './scripted-client.ts'

/** A server that sends these bytes to each connection, and then others again and again. */
async function endless(once: string, again: string): Promise<string> {
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket)
    const send = () => {
      if (!socket.destroyed) socket.write(again, () => setImmediate(send))
    }
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(once, send))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  closeAfterTest(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => listener.close(() => resolve()))
  })
  const address = listener.address()
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
}

const head = (status: string) => `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n\r\n`
const line = (content: string) => `${JSON.stringify({ message: { content }, done: false })}\n`

describe('an answer without end', () => {
  const early = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'
  it.each([
    ['of tokens', head('200 OK'), line('x'.repeat(50_000)), 'longer than 4194304 characters'],
    ['without a token', head('200 OK'), line('').repeat(1000), 'longer than 67108864 bytes'],
    ['with an error status', head('500 Oh'), 'x'.repeat(65_536), 'longer than 67108864 bytes'],
    ['of early heads', early, early.repeat(100), '21 interim responses; the maximum is 20'],
    ['of one header', 'HTTP/1.1 200 OK\r\nx: ', 'x'.repeat(65_536), 'Header'],
  ])('%s is malformed, and is hung up on', async (_, once, again, error) => {
    const client = clientOf(await endless(once, again))
    const { outcome, error: found }: Generation = await client.generate(request, { timeoutMs })
    expect(found).toContain(error)
    expect(['malformed', 'reset']).toContain(outcome)
  })

  it.each([
    ['on one line', '[0],'.repeat(10_000)],
    ['on many lines', '[0],\n'.repeat(10_000)],
  ])('of embeddings %s is malformed', async (_, again) => {
    const client = clientOf(await endless(`${head('200 OK')}{"embeddings":[`, again))
    const embedding = prepareEmbedding({ model: 'm', inputs: ['a'], options: {} })
    expect(await client.generate(embedding, { timeoutMs })).toMatchObject({
      outcome: 'malformed',
      error: expect.stringContaining('longer than 16777216 bytes') as unknown,
    })
  })

  it.each([
    ['of text', head('200 OK'), 'x'.repeat(65_536), 'it sent more than 8000000 bytes'],
    ['of early heads', early, early.repeat(100), '21 interim responses; the maximum is 20'],
    ['of one header', 'HTTP/1.1 200 OK\r\nx: ', 'x'.repeat(65_536), 'cannot connect to'],
  ])('to a call of the API, %s, is an error', async (_, once, again, error) => {
    const client = clientOf(await endless(once, again))
    await expect(client.version()).rejects.toThrow(error)
  })
})

describe('an answer of the API', () => {
  const model = (name: string) => ({ name, digest: 'd', size: 1 })
  const models = (count: number) =>
    Array.from({ length: count }, (_, index) => model(`m${index}:latest`))
  const { max } = limits.serverEntries

  it('lists at most 10,000 models', async () => {
    const lists = [models(max), models(max + 1), Array<unknown>(2_000_000).fill(0)]
    const { client } = await serve({ other: () => json({ models: lists.shift() }) })
    expect(await client.tags()).toHaveLength(max)
    await expect(client.tags()).rejects.toThrow('does not answer like Ollama')
    await expect(client.tags()).rejects.toThrow('does not answer like Ollama')
  })

  it.each([
    ['a name of 2,001 characters', { ...model('x'.repeat(2001)) }],
    ['a negative size', { ...model('m'), size: -1 }],
    ['a size that is no number of bytes', { ...model('m'), size: 1e308 }],
    ['a size that a number here cannot hold', { ...model('m'), size: 2 ** 53 }],
    ['a part of a byte', { ...model('m'), size: 0.5 }],
  ])('is refused with %s', async (_, entry) => {
    const { client } = await serve({ other: () => json({ models: [entry] }) })
    await expect(client.tags()).rejects.toThrow('does not answer like Ollama')
  })

  it('has at most 10,000 capabilities', async () => {
    const capabilities = Array<unknown>(2_000_000).fill(0)
    const { client } = await serve({ other: () => json({ capabilities }) })
    await expect(client.show('m')).rejects.toThrow('does not answer like Ollama')
  })
})

describe('an answer', () => {
  it.each(['{"toString":1}', '{"toString":null,"valueOf":null}', '[[[]]]', '1e+308'])(
    'with the error %s is an error line, also of embeddings',
    async (error) => {
      const script = json({ error: JSON.parse(error) as unknown })
      expect(await generate(script)).toMatchObject({ outcome: 'error-line' })
      const { client } = await serve({ other: () => script })
      const embedding = prepareEmbedding({ model: 'm', inputs: ['a'], options: {} })
      const outcome = { outcome: 'error-line', error }
      expect(await client.generate(embedding, { timeoutMs })).toMatchObject(outcome)
    },
  )

  it.each([
    ['total_duration', 1e308, 'is longer than a duration can be'],
    ['eval_duration', 1e19, 'is longer than a duration can be'],
    ['load_duration', -1, 'is negative'],
    ['eval_count', -1, 'is negative'],
    ['eval_count', 1.5, 'is not a whole number'],
    ['eval_count', 1e308, 'is not a whole number'],
  ])('with %s %d is malformed', async (field, value, error) => {
    expect(await generate(answers({ final: { [field]: value } }))).toMatchObject({
      outcome: 'malformed',
      error: `\`${field}\` of the final line ${error}`,
    })
  })

  it('that is not UTF-8 has replacement characters', async () => {
    const bytes = Buffer.from(line('x\u00ff'), 'latin1')
    const script = [streamHead, { do: 'send', bytes } as const, ...answers().slice(1)]
    expect((await generate(script)).content).toContain('x\ufffd')
  })

  it('has embeddings of which none is empty, however many there are', async () => {
    const { client } = await serve({
      other: () => json({ embeddings: Array<unknown>(2_000_000).fill([]) }),
    })
    const embedding = prepareEmbedding({ model: 'm', inputs: ['a'], options: {} })
    expect(await client.generate(embedding, { timeoutMs })).toMatchObject({
      outcome: 'malformed',
      error: '2000000 embeddings for 1 inputs',
    })
  })
})
