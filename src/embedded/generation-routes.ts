/** `POST /api/generate` and `POST /api/chat`. */
import type { Token } from 'node-llama-cpp'
import { answer, unloadLine, type AnswerRequest, type RenderedPrompt } from './answer.ts'
import { renderChat, type ChatMessage } from './synthetic-model.ts'
import type { Engine } from './engine.ts'
import { parseKeepAlive } from './go-duration.ts'
import type { LoadedModel } from './loaded-model.ts'
import { slogLine, type Log } from './log-line.ts'
import type { ModelNames, ServerSettings } from './server-settings.ts'
import { parseModelOptions } from './model-options.ts'
import { HttpProblem, type Reply } from './reply.ts'
import {
  chatRequest,
  generateRequest,
  parseBody,
  type ChatRequest,
  type GenerateRequest,
} from './request-body.ts'

/** The running engine and the settings that routes need to answer requests. */
export interface RouteContext {
  readonly engine: Engine
  readonly modelNames: ModelNames
  readonly settings: ServerSettings
  readonly version: string
  readonly log: Log
}

/** A request whose body has been read. */
export interface Call {
  readonly body: string
  /** Arrival of the request, by `performance.now()`. */
  readonly arrivedAt: number
  readonly signal: AbortSignal
}

export async function serveGenerate(
  context: RouteContext,
  call: Call,
  reply: Reply,
): Promise<void> {
  const body = parseBody(call.body, generateRequest, 'GenerateRequest')
  const prompt = body.prompt ?? ''
  const piece = (response: string): object => ({ response })
  const request = checkRequest(context, body, call)
  if (prompt === '' && isUnload(body)) {
    unload(context, request, piece(''), reply)
    return
  }
  const isRaw = body.raw === true
  if (isRaw && (body.template || body.system || (body.context?.length ?? 0) > 0))
    throw new HttpProblem(400, 'raw mode does not support template, system, or context')
  if (body.suffix) throw new HttpProblem(400, missingCapability(request, 'insert'))
  if (body.template) throw new HttpProblem(400, 'the embedded engine renders its own template only')
  return answer(
    context.engine,
    request,
    {
      isPreload: prompt === '',
      isRenderOnly: body._debug_render_only === true,
      render: (model) => renderGenerate(context.engine, model, body, prompt),
      piece,
      closing: (tokens) => (isRaw ? {} : { context: tokens }),
    },
    reply,
  )
}

export async function serveChat(context: RouteContext, call: Call, reply: Reply): Promise<void> {
  const body = parseBody(call.body, chatRequest, 'ChatRequest')
  const messages = (body.messages ?? []).map(({ role, content }): ChatMessage => ({
    role: (role ?? '').toLowerCase(),
    content: content ?? '',
  }))
  const piece = (content: string): object => ({ message: { role: 'assistant', content } })
  const request = checkRequest(context, body, call)
  if (messages.length === 0 && isUnload(body)) {
    unload(context, request, piece(''), reply)
    return
  }
  if ((body.tools?.length ?? 0) > 0) throw new HttpProblem(400, missingCapability(request, 'tools'))
  return answer(
    context.engine,
    request,
    {
      isPreload: messages.length === 0,
      isRenderOnly: body._debug_render_only === true,
      render: (model) => renderFitting(model, messages, request.truncate, context.log),
      piece,
      closing: () => ({}),
    },
    reply,
  )
}

/** @throws HttpProblem for an unknown model or invalid options */
function checkRequest(
  { modelNames, settings, log }: RouteContext,
  body: GenerateRequest | ChatRequest,
  { arrivedAt, signal }: Call,
): AnswerRequest {
  const writtenModel = body.model ?? ''
  const servedModel = modelNames.find(writtenModel)
  if (servedModel === undefined) throw new HttpProblem(404, `model '${writtenModel}' not found`)
  const topLogprobs = body.top_logprobs ?? 0
  if (topLogprobs < 0 || topLogprobs > 20)
    throw new HttpProblem(400, 'top_logprobs must be between 0 and 20')
  if (body.think !== undefined && body.think !== null && body.think !== false)
    throw new HttpProblem(400, `${JSON.stringify(writtenModel)} does not support thinking`)
  const options = parseModelOptions(body.options ?? {}, body.shift ?? true)
  for (const option of options.unknownNames)
    log(slogLine('WARN', 'invalid option provided', { option }))
  return {
    writtenModel,
    servedModel,
    options,
    keepAlive: keepAliveOf(body) ?? settings.keepAlive,
    format: body.format,
    truncate: body.truncate ?? true,
    stream: body.stream ?? true,
    arrivedAt,
    signal,
  }
}

/** @throws HttpProblem 400 if the text is not a duration */
export function keepAliveOf({
  keep_alive: written,
}: Pick<GenerateRequest, 'keep_alive'>): bigint | undefined {
  if (written === undefined || written === null) return undefined
  const keepAlive = parseKeepAlive(written)
  if (keepAlive === undefined)
    throw new HttpProblem(400, `time: invalid duration ${JSON.stringify(written)}`)
  return keepAlive
}

const isUnload = (body: GenerateRequest | ChatRequest): boolean => keepAliveOf(body) === 0n

function unload(
  { engine }: RouteContext,
  request: AnswerRequest,
  piece: object,
  reply: Reply,
): void {
  engine.expire(request.servedModel)
  reply.json(200, unloadLine(request, piece))
}

const missingCapability = ({ servedModel }: AnswerRequest, capability: string): string =>
  `registry.ollama.ai/library/${servedModel} does not support ${capability}`

function renderGenerate(
  engine: Engine,
  model: LoadedModel,
  { raw, system, context }: GenerateRequest,
  prompt: string,
): RenderedPrompt {
  const earlierText = Buffer.concat(
    (context ?? []).map((token) => engine.bytesOf(token)),
  ).toString()
  const messages = [
    ...(system ? [{ role: 'system', content: system }] : []),
    { role: 'user', content: prompt },
  ]
  const text = raw === true ? prompt : earlierText + renderChat(messages)
  return { text, tokens: model.tokenize(text) }
}

/**
 * Drops the oldest messages until the conversation fits the context. System messages and the last message always stay.
 */
function renderFitting(
  model: LoadedModel,
  messages: readonly ChatMessage[],
  truncate: boolean,
  log: Log,
): RenderedPrompt {
  const rendered = (dropped: number): RenderedPrompt => {
    const remaining = messages.filter(({ role }, index) => index >= dropped || role === 'system')
    const text = renderChat(remaining)
    return { text, tokens: model.tokenize(text) }
  }
  const fits = ({ tokens }: { tokens: readonly Token[] }): boolean =>
    tokens.length <= model.plan.contextLength
  for (let dropped = 0; ; dropped++) {
    const prompt = rendered(dropped)
    if (!truncate || fits(prompt) || dropped >= messages.length - 1) {
      if (dropped > 0)
        log(
          slogLine('DEBUG', 'truncating input messages which exceed context length', {
            truncated: dropped,
          }),
        )
      return prompt
    }
  }
}
