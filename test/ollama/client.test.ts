import { gzipSync } from 'node:zlib'
import { createServer } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { OllamaClient } from '../../src/ollama/client.ts'
import {
  answerLines,
  answers,
  refuses,
  ScriptedOllama,
  streamHead,
  webPage,
} from '../support/scripted-ollama.ts'
import type { Script, Step } from '../support/scripted-ollama.ts'
import {
  clientOf,
  closeAfterTest,
  generate,
  pollOptions,
  request,
  serve,
  timeoutMs,
} from './scripted-client.ts'

const [firstLine = '', ...restLines] = answerLines()

describe('a generation', () => {
  it('has the answer, the figures of the server, and the time of each event', async () => {
    let time = 1000
    let reads = 0
    let readsBefore = 0
    const now = () => {
      reads += 1
      return time
    }
    /** Advances the clock once the client has read the time of the previous bytes. */
    const advance = (ms: number): Step => ({
      do: 'hold',
      until: async () => {
        await vi.waitUntil(() => reads > readsBefore, { ...pollOptions, interval: 1 })
        readsBefore = reads
        time += ms
      },
    })
    const lines = answerLines({ thinking: ['哦'], content: ['好', '的'] })
    const gaps = [60, 30, 50, 20]
    const script = lines.flatMap((bytes, at) => [
      advance(gaps[at]!),
      { do: 'send', bytes } as const,
    ])
    const server = await ScriptedOllama.start({ generate: script.toSpliced(1, 0, streamHead) })
    closeAfterTest(() => server.close())
    const client = new OllamaClient({ baseUrl: server.url, now })
    closeAfterTest(() => client.close())
    expect(await client.generate(request, { timeoutMs })).toMatchObject({
      outcome: 'ok',
      httpStatus: 200,
      thinking: '哦',
      content: '好的',
      promptTokens: 31,
      outputTokens: 3,
      totalMs: 40,
      doneReason: 'stop',
      sentAt: 1000,
      firstByteAt: 1060,
      firstThinkingAt: 1060,
      firstContentAt: 1090,
      endedAt: 1160,
      longestGap: 50,
      tokenGaps: [30, 50],
    })
  })

  it('does not depend on how the server splits its bytes', async () => {
    const lines = answerLines({ thinking: ['漫', '画'], content: ['资源😀', '秒发'] }).join('')
    const scripts: Script[] = []
    const { client } = await serve({ generate: () => scripts.pop() ?? [] })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (size) => {
        scripts.push([streamHead, { do: 'dribble', bytes: lines, size }])
        const generation = await client.generate(request, { timeoutMs })
        expect(generation).toMatchObject({
          outcome: 'ok',
          thinking: '漫画',
          content: '资源😀秒发',
          outputTokens: 4,
        })
      }),
      { numRuns: 25 },
    )
  })

  it('does not need a line break after the final line', async () => {
    const bytes = answerLines().join('').trimEnd()
    expect((await generate([streamHead, { do: 'send', bytes }])).outcome).toBe('ok')
  })

  it('reads a stream that begins with a byte order mark', async () => {
    const bytes = `\ufeff${answerLines().join('')}`
    expect((await generate([streamHead, { do: 'send', bytes }])).outcome).toBe('ok')
  })

  it('names the compression of an answer if it was not requested', async () => {
    const headers = { 'content-encoding': 'gzip' }
    const bytes = gzipSync(answerLines().join(''))
    expect(
      await generate([
        { do: 'head', status: 200, headers },
        { do: 'send', bytes },
      ]),
    ).toMatchObject({
      outcome: 'malformed',
      error: 'the answer is compressed (gzip), which was not asked for',
    })
  })

  it('ends as an error line if the server sends one', async () => {
    const bytes = '{"error":"model runner has unexpectedly stopped"}\n'
    const script: Script = [streamHead, { do: 'send', bytes: firstLine }, { do: 'send', bytes }]
    expect(await generate(script)).toMatchObject({
      outcome: 'error-line',
      httpStatus: 200,
      error: 'model runner has unexpectedly stopped',
      content: '{"score":',
    })
    expect(await generate([...script, { do: 'reset' }])).toMatchObject({ outcome: 'error-line' })
  })

  it('ends as incomplete if the stream ends without `done`', async () => {
    const generation = await generate([streamHead, { do: 'send', bytes: firstLine }])
    expect(generation).toMatchObject({ outcome: 'incomplete', content: '{"score":' })
    expect(generation.outputTokens).toBeUndefined()
    expect(await generate([streamHead])).toMatchObject({ outcome: 'incomplete' })
  })

  it('ends as malformed if a line is not JSON, and closes the connection at once', async () => {
    const bytes = `${firstLine}{"done":fal\n`
    const script: Script = [streamHead, { do: 'send', bytes }, { do: 'stall' }]
    const { server, client } = await serve({ generate: script })
    expect(await client.generate(request, { timeoutMs })).toMatchObject({
      outcome: 'malformed',
      error: 'not a JSON object: {"done":fal',
    })
    await expect.poll(() => server.abandoned, pollOptions).toBe(1)
  })

  it('ends as malformed if a line does not end', async () => {
    const bytes = Buffer.alloc(17 * 1024 * 1024, 'x')
    expect(await generate([streamHead, { do: 'send', bytes }, { do: 'stall' }])).toMatchObject({
      outcome: 'malformed',
      error: 'a line is longer than 16777216 bytes',
    })
  })

  it('ends as malformed if a web page arrives with status 200', async () => {
    expect(await generate(webPage())).toMatchObject({
      outcome: 'malformed',
      httpStatus: 200,
      error: 'the answer is a web page, not a stream of Ollama',
    })
  })

  it('ends as empty if no token arrives', async () => {
    const script = answers({ content: [], final: { eval_count: undefined } })
    expect(await generate(script)).toMatchObject({ outcome: 'empty', outputTokens: 0 })
  })

  it.each([
    [
      503,
      refuses(503, 'server busy, please try again.  maximum pending requests exceeded'),
      /busy/,
    ],
    [404, refuses(404, "model 'x' not found"), /not found/],
    [429, refuses(429, 'slow down'), /^slow down$/],
    [429, [{ do: 'head', status: 429, headers: { 'retry-after': '1' } }] as const, undefined],
    [500, webPage(500), /^a web page$/],
    [502, [{ do: 'head', status: 502 }] as const, undefined],
    [302, [{ do: 'head', status: 302, headers: { location: '/login' } }] as const, /to \/login/],
  ])('ends as an HTTP error for status %i', async (status, script, error) => {
    const generation = await generate(script)
    expect(generation).toMatchObject({ outcome: 'http-error', httpStatus: status })
    if (error === undefined) expect(generation.error).toBeUndefined()
    else expect(generation.error).toMatch(error)
    expect(generation.endedAt).toBeGreaterThan(generation.sentAt)
  })

  it('keeps at most 500 characters of an error, without control codes', async () => {
    const { error = '' } = await generate(refuses(500, '\u001b[2J\n'.repeat(2) + '错'.repeat(900)))
    expect(error).toHaveLength(500)
    expect(error).not.toMatch(/[\u0000-\u001f]/)
  })

  it('ends as reset if the connection is lost before or during the stream', async () => {
    expect(await generate([{ do: 'reset' }])).toMatchObject({ outcome: 'reset' })
    const generation = await generate([
      streamHead,
      { do: 'send', bytes: firstLine },
      { do: 'reset' },
    ])
    expect(generation).toMatchObject({ outcome: 'reset', content: '{"score":' })
    expect(generation.firstContentAt).toBeDefined()
  })

  it('is ok if the connection is lost after the final line', async () => {
    const bytes = firstLine + restLines.join('')
    const generation = await generate([streamHead, { do: 'send', bytes }, { do: 'reset' }])
    expect(generation).toMatchObject({ outcome: 'ok', outputTokens: 2 })
  })

  it('ends as refused if no server listens', async () => {
    const { server, client } = await serve({})
    await server.close()
    expect(await client.generate(request, { timeoutMs })).toMatchObject({
      outcome: 'refused',
    })
  })

  it('ends as refused if the server does not speak TLS', async () => {
    const { server } = await serve({})
    const client = clientOf(server.url.replace('http:', 'https:'))
    const generation = await client.generate(request, { timeoutMs })
    expect(generation.outcome).toBe('refused')
  })

  it('ends as malformed if the server does not speak HTTP', async () => {
    const listener = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.write('220 smtp ready\r\n'))
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    closeAfterTest(() => new Promise((resolve) => listener.close(() => resolve())))
    const address = listener.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const client = clientOf(`http://127.0.0.1:${port ?? 0}`)
    const generation = await client.generate(request, { timeoutMs })
    expect(generation.outcome).toBe('malformed')
  })

  it.each([
    ['before the first byte', [{ do: 'stall' }] as const],
    ['in the stream', [streamHead, { do: 'send', bytes: firstLine }, { do: 'stall' }] as const],
  ])('ends as a timeout %s, and closes the connection', async (_when, script) => {
    const { server, client } = await serve({ generate: script })
    const generation = await client.generate(request, { timeoutMs: 200 })
    expect(generation.outcome).toBe('timeout')
    expect(generation.endedAt - generation.sentAt).toBeGreaterThan(198)
    // On a slow machine the request may not have arrived at all.
    await expect.poll(() => server.received.length - server.abandoned, pollOptions).toBe(0)
  })

  it('is cancelled by the signal, which closes the connection', async () => {
    const { server, client } = await serve({ generate: [streamHead, { do: 'stall' }] })
    const abort = new AbortController()
    const running = [1, 2, 3].map(() =>
      client.generate(request, { timeoutMs, signal: abort.signal }),
    )
    await expect.poll(() => server.inFlight, pollOptions).toBe(3)
    abort.abort()
    expect((await Promise.all(running)).map(({ outcome }) => outcome)).toEqual(
      Array(3).fill('cancelled'),
    )
    await expect.poll(() => server.abandoned, pollOptions).toBe(3)
  })

  it('is not sent if the signal is aborted before', async () => {
    const { server, client } = await serve({})
    const generation = await client.generate(request, {
      timeoutMs,
      signal: AbortSignal.abort(),
    })
    expect(generation.outcome).toBe('cancelled')
    expect(server.received).toEqual([])
  })

  it('leaves the client usable, also after failures', async () => {
    const scripts: Script[] = [
      answers(),
      [{ do: 'stall' }],
      [{ do: 'reset' }],
      refuses(503, 'busy'),
      answers(),
    ]
    const outcomes: string[] = []
    const { client } = await serve({ generate: () => scripts[outcomes.length] ?? [] })
    while (outcomes.length < scripts.length) {
      const limit = outcomes.length === 1 ? 100 : timeoutMs
      outcomes.push((await client.generate(request, { timeoutMs: limit })).outcome)
    }
    expect(outcomes).toEqual(['ok', 'timeout', 'reset', 'http-error', 'ok'])
  })
})

