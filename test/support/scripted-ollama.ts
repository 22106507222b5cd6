/**
 * A real HTTP server on loopback that answers Ollama's API by a script: at once, late, never, with a lost
 * connection, with bytes split anywhere, or with wrong content. It records the requests that it received.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** One action of the server. */
export type Step =
  | {
      readonly do: 'head'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly do: 'send'; readonly bytes: string | Buffer }
  /** Sends `size` bytes at a time, each time in a separate packet. */
  | { readonly do: 'dribble'; readonly bytes: string | Buffer; readonly size: number }
  | { readonly do: 'wait'; readonly ms: number }
  /** Waits until the promise resolves. */
  | { readonly do: 'hold'; readonly until: () => Promise<unknown> }
  /** Waits until the client closes the connection. */
  | { readonly do: 'stall' }
  /** Resets the connection. */
  | { readonly do: 'reset' }

export type Script = readonly Step[]

export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The parsed body, or undefined if there was none. */
  readonly body: unknown
  /** Number of this request among the requests to generate, from 0. */
  readonly index: number
}

export interface ScriptedOptions {
  /** The script of `/api/generate` and `/api/chat`; answers at once by default. */
  readonly generate?: Script | ((request: ReceivedRequest) => Script)
  /** The script of the other paths, in place of Ollama's own answers. */
  readonly other?: (request: ReceivedRequest) => Script | undefined
  /** The models of the server; by default it has every model. */
  readonly models?: readonly string[]
  /** The part of the path before `/api/…`. */
  readonly basePath?: string
}

export class ScriptedOllama {
  readonly received: ReceivedRequest[] = []
  /** Running requests to generate. */
  inFlight = 0
  /** The maximum of `inFlight` so far. */
  maxInFlight = 0
  /** Requests to generate whose client closed the connection before the end. */
  abandoned = 0
  /** Number of connections accepted so far. */
  connections = 0
  port = 0
  readonly #server: Server
  readonly #options: ScriptedOptions
  #generated = 0

  private constructor(options: ScriptedOptions) {
    this.#options = options
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.keepAliveTimeout = 60_000
    this.#server.on('connection', () => (this.connections += 1))
  }

