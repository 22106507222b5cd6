/** Evidence out of a server's own answers: each question becomes one observation, answered or not. */
import { isSameModel } from '../../ollama/client.ts'
import type { OllamaClient } from '../../ollama/client.ts'
import type { FactId, FactValue } from '../../results/facts.ts'
import type { Evidence } from '../../results/record.ts'
import { logFactIds } from './server-log.ts'
import type { ServerLog } from './server-log.ts'
import type { Observation } from '../target.ts'

type Facts = Readonly<Partial<Record<FactId, FactValue | undefined>>>

interface ApiSource {
  readonly source: string
  readonly facts: readonly FactId[]
  readonly when: readonly Evidence['when'][]
  /** Why a fact is missing although the server answered. */
  readonly reasonIfMissing: string
  readonly read: (client: OllamaClient, model: string, signal: AbortSignal) => Promise<Facts>
}

const apiSources: readonly ApiSource[] = [
  {
    source: '/api/version',
    facts: ['serverVersion'],
    when: ['before', 'after'],
    reasonIfMissing: 'the server does not say',
    read: async (client, _model, signal) => ({ serverVersion: await client.version({ signal }) }),
  },
  {
    source: '/api/tags',
    facts: ['modelDigest', 'modelSizeBytes'],
    when: ['before', 'after'],
    reasonIfMissing: 'the server does not list the model',
    read: async (client, model, signal) => {
      const stored = (await client.tags({ signal })).find(({ name }) => isSameModel(name, model))
      return { modelDigest: stored?.digest, modelSizeBytes: stored?.sizeBytes }
    },
  },
  {
    source: '/api/show',
    facts: ['modelFamily', 'parameterSize', 'quantization', 'capabilities'],
    when: ['before'],
    reasonIfMissing: 'the server does not say',
    read: async (client, model, signal) => {
      const { family, parameterSize, quantization, capabilities } = await client.show(model, {
        signal,
      })
      return {
        modelFamily: family,
        parameterSize,
        quantization,
        capabilities: capabilities && JSON.stringify(capabilities),
      }
    },
  },
  {
    source: '/api/ps',
    facts: ['loadedSizeBytes', 'vramBytes', 'contextLength', 'expiresAt'],
    when: ['before', 'during', 'after'],
    reasonIfMissing: 'the model is not loaded, or the server does not say',
    read: async (client, model, signal) => {
      const loaded = (await client.ps({ signal })).find(({ name }) => isSameModel(name, model))
      return {
        loadedSizeBytes: loaded?.sizeBytes,
        vramBytes: loaded?.vramBytes,
        contextLength: loaded?.contextLength,
        expiresAt: loaded?.expiresAt,
      }
    },
  },
]

/** Asks the server what is worth asking at this time; a question without an answer says why in `missing`. */
export async function observeServer(
  client: OllamaClient,
  model: string,
  when: Evidence['when'],
  signal: AbortSignal,
): Promise<readonly Observation[]> {
  return Promise.all(
    apiSources
      .filter((question) => question.when.includes(when))
      .map(({ source, facts: tells, reasonIfMissing: without, read: ask }) =>
        ask(client, model, signal).then(
          (facts) => observation(source, tells, facts, without),
          (error: unknown) => observation(source, tells, {}, errorMessage(error)),
        ),
      ),
  )
}

/** What the log proves by now. @param crashes of the server itself, which its log cannot tell */
export function observeLog(log: ServerLog, crashes = 0): Observation {
  const facts = { ...log.facts(), crashes: log.crashes + crashes }
  return observation('server log', logFactIds, facts, 'the log does not say')
}

/** An observation of which nothing could be had. */
export function missingObservation(
  source: string,
  tells: readonly FactId[],
  why: string,
): Observation {
  return observation(source, tells, {}, why)
}

/** @param tells what the source should tell; what `facts` has no value for goes to `missing` with `without` */
export function observation(
  source: string,
  tells: readonly FactId[],
  facts: Facts,
  without: string,
): Observation {
  const known: Partial<Record<FactId, FactValue>> = {}
  for (const [id, value] of entries(facts)) if (value !== undefined) known[id] = value
  const absent = tells.filter((id) => known[id] === undefined)
  if (absent.length === 0) return { source, facts: known }
  return { source, facts: known, missing: Object.fromEntries(absent.map((id) => [id, without])) }
}

function entries(facts: Facts): readonly (readonly [FactId, FactValue | undefined])[] {
  const ids = Object.keys(facts) as readonly FactId[] // `Facts` has no other keys
  return ids.map((id) => [id, facts[id]])
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
