/** Resolves the model that a file, a config or an item of a mix names. */
import type { Model } from '../model.ts'
import type { WrittenExperiment } from '../schema/written-experiment.ts'

export function resolveModel(model: WrittenExperiment['model']): Model | undefined {
  if (model === undefined) return undefined
  if (typeof model === 'string') return { name: model }
  const { name, size, digest } = model
  return {
    name,
    ...(size === undefined ? {} : { size }),
    ...(digest === undefined ? {} : { digest: digest.toLowerCase().replace('sha256:', '') }),
  }
}
