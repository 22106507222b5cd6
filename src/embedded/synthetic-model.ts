/**
 * The embedded model: a small transformer of the llama architecture with pseudo-random weights from a fixed
 * seed. Its answers are noise. Its arithmetic is that of any other model, so its timings are real. Only integer
 * arithmetic, + − × ÷ and square roots are used, so that every machine generates
 * the same bytes.
 *
 * A model of plain random weights soon repeats one token and never ends its answer. Therefore one coordinate of the
 * residual stream is constant and gives each token a bias of its own: end tokens and closing brackets are frequent, raw
 * bytes are rare.
 */
import { encodeGguf, type GgufTensor, type GgufValue, halfFloatBits } from './gguf.ts'
import { createVocabulary, tokenIds, type Token } from './vocabulary.ts'

export const architecture = {
  layers: 6,
  width: 256,
  feedForward: 768,
  heads: 8,
  keyValueHeads: 2,
  contextLength: 32768,
  seed: 20250806,
} as const

const keyValueWidth = (architecture.width / architecture.heads) * architecture.keyValueHeads
/** Standard deviation of the noise in the output logits. */
const logitNoise = 2
/** The constant coordinate of the embedding. */
const constantCoordinate = 4

/** ChatML, for tools that read the file. The engine itself renders prompts with `renderChat`. */
const chatTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/** Encodes the model as a GGUF file. The bytes are always the same. */
export function encodeSyntheticModel(): Buffer {
  const vocabulary = createVocabulary()
  const noise = new Noise(architecture.seed)
  const tensors = planTensors(vocabulary.length).map((plan) => fillTensor(plan, noise, vocabulary))
  return encodeGguf(describeModel(vocabulary), tensors)
}

/** How a tensor is filled: with ones, or with noise of this standard deviation. */
export interface TensorPlan {
  readonly name: string
  /** Fastest-moving dimension first. */
  readonly shape: readonly [number] | readonly [columns: number, rows: number]
  readonly filling: number | 'ones'
}

/** All tensors, in file order. */
export function planTensors(vocabularySize: number): readonly TensorPlan[] {
  const { layers, width } = architecture
  return [
    { name: 'token_embd.weight', shape: [width, vocabularySize], filling: 1 },
    ...Array.from({ length: layers }, (_, layer) => planBlock(`blk.${String(layer)}`)).flat(),
    { name: 'output_norm.weight', shape: [width], filling: 'ones' },
    {
      name: 'output.weight',
      shape: [width, vocabularySize],
      filling: logitNoise / Math.sqrt(width),
    },
  ]
}

function planBlock(block: string): readonly TensorPlan[] {
  const { width, feedForward } = architecture
  const unit = 1 / Math.sqrt(width)
  return [
    { name: `${block}.attn_norm.weight`, shape: [width], filling: 'ones' },
    { name: `${block}.attn_q.weight`, shape: [width, width], filling: 2 * unit },
    { name: `${block}.attn_k.weight`, shape: [width, keyValueWidth], filling: 2 * unit },
    { name: `${block}.attn_v.weight`, shape: [width, keyValueWidth], filling: unit },
    { name: `${block}.attn_output.weight`, shape: [width, width], filling: 2 * unit },
    { name: `${block}.ffn_norm.weight`, shape: [width], filling: 'ones' },
    { name: `${block}.ffn_gate.weight`, shape: [width, feedForward], filling: 2 * unit },
    { name: `${block}.ffn_up.weight`, shape: [width, feedForward], filling: 2 * unit },
    {
      name: `${block}.ffn_down.weight`,
      shape: [feedForward, width],
      filling: 0.7 / Math.sqrt(feedForward),
    },
  ]
}

/** Number of weights. */
export const countParameters = (vocabularySize: number): number =>
  planTensors(vocabularySize).reduce((sum, { shape }) => sum + shape[0] * (shape[1] ?? 1), 0)

