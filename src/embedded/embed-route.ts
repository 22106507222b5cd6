/** `POST /api/embed`. */
import type { Token } from 'node-llama-cpp'
import { keepAliveOf, type Call, type RouteContext } from './generation-routes.ts'
import type { LoadedModel } from './loaded-model.ts'
import { slogLine } from './log-line.ts'
import { parseModelOptions } from './model-options.ts'
import { HttpProblem, type Reply } from './reply.ts'
import { embedRequest, parseBody } from './request-body.ts'

/** Answers with a unit vector (Euclidean length 1) for each input, as Ollama does. An empty input only loads the model. */
export async function serveEmbed(
  { engine, modelNames, settings, log }: RouteContext,
  { body: text, arrivedAt, signal }: Call,
  reply: Reply,
): Promise<void> {
  const body = parseBody(text, embedRequest, 'EmbedRequest')
  const writtenModel = body.model ?? ''
  const model = modelNames.find(writtenModel)
  if (model === undefined) throw new HttpProblem(404, `model '${writtenModel}' not found`)
  const options = parseModelOptions(body.options ?? {}, true)
  for (const option of options.unknownNames)
    log(slogLine('WARN', 'invalid option provided', { option }))
  const inputs = (typeof body.input === 'string' ? [body.input] : (body.input ?? [])).filter(
    (input) => input !== '',
  )
  const lease = await engine.acquire({
    model,
    options: options.load,
    keepAlive: keepAliveOf(body) ?? settings.keepAlive,
    signal,
  })
  try {
    const loadedAt = performance.now()
    const tokens = inputs.map((input) =>
      fitting(lease.model, lease.model.tokenize(input), body.truncate ?? true),
    )
    const vectors = await lease.model.embed(tokens, signal)
    reply.json(200, {
      model: writtenModel,
      embeddings: vectors.map((vector) => normalised(shortened(vector, body.dimensions))),
      total_duration: nanoseconds(performance.now() - arrivedAt),
      load_duration: nanoseconds(loadedAt - arrivedAt),
      prompt_eval_count: tokens.reduce((sum, { length }) => sum + length, 0),
    })
  } finally {
    lease.release()
  }
}

/**
 * The tokens of a text, or the first of them if they do not fit the context. @throws HttpProblem 400 if they do not fit
 * and must not be truncated
 */
function fitting(
  { plan: { contextLength } }: LoadedModel,
  tokens: readonly Token[],
  truncate: boolean,
): readonly Token[] {
  // llama.cpp's binding adds an end token for some models, and its input must be shorter than the context.
  const maxTokens = contextLength - 2
  if (tokens.length <= maxTokens) return tokens
  if (!truncate) throw new HttpProblem(400, 'the input length exceeds the context length')
  return tokens.slice(0, maxTokens)
}

function shortened(
  vector: readonly number[],
  dimensions: number | null | undefined,
): readonly number[] {
  return dimensions === undefined || dimensions === null || dimensions <= 0
    ? vector
    : vector.slice(0, dimensions)
}

/** The vector with the Euclidean length 1. */
function normalised(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector)
  return length === 0 ? vector : vector.map((value) => Math.fround(value / length))
}

const nanoseconds = (milliseconds: number): number => Math.round(milliseconds * 1e6)