describe('connections', () => {
  it('add nothing to the time of a request, which begins when its bytes leave', async () => {
    const server = await ScriptedOllama.start({})
    closeAfterTest(() => server.close())
    let time = 0
    const client = new OllamaClient({ baseUrl: server.url, now: () => time })
    closeAfterTest(() => client.close())
    for (const sentAt of [500, 1000]) {
      const generation = client.generate(request, { timeoutMs })
      // The first request waits for its connection, the second for undici, which examines an idle connection first.
      time = sentAt
      expect(await generation).toMatchObject({ outcome: 'ok', sentAt })
    }
  })

  it('are opened by `connect`, and reused by all requests', async () => {
    const { server, client } = await serve({ generate: answers({ waitMs: 20 }) })
    await client.connect(5)
    expect(server.connections).toBe(5)
    for (let pass = 0; pass < 3; pass += 1)
      await Promise.all(Array.from({ length: 5 }, () => client.generate(request, { timeoutMs })))
    expect(server.connections).toBe(5)
  })

  it('are an error with the address if no server listens', async () => {
    const { server, client } = await serve({})
    await server.close()
    await expect(client.connect(2)).rejects.toMatchObject({
      code: 'environment',
      message: `cannot connect to \`http://127.0.0.1:${server.port}\`: connection refused`,
    })
  })
})
