/** Reads the `options` of a request, with the names, defaults and types of Ollama's `api.Options`. */
import { HttpProblem } from './reply.ts'

/**
 * Options that reload the model when they change. A value of 0 for threads, batch or context lets the engine choose.
 */
export interface LoadOptions {
  readonly numCtx: number
  readonly numBatch: number
  readonly numGpu: number
  readonly mainGpu: number
  readonly useMmap: boolean | undefined
  readonly numThread: number
  readonly draftNumPredict: number
  /** If true, a full context drops its oldest half and generation continues. */
  readonly shift: boolean
}

export interface SamplingOptions {
  readonly numKeep: number
  /** A negative value means a random seed per request. */
  readonly seed: number
  /** A negative value means no limit except the general one, ten times the context. */
  readonly numPredict: number
  readonly topK: number
  readonly topP: number
  readonly minP: number
  readonly temperature: number
  readonly repeatLastN: number
  readonly repeatPenalty: number
  readonly presencePenalty: number
  readonly frequencyPenalty: number
  readonly stop: readonly string[]
}

export interface ModelOptions {
  readonly load: LoadOptions
  readonly sampling: SamplingOptions
  /** Unknown names. Ollama logs and ignores them. */
  readonly unknownNames: readonly string[]
}

const integerOptions = {
  num_ctx: 0,
  num_batch: 0,
  num_gpu: -1,
  main_gpu: 0,
  num_thread: 0,
  draft_num_predict: 4,
  num_keep: 4,
  seed: -1,
  num_predict: -1,
  top_k: 40,
  repeat_last_n: 64,
} as const
const decimalOptions = {
  top_p: 0.9,
  min_p: 0,
  typical_p: 1,
  temperature: 0.8,
  repeat_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
} as const

type NumberOption = keyof typeof integerOptions | keyof typeof decimalOptions

/** @throws HttpProblem 500, with Ollama's message, for a value of the wrong JSON type */
export function parseModelOptions(
  written: Readonly<Record<string, unknown>>,
  shift: boolean,
): ModelOptions {
  const known = new Set([
    ...Object.keys(integerOptions),
    ...Object.keys(decimalOptions),
    'use_mmap',
    'stop',
  ])
  const number = (name: NumberOption): number => readNumber(written, name)
  const load: LoadOptions = {
    numCtx: number('num_ctx'),
    numBatch: number('num_batch'),
    numGpu: number('num_gpu'),
    mainGpu: number('main_gpu'),
    useMmap: readBoolean(written, 'use_mmap'),
    numThread: number('num_thread'),
    draftNumPredict: number('draft_num_predict'),
    shift,
  }
  number('typical_p') // checked, then ignored: the llama.cpp binding has no such sampler
  const sampling: SamplingOptions = {
    numKeep: number('num_keep'),
    seed: number('seed'),
    numPredict: number('num_predict'),
    topK: number('top_k'),
    topP: number('top_p'),
    minP: number('min_p'),
    temperature: number('temperature'),
    repeatLastN: number('repeat_last_n'),
    repeatPenalty: number('repeat_penalty'),
    presencePenalty: number('presence_penalty'),
    frequencyPenalty: number('frequency_penalty'),
    stop: readStrings(written, 'stop'),
  }
  return { load, sampling, unknownNames: Object.keys(written).filter((name) => !known.has(name)) }
}

function readNumber(written: Readonly<Record<string, unknown>>, name: NumberOption): number {
  const value = written[name]
  if (name in integerOptions) {
    if (isAbsent(value)) return { ...integerOptions, ...decimalOptions }[name]
    if (typeof value !== 'number') throw wrongType(name, 'integer')
    return Math.trunc(value)
  }
  if (isAbsent(value)) return { ...integerOptions, ...decimalOptions }[name]
  if (typeof value !== 'number') throw wrongType(name, 'float32')
  return value
}

function readBoolean(
  written: Readonly<Record<string, unknown>>,
  name: string,
): boolean | undefined {
  const value = written[name]
  if (isAbsent(value)) return undefined
  if (typeof value !== 'boolean') throw wrongType(name, 'boolean')
  return value
}

function readStrings(written: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = written[name]
  if (isAbsent(value)) return []
  if (!Array.isArray(value)) throw wrongType(name, 'array')
  return value.map((item: unknown) => {
    // "be of an array" is Ollama's own wording.
    if (typeof item !== 'string')
      throw new HttpProblem(500, `option ${JSON.stringify(name)} must be of an array of strings`)
    return item
  })
}

const isAbsent = (value: unknown): value is null | undefined =>
  value === null || value === undefined

const wrongType = (name: string, type: string): HttpProblem =>
  new HttpProblem(500, `option ${JSON.stringify(name)} must be of type ${type}`)
