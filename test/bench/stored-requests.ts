/**
 * Generates requests with the same fields and digits that `exp run` stores. Uses its own code to build the records,
 * from invented answers to three users in a closed loop.
 */
import type { Experiment, MeasuredConfig } from '../../src/experiment/experiment.ts'
import { requestRecord } from '../../src/load/request-record.ts'
import type { Generation } from '../../src/ollama/generation.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { createRequestFactory } from '../../src/run/request-factory.ts'

const users = 3

/** @param meanMs the mean latency; the latency of a request differs by at most a tenth */
export function* storedRequests(
  { keep }: Experiment,
  config: MeasuredConfig,
  meanMs: number,
  count: number,
): Generator<RequestRecord> {
  const { samples } = config.dataset
  const factory = createRequestFactory(config, { run: 'bench', round: 1 }, keep)
  const prompts = samples.map((_, sampleIndex) => {
    const { promptDigest } = factory.prepare({ sampleIndex, occurrence: 0, phase: 'measured' })
    return promptDigest === undefined ? {} : { promptDigest }
  })
  const freeAt = Array.from({ length: users }, () => 0)
  for (let index = 0; index < count; index += 1) {
    const user = index % users
    const sampleIndex = index % samples.length
    const generation = generationOf(
      freeAt[user] ?? 0,
      meanMs * (0.9 + ((index * 7919) % 997) / 4985),
    )
    const context = {
      index,
      sample: samples[sampleIndex]?.id ?? '',
      user,
      phase: 'measured',
    } as const
    freeAt[user] = generation.endedAt
    const evaluation = factory.evaluate({ sampleIndex, occurrence: 0 }, generation)
    yield requestRecord(context, generation, 0, prompts[sampleIndex] ?? {}, evaluation)
  }
}

function generationOf(sentAt: number, latency: number): Generation {
  return {
    outcome: 'ok',
    httpStatus: 200,
    sentAt,
    firstByteAt: sentAt + latency * 0.4,
    firstContentAt: sentAt + latency * 0.4,
    longestGap: latency / 11,
    tokenGaps: Array.from({ length: 13 }, (_, index) => (latency / 25) * (1 + index / 10)),
    endedAt: sentAt + latency,
    thinking: '',
    content: '{"score": 80}',
    promptTokens: 100,
    outputTokens: 14,
    totalMs: latency * 0.98,
    loadMs: latency / 97,
    promptEvalMs: latency * 0.3,
    evalMs: latency * 0.6,
    doneReason: 'stop',
  }
}
