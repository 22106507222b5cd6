/**
 * Sends equal requests to a server that this program started. The records are cleaned and encoded like those of a
 * trial, but not stored, so that the same code runs as in a trial.
 */
import type { Load } from '../experiment/load.ts'
import { runLoad } from '../load/load.ts'
import type { OllamaClient } from '../ollama/client.ts'
import { prepareRequest } from '../ollama/generation.ts'
import { encodeRecord } from '../results/codec.ts'
import { Redactor } from '../results/redact.ts'
import { digest } from './request-factory.ts'

interface UnrecordedLoad {
  readonly load: Exclude<Load, { kind: 'open' }>
  readonly warmupRequests: number
}

/** Opens a connection for each user first, and closes the client at the end. */
export async function sendUnrecorded(
  client: OllamaClient,
  { load, warmupRequests }: UnrecordedLoad,
  generate: Parameters<typeof runLoad>[1]['generate'],
  signal: AbortSignal,
): ReturnType<typeof runLoad> {
  const request = prepareRequest({ api: 'chat', model: 'm', prompt: 'p', options: {} })
  const redactor = new Redactor()
  try {
    await client.connect(load.users, { signal })
    return await runLoad(
      { load, warmupRequests, samples: ['p'], timeoutMs: 10_000, idleLoopDelayP99Ms: 0 },
      {
        generate,
        prepare: () => ({ request }),
        evaluate: (_, { content }) => ({ answerDigest: digest(content) }),
        write: (record) => void encodeRecord(redactor.record(record)),
        now: () => performance.now(),
        trialStart: performance.now(),
        random: () => 0.5,
        pauseRandom: () => () => 0.5,
        signal,
      },
    )
  } finally {
    await client.close()
  }
}