  static async start(options: ScriptedOptions = {}, port = 0): Promise<ScriptedOllama> {
    const scripted = new ScriptedOllama(options)
    await new Promise<void>((resolve, reject) => {
      scripted.#server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    const address = scripted.#server.address()
    if (typeof address === 'object' && address !== null) scripted.port = address.port
    return scripted
  }

  /** Base URL without a trailing slash. */
  get url(): string {
    return `http://127.0.0.1:${this.port}${this.#options.basePath ?? ''}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').slice((this.#options.basePath ?? '').length)
    const text = await bodyOf(request)
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    const isGeneration = path === '/api/generate' || path === '/api/chat'
    const index = isGeneration ? this.#generated++ : 0
    const { method = '', headers } = request
    const received = { method, path, headers, body, index }
    this.received.push(received)
    if (isGeneration) await this.#generate(received, response)
    else await play(this.#options.other?.(received) ?? this.#ownAnswer(received), response)
  }

  async #generate(received: ReceivedRequest, response: ServerResponse): Promise<void> {
    const { generate = answers() } = this.#options
    this.inFlight += 1
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight)
    const script = typeof generate === 'function' ? generate(received) : generate
    const abandoned = await play(script, response)
    if (abandoned) this.abandoned += 1
    this.inFlight -= 1
  }

  #ownAnswer({ path, body }: ReceivedRequest): Script {
    const names = this.#options.models ?? ['qwen3:0.6b']
    const models = names.map((name) => ({
      name,
      model: name,
      size: 522_000_000,
      size_vram: 261_000_000,
      context_length: 4096,
      digest: 'a'.repeat(64),
      details: { family: 'qwen3', parameter_size: '751.63M', quantization_level: 'Q4_K_M' },
      expires_at: '2318-01-01T00:00:00Z',
    }))
    const model = typeof body === 'object' && body !== null && 'model' in body ? body.model : ''
    if (path === '/') return json('Ollama is running')
    if (path === '/api/version') return json({ version: '0.11.3' })
    if (path === '/api/tags' || path === '/api/ps') return json({ models })
    if (path !== '/api/show') return refuses(404, '404 page not found')
    if (this.#options.models?.includes(String(model)) === false)
      return refuses(404, `model '${String(model)}' not found`)
    return json({ details: models[0]?.details, capabilities: ['completion'], model_info: {} })
  }
}

export interface ScriptedAnswer {
  readonly api?: 'chat' | 'generate'
  readonly thinking?: readonly string[]
  readonly content?: readonly string[]
  /** Fields of the final line that replace the defaults; `undefined` omits a field. Durations are in nanoseconds. */
  readonly final?: Readonly<Record<string, unknown>>
  /** Delay before the headers and the first line, which Ollama sends together. */
  readonly waitMs?: number
  /** Delay between two lines. */
  readonly gapMs?: number
}

/** The lines of an answer, each with its line feed. */
export function answerLines(answer: ScriptedAnswer = {}): readonly string[] {
  const { api = 'chat', thinking = [], content = ['{"score":', '95}'] } = answer
  const line = (fields: Readonly<Record<string, unknown>>, more?: object) => {
    const { response, ...message } = { response: fields['content'] ?? '', ...fields }
    const answerFields =
      api === 'generate'
        ? { response, ...(fields['thinking'] !== undefined && { thinking: fields['thinking'] }) }
        : { message: { role: 'assistant', content: '', ...message } }
    return `${JSON.stringify({ model: 'm', created_at: '2025-08-08T14:21:03Z', ...answerFields, done: more !== undefined, ...more })}\n`
  }
  const final = {
    done_reason: 'stop',
    total_duration: 40_000_000,
    load_duration: 10_000_000,
    prompt_eval_count: 31,
    prompt_eval_duration: 8_000_000,
    eval_count: thinking.length + content.length,
    eval_duration: 20_000_000,
    ...answer.final,
  }
  return [
    ...thinking.map((piece) => line({ thinking: piece })),
    ...content.map((piece) => line({ content: piece })),
    line({}, final),
  ]
}

export function answers(answer: ScriptedAnswer = {}): Script {
  const { waitMs = 0, gapMs = 0 } = answer
  const pieces = answerLines(answer).flatMap((bytes, index): Script => {
    const ms = index === 0 ? waitMs : gapMs
    const send = { do: 'send', bytes } as const
    return ms === 0 ? [send] : [{ do: 'wait', ms }, send]
  })
  // The headers come with the first line, after the first delay.
  const first = pieces.findIndex((step) => step.do === 'send')
  return pieces.toSpliced(first, 0, streamHead)
}

/** An answer after this time, with durations that say the same. */
export function answersAfter(waitMs: number): Script {
  const ns = waitMs * 1e6
  const parts = { load_duration: 0, prompt_eval_duration: 0.2 * ns, eval_duration: 0.7 * ns }
  return answers({ waitMs, final: { total_duration: ns, ...parts } })
}

export const streamHead: Step = {
  do: 'head',
  status: 200,
  headers: { 'content-type': 'application/x-ndjson' },
}

/** An error in Ollama's format. */
export function refuses(status: number, error: string): Script {
  return json({ error }, status)
}

export function json(value: unknown, status = 200): Script {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return [
    { do: 'head', status, headers },
    { do: 'send', bytes: JSON.stringify(value) },
  ]
}

export function webPage(status = 200): Script {
  const headers = { 'content-type': 'text/html' }
  const bytes = '<!doctype html>\n<html><body><h1>It works!</h1></body></html>\n'
  return [
    { do: 'head', status, headers },
    { do: 'send', bytes },
  ]
}

/** Resolves to true if the client closed the connection before the end. */
async function play(script: Script, response: ServerResponse): Promise<boolean> {
  const closed = new Promise<void>((resolve) => response.once('close', resolve))
  response.on('error', () => undefined)
  for (const step of script) {
    if (response.destroyed) return true
    if (step.do !== 'head' && step.do !== 'send' && response.headersSent) response.flushHeaders()
    switch (step.do) {
      case 'head':
        response.writeHead(step.status, { ...step.headers })
        break
      case 'send':
        response.write(step.bytes)
        break
      case 'dribble':
        await dribble(response, Buffer.from(step.bytes), step.size)
        break
      case 'wait':
        await Promise.race([sleep(step.ms), closed])
        break
      case 'hold':
        await Promise.race([step.until(), closed])
        break
      case 'stall':
        await closed
        return true
      case 'reset':
        // Let the bytes that were sent before leave first.
        await sleep(5)
        response.socket?.resetAndDestroy()
        return false
    }
  }
  response.end()
  return false
}

async function dribble(response: ServerResponse, bytes: Buffer, size: number): Promise<void> {
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    response.write(bytes.subarray(at, at + size))
    await nextTurn()
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
