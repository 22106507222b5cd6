/** Turns a checked request to `/api/generate` or `/api/chat` into the lines of its answer. */
import type { Token } from 'node-llama-cpp'
import type { CompletionResult, Engine } from './engine.ts'
import { grammarOfFormat } from './json-schema-grammar.ts'
import type { LoadedModel } from './loaded-model.ts'
import type { ModelOptions } from './model-options.ts'
import type { Reply } from './reply.ts'

export interface AnswerRequest {
  /** The model's name as written in the request; every line repeats it. */
  readonly writtenModel: string
  readonly servedModel: string
  readonly options: ModelOptions
  /** Nanoseconds. */
  readonly keepAlive: bigint
  readonly format: unknown
  readonly truncate: boolean
  readonly stream: boolean
  /** Arrival of the request, by `performance.now()`. */
  readonly arrivedAt: number
  readonly signal: AbortSignal
}

/** What differs between `/api/generate` and `/api/chat`. */
export interface Dialect {
  /** True if the request has no prompt, so that the model is only loaded. */
  readonly isPreload: boolean
  /** True if the rendered prompt is returned instead of an answer. */
  readonly isRenderOnly: boolean
  readonly render: (model: LoadedModel) => RenderedPrompt
  /** Returns the fields that carry a piece of the answer. */
  readonly piece: (text: string) => object
  /** Returns additional fields of the last line. Called after `total_duration` was measured. */
  readonly closing: (tokens: readonly Token[]) => object
}

export interface RenderedPrompt {
  readonly text: string
  readonly tokens: readonly Token[]
}

/** @throws HttpProblem if the request is refused before the first line is sent */
export async function answer(
  engine: Engine,
  request: AnswerRequest,
  dialect: Dialect,
  reply: Reply,
): Promise<void> {
  const { servedModel, options, keepAlive, signal } = request
  const grammar = grammarOfFormat(request.format)
  const lease = await engine.acquire({
    model: servedModel,
    options: options.load,
    keepAlive,
    signal,
  })
  try {
    await answerWith(
      lease.model,
      engine,
      { ...request, loadedAt: performance.now(), grammar },
      dialect,
      reply,
    )
  } finally {
    lease.release()
  }
}

interface ReadyRequest extends AnswerRequest {
  readonly loadedAt: number
  readonly grammar: string | undefined
}

async function answerWith(
  model: LoadedModel,
  engine: Engine,
  request: ReadyRequest,
  dialect: Dialect,
  reply: Reply,
): Promise<void> {
  const { options, stream, arrivedAt, loadedAt } = request
  if (dialect.isPreload) {
    reply.json(200, line(request, { ...dialect.piece(''), done: true, done_reason: 'load' }))
    return
  }
  const prompt = dialect.render(model)
  if (dialect.isRenderOnly) {
    reply.json(200, line(request, { _debug_info: { rendered_template: prompt.text } }))
    return
  }
  const pieces: string[] = []
  const result = await engine.complete(model, {
    prompt: prompt.tokens,
    sampling: options.sampling,
    grammar: request.grammar,
    truncate: request.truncate,
    signal: request.signal,
    onText: (text) => {
      if (stream) reply.line(line(request, { ...dialect.piece(text), done: false }))
      else pieces.push(text)
    },
  })
  const figures = finalFigures(result, loadedAt - arrivedAt, performance.now() - arrivedAt)
  const isComplete = result.doneReason !== 'repeating'
  const last = line(request, {
    ...dialect.piece(pieces.join('')),
    done: isComplete,
    ...(isComplete && { ...figures, ...dialect.closing(result.tokens) }),
  })
  if (!stream) reply.json(200, last)
  else if (isComplete) reply.line(last)
  reply.end()
}

/** Answers that the model is being unloaded. */
export const unloadLine = (request: Pick<AnswerRequest, 'writtenModel'>, piece: object): object =>
  line(request, { ...piece, done: true, done_reason: 'unload' })

const line = ({ writtenModel }: Pick<AnswerRequest, 'writtenModel'>, fields: object): object => ({
  model: writtenModel,
  created_at: new Date().toISOString(),
  ...fields,
})

/** Ollama omits figures that are zero. */
function finalFigures(result: CompletionResult, loadMs: number, totalMs: number): object {
  const figures = {
    total_duration: nanoseconds(totalMs),
    load_duration: nanoseconds(loadMs),
    prompt_eval_count: result.promptTokens,
    prompt_eval_cached_count: result.cachedTokens,
    prompt_eval_duration: nanoseconds(result.promptEvalMs),
    eval_count: result.outputTokens,
    eval_duration: nanoseconds(result.evalMs),
  }
  return {
    done_reason: result.doneReason,
    ...Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== 0)),
  }
}

const nanoseconds = (milliseconds: number): number => Math.round(milliseconds * 1e6)
