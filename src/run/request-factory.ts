/**
 * Builds the requests for the samples of a config, and evaluates the answers. Input: a config, the name of its model on
 * the server, and `keep`, which says what is stored of prompts and answers. Output: request bodies, scores and digests.
 */
import { createHash } from 'node:crypto'
import type { Keep, MeasuredConfig } from '../experiment/experiment.ts'
import { requestKindsOf } from '../experiment/mix.ts'
import { compilePrompt } from '../experiment/prompt.ts'
import { scoreAnswer } from '../experiment/score.ts'
import type { PreparedSample, SampleRequest, WalkStep } from '../load/load-plan.ts'
import type { AnswerEvaluation } from '../load/request-record.ts'
import type { AnsweredPrompt, Generation } from '../ollama/generation.ts'
import { prepareEmbedding, prepareRequest, type PreparedRequest } from '../ollama/generation.ts'
import { keptError } from './kept-error.ts'

export interface RequestFactory {
  prepare(request: SampleRequest): PreparedSample
  evaluate(step: WalkStep, generation: Generation): AnswerEvaluation
  /** The generation of a request with an error that may be stored. */
  withKeptError(request: PreparedRequest, generation: Generation): Generation
}

/**
 * The part of the input of `coldPrefix` that is the same for all requests of a trial. All configs send the same prompts
 * within a round, so that they can be compared. Each round has prefixes of its own.
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

/** Of all kinds of requests that the config sends. */
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
  const { workload, dataset, options } = config
  const model = config.model.name
  const render = compilePrompt(workload)
  const prompts = dataset.samples.map(render)
  const digests = prompts.map((prompt, index) => {
    const images = at(dataset.samples, index).images ?? []
    return digest(
      [workload.system ?? '', prompt, ...images.map((image) => image.digest)].join('\n'),
    )
  })
  const promptOf = (sampleIndex: number) => ({
    prompt: at(prompts, sampleIndex),
    images: at(dataset.samples, sampleIndex).images?.map(({ base64 }) => base64),
  })
  const sentTexts = new WeakMap<PreparedRequest, readonly string[]>()
  const { batch = 1 } = workload
  /** The texts of a request for embeddings, of which each has a prefix of its own. */
  const prepareInputs = ({ sampleIndex, occurrence, phase }: SampleRequest): PreparedSample => {
    const rows = Array.from({ length: batch }, (_, at) => (sampleIndex + at) % prompts.length)
    const inputs = rows.map((row) => at(prompts, row))
    const { id } = at(dataset.samples, sampleIndex)
    const prefixOf = (input: number) =>
      workload.cache === 'cold'
        ? coldPrefix({ ...scope, sample: input === 0 ? id : `${id}+${input}`, occurrence, phase })
        : ''
    const request = prepareEmbedding({
      model,
      options,
      keepAlive: workload.keepAlive,
      inputs: inputs.map((text, input) => prefixOf(input) + text),
    })
    sentTexts.set(request, inputs)
    return {
      request,
      // Of the first input, which the sample determines; the others follow from it.
      ...(keep.prompts === 'none' ? {} : { promptDigest: at(digests, sampleIndex) }),
      ...(keep.prompts === 'text' ? { prompt: inputs.join('\n') } : {}),
    }
  }
  return {
    prepare(sampleRequest) {
      if (workload.api === 'embed') return prepareInputs(sampleRequest)
      const { sampleIndex, occurrence, phase, turn } = sampleRequest
      const earlier = (turn?.earlier ?? []).map((one) => ({
        ...promptOf(one.sampleIndex),
        answer: one.answer,
      }))
      const own = promptOf(sampleIndex)
      // All turns of a conversation have the prefix of its first one, so that they find each other in the cache.
      const first = at(dataset.samples, turn?.earlier[0]?.sampleIndex ?? sampleIndex)
      const prefix =
        workload.cache === 'cold'
          ? coldPrefix({ ...scope, sample: first.id, occurrence, phase })
          : ''
      const { system, think, format, keepAlive } = workload
      const request = prepareRequest({
        api: workload.api,
        model,
        options,
        think,
        format,
        keepAlive,
        // The prefix must come before all other text: the server may have cached a system prompt that precedes it.
        ...(system === undefined
          ? withPrefix(prefix, own, earlier)
          : { system: prefix + system, ...own, earlier }),
      })
      sentTexts.set(request, [
        ...(system === undefined ? [] : [system]),
        ...earlier.flatMap(({ prompt, answer }) => [prompt, answer]),
        own.prompt,
      ])
      return {
        request,
        ...(keep.prompts === 'none' ? {} : { promptDigest: at(digests, sampleIndex) }),
        ...(keep.prompts === 'text' ? { prompt: own.prompt } : {}),
      }
    },
    withKeptError(request, generation) {
      const { error } = generation
      if (error === undefined) return generation
      return { ...generation, error: keptError(error, sentTexts.get(request) ?? [], keep) }
    },
    evaluate({ sampleIndex }, generation) {
      if (generation.outcome !== 'ok' || workload.api === 'embed') return {}
      const sample = at(dataset.samples, sampleIndex)
      return {
        ...(dataset.checks.length === 0
          ? {}
          : { scores: scoreAnswer(dataset.checks, sample, generation.content) }),
        ...(keep.answers === 'digest' ? { answerDigest: digest(generation.content) } : {}),
        ...(keep.answers === 'text' ? { answer: generation.content } : {}),
      }
    },
  }
}

/** The turns with the prefix before the first prompt. */
function withPrefix<Own extends { readonly prompt: string }>(
  prefix: string,
  own: Own,
  [first, ...others]: readonly AnsweredPrompt[],
): Own & { readonly earlier: readonly AnsweredPrompt[] } {
  if (first === undefined) return { ...own, prompt: prefix + own.prompt, earlier: [] }
  return { ...own, earlier: [{ ...first, prompt: prefix + first.prompt }, ...others] }
}

export interface ColdPrefixParts extends CacheScope {
  readonly phase: SampleRequest['phase']
  readonly sample: string
  /** How many times this trial used the sample before in the same phase. */
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
