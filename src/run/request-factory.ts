/**
 * Builds the requests for the samples of a config, and evaluates the answers. Input: a config, the `CacheScope` of its
 * prompt prefixes, and `keep`, which says what is stored of prompts and answers. Output: request bodies, scores and
 * digests.
 */
import { createHash } from 'node:crypto'
import type { Keep, MeasuredConfig, Workload } from '../experiment/experiment.ts'
import { requestKindsOf } from '../experiment/mix.ts'
import { compilePrompt } from '../experiment/prompt.ts'
import { scoreAnswer } from '../experiment/score.ts'
import type { PreparedSample, SampleRequest, WalkStep } from '../load/load-plan.ts'
import type { AnswerEvaluation } from '../load/request-record.ts'
import {
  prepareEmbedding,
  prepareRequest,
  type AnsweredPrompt,
  type Generation,
  type GenerationRequest,
  type PreparedRequest,
} from '../ollama/generation.ts'
import { keptError, type RequestTexts } from './kept-error.ts'

export interface RequestFactory {
  prepare(request: SampleRequest): PreparedSample
  evaluate(step: WalkStep, generation: Generation): AnswerEvaluation
  /** The generation with its error as `keep` allows it to be stored. */
  withKeptError(request: PreparedRequest, generation: Generation): Generation
}

/**
 * The input of `coldPrefix` that all requests of a trial share. Each round has its own prefixes. Within a round, all
 * configs send the same prompts, so that they can be compared.
 */
export interface CacheScope {
  readonly run: string
  readonly round: number
  /**
   * The config, or the side of an A/A run. Set only if several of them share a server, because they would otherwise
   * reuse each other's cached prompts.
   */
  readonly owner?: string
  /** The item of a mix: without it, two items that send the same sample to one model would have the same prefix. */
  readonly item?: string
}

/** The factory of all kinds of requests that the config sends. */
export function createRequestFactory(
  config: MeasuredConfig,
  scope: CacheScope,
  keep: Keep,
): RequestFactory {
  const factories = requestKindsOf(config).map(({ item, config: kind }) =>
    factoryOfKind(kind, { ...scope, ...(item === undefined ? {} : { item }) }, keep),
  )
  const kindOfRequest = new WeakMap<PreparedRequest, RequestFactory>()
  return {
    prepare(sampleRequest) {
      const factory = at(factories, sampleRequest.kind ?? 0)
      const prepared = factory.prepare(sampleRequest)
      kindOfRequest.set(prepared.request, factory)
      return prepared
    },
    withKeptError: (request, generation) =>
      kindOfRequest.get(request)?.withKeptError(request, generation) ?? generation,
    evaluate: (step, generation) => at(factories, step.kind ?? 0).evaluate(step, generation),
  }
}

function factoryOfKind(config: MeasuredConfig, scope: CacheScope, keep: Keep): RequestFactory {
  const prompts = renderedPrompts(config)
  const { workload } = config
  const sentWords = new WeakMap<PreparedRequest, RequestTexts>()
  return {
    prepare(sampleRequest) {
      const { sampleIndex, occurrence, phase } = sampleRequest
      const prefixOf = (sample: string) =>
        workload.cache === 'cold' ? coldPrefix({ ...scope, sample, occurrence, phase }) : ''
      const source = { config, prompts, prefixOf }
      const { request, words, prompt } =
        workload.api === 'embed'
          ? embeddingRequest(sampleIndex, source)
          : textRequest(workload.api, sampleRequest, source)
      sentWords.set(request, words)
      return {
        request,
        ...(keep.prompts === 'none' ? {} : { promptDigest: at(prompts, sampleIndex).digest }),
        ...(keep.prompts === 'text' ? { prompt } : {}),
      }
    },
    withKeptError(request, generation) {
      const { error, content, thinking } = generation
      if (error === undefined) return generation
      const { prompts, answers } = sentWords.get(request) ?? { prompts: [], answers: [] }
      const words = { prompts, answers: [...answers, content, thinking] }
      return { ...generation, error: keptError(error, words, keep) }
    },
    evaluate: ({ sampleIndex }, generation) => evaluate(config, sampleIndex, generation, keep),
  }
}

/** The prompt of a sample. */
interface RenderedPrompt {
  readonly sample: string
  readonly prompt: string
  readonly images: readonly string[] | undefined
  /** Of the system prompt, the prompt and the images. */
  readonly digest: string
}

/** The prompts of all samples, in their order. */
function renderedPrompts({ workload, dataset }: MeasuredConfig): readonly RenderedPrompt[] {
  const render = compilePrompt(workload)
  return dataset.samples.map((sample) => {
    const prompt = render(sample)
    const { images = [] } = sample
    const digested = [workload.system ?? '', prompt, ...images.map((image) => image.digest)]
    return {
      sample: sample.id,
      prompt,
      images: sample.images?.map(({ base64 }) => base64),
      digest: digest(digested.join('\n')),
    }
  })
}

/** What requests are built from. */
interface RequestSource {
  readonly config: MeasuredConfig
  readonly prompts: readonly RenderedPrompt[]
  /** The prefix of `cache: cold` for a sample; empty for other caches. */
  readonly prefixOf: (sample: string) => string
}

interface BuiltRequest {
  readonly request: PreparedRequest
  /** All texts that the request sends, without prefixes. Its answers are those of earlier turns. */
  readonly words: RequestTexts
  /** The prompt of this turn only; for embeddings, all inputs. */
  readonly prompt: string
}