/** The file's metadata about the model. */
export function describeModel(vocabulary: readonly Token[]): ReadonlyMap<string, GgufValue> {
  const { layers, width, feedForward, heads, keyValueHeads, contextLength } = architecture
  const uint32 = (value: number): GgufValue => ({ kind: 'uint32', value })
  const string = (value: string): GgufValue => ({ kind: 'string', value })
  return new Map<string, GgufValue>([
    ['general.architecture', string('llama')],
    ['general.name', string('exp-embedded')],
    ['general.file_type', uint32(1)],
    ['general.parameter_count', uint32(countParameters(vocabulary.length))],
    ['llama.block_count', uint32(layers)],
    ['llama.context_length', uint32(contextLength)],
    ['llama.embedding_length', uint32(width)],
    ['llama.feed_forward_length', uint32(feedForward)],
    ['llama.attention.head_count', uint32(heads)],
    ['llama.attention.head_count_kv', uint32(keyValueHeads)],
    ['llama.attention.layer_norm_rms_epsilon', { kind: 'float32', value: 1e-5 }],
    ['llama.rope.dimension_count', uint32(width / heads)],
    ['llama.vocab_size', uint32(vocabulary.length)],
    ['tokenizer.ggml.model', string('llama')],
    ['tokenizer.ggml.tokens', { kind: 'strings', value: vocabulary.map(({ piece }) => piece) }],
    ['tokenizer.ggml.scores', { kind: 'float32s', value: vocabulary.map((_, id) => -id) }],
    ['tokenizer.ggml.token_type', { kind: 'int32s', value: vocabulary.map(({ kind }) => kind) }],
    ['tokenizer.ggml.unknown_token_id', uint32(tokenIds.unknown)],
    ['tokenizer.ggml.bos_token_id', uint32(tokenIds.begin)],
    ['tokenizer.ggml.eos_token_id', uint32(tokenIds.endOfTurn)],
    ['tokenizer.ggml.add_bos_token', { kind: 'bool', value: true }],
    ['tokenizer.ggml.add_space_prefix', { kind: 'bool', value: false }],
    ['tokenizer.chat_template', string(chatTemplate)],
  ])
}

function fillTensor(plan: TensorPlan, noise: Noise, vocabulary: readonly Token[]): GgufTensor {
  const { name, shape, filling } = plan
  const [columns, rows = 1] = shape
  if (filling === 'ones') return { name, shape, data: new Float32Array(columns).fill(1) }
  const data = noise.fill(columns * rows, filling)
  const setConstant = (id: number, value: number): void => {
    data[id * columns] = halfFloatBits(value)
  }
  if (name === 'token_embd.weight')
    vocabulary.forEach((_, id) => setConstant(id, constantCoordinate))
  if (name === 'output.weight')
    vocabulary.forEach((token, id) => setConstant(id, outputBias(token, id) * logitNoise))
  if (/attn_output|ffn_down/.test(name)) data.fill(0, 0, columns) // so that no block changes the constant coordinate
  return { name, shape, data }
}

/** Biases for answers with a grammar: strings, lists and objects end, and numbers stay short. */
const structureBias: Readonly<Record<string, number>> = {
  '"': 3.2,
  '}': 3.4,
  ']': 3.4,
  ',': 2.4,
  '-': -3,
  '{': -2,
  '[': -2,
}

/** The bias of a token, in standard deviations of the noise. */
function outputBias({ piece, kind }: Token, id: number): number {
  if (id === tokenIds.endOfTurn) return 3.1
  if (kind !== 1) return -8
  return structureBias[piece] ?? 0
}

/** Uniform noise from a 32-bit xorshift generator (Marsaglia 2003), twelve bits per number. */
class Noise {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** Returns 16-bit floats, as bits, with mean 0 and this standard deviation. */
  fill(length: number, deviation: number): Uint16Array {
    const levels = Uint16Array.from({ length: 4096 }, (_, level) =>
      halfFloatBits(((level + 0.5) / 2048 - 1) * Math.sqrt(3) * deviation),
    )
    const data = new Uint16Array(length)
    let state = this.#state
    for (let index = 0; index < length; index++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      data[index] = levels[state >>> 20] ?? 0
    }
    this.#state = state
    return data
  }
}

/** A message of a conversation. The prompt format of the model is ChatML. */
export interface ChatMessage {
  readonly role: string
  readonly content: string
}

/** ChatML as `/api/show` prints it, in Ollama's template language. */
export const shownTemplate = `{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`

/**
 * Renders a conversation as ChatML, up to where the answer begins. A final assistant message is left open: the model
 * continues it.
 */
export function renderChat(messages: readonly ChatMessage[]): string {
  const turns = messages.map(({ role, content }) => `<|im_start|>${role}\n${content}`)
  const isContinued = messages.at(-1)?.role === 'assistant'
  return turns.join('<|im_end|>\n') + (isContinued ? '' : '<|im_end|>\n<|im_start|>assistant\n')
}
