/**
 * The memory that Ollama estimates before it loads a model without a GPU: the weights, and the cache of keys and values
 * (`GraphSize` in `fs/ggml/ggml.go`, and the check of system memory in `llm/server.go`, of 0.11.3 and 0.20.0).
 * `/api/ps` of 0.20.0 shows this sum. The working memory of llama.cpp comes on top; Ollama counts it on GPUs only. From
 * 0.30 on, llama.cpp measures what it needs when it loads the model; weights and cache are the same.
 */

/** What the estimate needs to know about a model. */
export interface ModelShape {
  readonly layers: number
  readonly keyValueHeads: number
  /** Numbers per head in the cache. */
  readonly keyLength: number
  readonly valueLength: number
  /** The longest context that the model was trained for, in tokens. */
  readonly trainedContext: number
  /** Bytes of the weights. */
  readonly weights: number
}

/** Architectures whose cache differs from layer to layer, so that Ollama has another formula for each of them. */
const otherFormulas: ReadonlySet<string> = new Set([
  'mllama',
  'gemma2',
  'gemma3',
  'gemma3n',
  'gemma4',
  'deepseek2',
  'gptoss',
  'gpt-oss',
])

/** The size of a number in the cache, which has the type `f16` by default. */
const bytesPerNumber = 2

/**
 * The shape of a model, or the reason why it is not known.
 * @param info the `model_info` of `/api/show`. Where it should have a list, such as the heads of each layer, it has null.
 * @param weights bytes of the model's file
 */
export function shapeOf(
  info: Readonly<Record<string, unknown>>,
  weights: number,
): ModelShape | { readonly unknown: string } {
  const architecture = info['general.architecture']
  if (typeof architecture !== 'string')
    return { unknown: 'the server does not name its architecture' }
  const number = (key: string) => {
    const value = info[`${architecture}.${key}`]
    return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined
  }
  const [layers, heads, embedding] = [
    number('block_count'),
    number('attention.head_count'),
    number('embedding_length'),
  ]
  const trainedContext = number('context_length')
  const hasSameHeadsInEachLayer = info[`${architecture}.attention.head_count_kv`] !== null
  const missing = Object.entries({
    block_count: layers !== undefined,
    'attention.head_count': heads !== undefined,
    embedding_length: embedding !== undefined,
    context_length: trainedContext !== undefined,
    'attention.head_count_kv': hasSameHeadsInEachLayer,
  }).flatMap(([key, isUsable]) => (isUsable ? [] : [key]))
  if (
    layers === undefined ||
    heads === undefined ||
    embedding === undefined ||
    trainedContext === undefined ||
    missing.length > 0
  )
    return { unknown: `the server gives no number for ${missing.join(', ')}` }
  if (otherFormulas.has(architecture))
    return { unknown: `Ollama has a formula of its own for ${architecture}` }
  const headLength = embedding / heads
  return {
    layers,
    keyValueHeads: number('attention.head_count_kv') ?? heads,
    keyLength: number('attention.key_length') ?? headLength,
    valueLength: number('attention.value_length') ?? headLength,
    trainedContext,
    weights,
  }
}

/** Bytes of weights and cache, with this many slots of this context in tokens. */
export function memoryEstimate(
  { layers, keyValueHeads, keyLength, valueLength, weights }: ModelShape,
  { slots, context }: { readonly slots: number; readonly context: number },
): number {
  const numbersPerToken = layers * keyValueHeads * (keyLength + valueLength)
  return weights + slots * context * numbersPerToken * bytesPerNumber
}