/**
 * A request for the embeddings of `batch` consecutive samples. Each input has its own prefix.
 * @param sampleIndex the sample of the first input
 */
function embeddingRequest(
  sampleIndex: number,
  { config: { workload, model, options }, prompts, prefixOf }: RequestSource,
): BuiltRequest {
  const { batch = 1, keepAlive } = workload
  const { sample } = at(prompts, sampleIndex)
  const texts = Array.from(
    { length: batch },
    (_, input) => at(prompts, (sampleIndex + input) % prompts.length).prompt,
  )
  const inputs = texts.map(
    (text, input) => prefixOf(input === 0 ? sample : `${sample}+${input}`) + text,
  )
  const request = prepareEmbedding({ model: model.name, options, keepAlive, inputs })
  return { request, words: { prompts: texts, answers: [] }, prompt: texts.join('\n') }
}

/** A request for a generated answer, with the earlier turns of its conversation. */
function textRequest(
  api: GenerationRequest['api'],
  { sampleIndex, turn }: SampleRequest,
  { config: { workload, model, options }, prompts, prefixOf }: RequestSource,
): BuiltRequest {
  const { system, think, format, keepAlive } = workload
  const earlier = (turn?.earlier ?? []).map(({ sampleIndex: index, answer }) => {
    const { prompt, images } = at(prompts, index)
    return { prompt, images, answer }
  })
  const { prompt, images } = at(prompts, sampleIndex)
  // All turns of a conversation have the prefix of its first one, so that they find each other in the cache.
  const prefix = prefixOf(at(prompts, turn?.earlier[0]?.sampleIndex ?? sampleIndex).sample)
  const request = prepareRequest({
    ...{ api, model: model.name, options, think, format, keepAlive },
    // The prefix must come before all other text: the server may have cached a system prompt that precedes it.
    ...(system === undefined
      ? withPrefix(prefix, { prompt, images }, earlier)
      : { system: prefix + system, prompt, images, earlier }),
  })
  const words = {
    prompts: [...wordsOf(workload), ...earlier.map((one) => one.prompt), prompt],
    answers: earlier.map((one) => one.answer),
  }
  return { request, words, prompt }
}

/** The scores of an answer, and the digest or text of it that `keep` stores. */
function evaluate(
  { workload, dataset }: MeasuredConfig,
  sampleIndex: number,
  generation: Generation,
  keep: Keep,
): AnswerEvaluation {
  if (generation.outcome !== 'ok' || workload.api === 'embed') return {}
  const sample = at(dataset.samples, sampleIndex)
  return {
    ...(dataset.checks.length === 0
      ? {}
      : { scores: scoreAnswer(dataset.checks, sample, generation.content) }),
    ...(keep.answers === 'digest' ? { answerDigest: digest(generation.content) } : {}),
    ...(keep.answers === 'text' ? { answer: generation.content } : {}),
  }
}

/** The system text of the requests, and the texts of the JSON schema of their answers. */
function wordsOf({ system, format }: Pick<Workload, 'system' | 'format'>): readonly string[] {
  return [
    ...(system === undefined ? [] : [system]),
    ...(typeof format === 'object' ? textsIn(format) : []),
  ]
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/**
 * The reason why a trial failed, without texts of its requests that must not be stored: it can quote a server's log,
 * which can contain prompts.
 */
export function keptReason(reason: string, config: MeasuredConfig, keep: Keep): string {
  const prompts = requestKindsOf(config).flatMap(({ config: { workload, dataset } }) => [
    ...wordsOf(workload),
    ...dataset.samples.map(compilePrompt(workload)),
  ])
  return keptError(reason, { prompts, answers: [] }, keep)
}

/** A conversation with the prefix before its first prompt. */
function withPrefix<Turn extends { readonly prompt: string }>(
  prefix: string,
  last: Turn,
  [first, ...others]: readonly AnsweredPrompt[],
): Turn & { readonly earlier: readonly AnsweredPrompt[] } {
  if (first === undefined) return { ...last, prompt: prefix + last.prompt, earlier: [] }
  return { ...last, earlier: [{ ...first, prompt: prefix + first.prompt }, ...others] }
}

export interface ColdPrefixParts extends CacheScope {
  readonly phase: SampleRequest['phase']
  readonly sample: string
  /** How many times this trial has already used the sample in the same phase. */
  readonly occurrence: number
}

const coldPrefixDigits = 12

/**
 * The text that `cache: cold` puts before the system prompt, or before the prompt if there is no system prompt, so
 * that the server finds no part of a request in its prompt cache. The text is a line of twelve decimal digits: in most
 * vocabularies twelve digits are always the same number of tokens, unlike hexadecimal digits.
 */
export function coldPrefix({
  run,
  round,
  phase,
  sample,
  occurrence,
  owner = '',
  item,
}: ColdPrefixParts): string {
  const ofItem = item === undefined ? [] : [item]
  const key = JSON.stringify([run, round, phase, sample, occurrence, owner, ...ofItem])
  const hash = createHash('sha256').update(key).digest().readBigUInt64BE()
  const number = hash % 10n ** BigInt(coldPrefixDigits)
  return `${number.toString().padStart(coldPrefixDigits, '0')}\n`
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  if (item === undefined) throw new RangeError(`no sample ${index}`)
  return item
}
