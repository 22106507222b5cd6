/** Loads the models of a config before its trial, because otherwise the first requests would load them. */
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { kindOfEachModel, modelsOf } from '../../experiment/mix.ts'
import type { OllamaClient } from '../../ollama/client.ts'

/**
 * Loads each model with the options of its first kind of requests. The config's own model comes last, so that it is in
 * memory even if the server keeps only one.
 */
export async function preloadModels(
  client: OllamaClient,
  config: MeasuredConfig,
  signal: AbortSignal,
): Promise<void> {
  const { keepAlive } = config.workload
  const api = config.workload.api === 'embed' ? 'embed' : 'generate'
  for (const { config: kind } of kindOfEachModel(config).toReversed())
    await client.preload(kind.model.name, kind.options, keepAlive, { signal, api })
}

/** The names of the config's models. Its own model comes first, before further models of a mix. */
export function modelNames(config: MeasuredConfig): readonly [string, ...string[]] {
  const [first, ...others] = modelsOf(config)
  return [first.name, ...others.map(({ name }) => name)]
}
