/** What a trial asks, and what is kept of the answers: samples to request bodies, generations to scores and digests. */
import { createHash } from 'node:crypto'
import type { Keep, MeasuredConfig } from '../experiment/experiment.ts'
import { compilePrompt } from '../experiment/prompt.ts'
import { scoreAnswer } from '../experiment/score.ts'
import { coldPrefix } from '../load/cold-prefix.ts'
import type { AnswerEvaluation, StoredPrompt } from '../load/request-record.ts'
import type { Generation } from '../ollama/generation.ts'
import type { PreparedRequest } from '../ollama/request.ts'
import { prepareRequest } from '../ollama/request.ts'
import type { RequestRecord } from '../results/record.ts'

/** One asking of one sample. */
export interface Ask {
  readonly sampleIndex: number
  /** How often the sample was asked before in this trial and phase, from 0. */
  readonly occurrence: number
  readonly phase: RequestRecord['phase']
}

export type PreparedSample = StoredPrompt & { readonly request: PreparedRequest }

export interface RequestFactory {
  prepare(ask: Ask): PreparedSample
  evaluate(sampleIndex: number, generation: Generation): AnswerEvaluation
}

/** What makes a cold prefix the same on both sides of a comparison, and unique otherwise. */
export interface CacheScope {
  readonly run: string
  readonly round: number
  /** The config's key where one server serves several configs, so that none warms the other's cache. */
  readonly config?: string
}

/** @param model the model's name on the server that is asked */
export function createRequestFactory(
  config: MeasuredConfig,
  model: string,
  occasion: CacheScope,
  keep: Keep,
): RequestFactory {
  const { workload, dataset, options } = config
  const render = compilePrompt(workload)
  const prompts = dataset.samples.map(render)
  const digests = prompts.map((prompt) => digest(`${workload.system ?? ''}\n${prompt}`))
  return {
    prepare({ sampleIndex, occurrence, phase }) {
      const prompt = at(prompts, sampleIndex)
      const sample = at(dataset.samples, sampleIndex).id
      const prefix =
        workload.cache === 'cold' ? coldPrefix({ ...occasion, sample, occurrence, phase }) : ''
      const { api, system, think, format, keepAlive } = workload
      return {
        // The prefix has to stand first of all that the model reads, or the system prompt would still be cached.
        request: prepareRequest({
          api,
          model,
          options,
          think,
          format,
          keepAlive,
          ...(system === undefined
            ? { prompt: prefix + prompt }
            : { system: prefix + system, prompt }),
        }),
        ...(keep.prompts === 'none' ? {} : { promptDigest: at(digests, sampleIndex) }),
        ...(keep.prompts === 'text' ? { prompt } : {}),
      }
    },
    evaluate(sampleIndex, generation) {
      if (generation.outcome !== 'ok') return {}
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

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  if (item === undefined) throw new RangeError(`no sample ${index}`)
  return item
}
