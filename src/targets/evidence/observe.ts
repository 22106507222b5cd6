/**
 * Reads facts from the server's API. Each endpoint becomes one observation, with the reason for each fact that
 * is missing.
 */
import { limits } from '../../errors/limits.ts'
import { isSameModel } from '../../ollama/client.ts'
import { modelContent } from '../../ollama/modelfile.ts'
import type { OllamaClient } from '../../ollama/client.ts'
import type { FactId, FactValue } from '../../results/facts.ts'
import type { Evidence } from '../../results/record.ts'
import type { Observation } from '../target.ts'
import { logFactIds } from '../../ollama/server-log.ts'
import type { ServerLog } from '../../ollama/server-log.ts'

type Facts = Readonly<Partial<Record<FactId, FactValue | undefined>>>

interface Endpoint {
  readonly source: string
  /** True if the facts are about one model. */
  readonly isOfModel: boolean
  readonly facts: readonly FactId[]
  readonly when: readonly Evidence['when'][]
  /** Why a fact is missing although the server answered. */
  readonly reasonIfMissing: string
  readonly read: (client: OllamaClient, model: string, signal: AbortSignal) => Promise<Facts>
}

const endpoints: readonly Endpoint[] = [
  {
    source: '/api/version',
    isOfModel: false,
    facts: ['serverVersion'],
    when: ['before', 'after'],
    reasonIfMissing: 'the server does not say',
    read: async (client, _model, signal) => ({ serverVersion: await client.version({ signal }) }),
  },
  {
    source: '/api/tags',
    isOfModel: true,
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
    isOfModel: true,
    facts: [
      'modelFamily',
      'parameterSize',
      'quantization',
      'capabilities',
      'modelContentDigest',
      'modelParameters',
    ],
    when: ['before'],
    reasonIfMissing: 'the server does not say',
    read: async (client, model, signal) => {
      const { family, parameterSize, quantization, capabilities, modelfile } = await client.show(
        model,
        { signal },
      )
      const content = modelfile === undefined ? undefined : modelContent(modelfile)
      return {
        modelFamily: family,
        parameterSize,
        quantization,
        capabilities: capabilities && JSON.stringify(capabilities),
        modelContentDigest: content?.digest,
        modelParameters: content && fittingText(content.parameters),
      }
    },
  },
  {
    source: '/api/ps',
    isOfModel: true,
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

/**
 * Reads the endpoints that apply at this time. An endpoint that fails yields an observation without facts.
 * @param models the models that the trial requests; observations of all but the first have the field `model`
 */
export async function observeServer(
  client: OllamaClient,
  [model, ...others]: readonly [string, ...string[]],
  when: Evidence['when'],
  signal: AbortSignal,
): Promise<readonly Observation[]> {
  const observe = ({ source, facts, reasonIfMissing, read }: Endpoint, name: string) =>
    read(client, name, signal).then(
      (values) => observation(source, facts, values, reasonIfMissing),
      (error: unknown) => missingObservation(source, facts, errorMessage(error)),
    )
  const applying = endpoints.filter((endpoint) => endpoint.when.includes(when))
  const ofModels = applying.filter(({ isOfModel }) => isOfModel)
  const loaded = others.length === 0 ? [] : [readLoadedModels(client, [model, ...others], signal)]
  return Promise.all([
    ...applying.map((endpoint) => observe(endpoint, model)),
    ...others.flatMap((name) =>
      ofModels.map(async (endpoint) => ({ ...(await observe(endpoint, name)), model: name })),
    ),
    ...loaded,
  ])
}

/** The text; undefined if a record cannot hold it. */
function fittingText(text: string): string | undefined {
  return text.length > limits.storedShortText.max ? undefined : text
}

async function readLoadedModels(
  client: OllamaClient,
  models: readonly string[],
  signal: AbortSignal,
): Promise<Observation> {
  const source = '/api/ps'
  try {
    const loaded = await client.ps({ signal })
    const inMemory = models.filter((model) => loaded.some(({ name }) => isSameModel(name, model)))
    return { source, facts: { loadedModels: JSON.stringify(inMemory) } }
  } catch (error) {
    return missingObservation(source, ['loadedModels'], errorMessage(error))
  }
}

/**
 * The facts that the log shows so far.
 * @param crashes the number of crashes of the server itself, which its own log cannot show
 */
export function observeLog(log: ServerLog, crashes = 0): Observation {
  const values = { ...log.facts(), crashes: log.crashes + crashes }
  return observation('server log', logFactIds, values, 'the log does not say')
}

/** An observation without any facts. */
export function missingObservation(
  source: string,
  facts: readonly FactId[],
  reason: string,
): Observation {
  return observation(source, facts, {}, reason)
}

/**
 * @param facts the facts that the source should provide
 * @param reasonIfMissing the reason that is stored for each of them without a value
 */
export function observation(
  source: string,
  facts: readonly FactId[],
  values: Facts,
  reasonIfMissing: string,
): Observation {
  const known = knownFacts(values)
  const absent = facts.filter((id) => known[id] === undefined)
  if (absent.length === 0) return { source, facts: known }
  const missing = Object.fromEntries(absent.map((id) => [id, reasonIfMissing]))
  return { source, facts: known, missing }
}

function knownFacts<Id extends FactId>(
  values: Readonly<Partial<Record<Id, FactValue | undefined>>>,
): Partial<Record<Id, FactValue>> {
  const known: Partial<Record<Id, FactValue>> = {}
  for (const id in values) {
    const value = values[id]
    if (value !== undefined) known[id] = value
  }
  return known
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
