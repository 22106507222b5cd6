/** Refuses to send images to a model that does not support them. */
import { ExpError } from '../errors/exp-error.ts'
import type { MeasuredConfig } from '../experiment/experiment.ts'
import { requestKindsOf } from '../experiment/mix.ts'
import type { ModelDescription } from '../ollama/server-models.ts'

/**
 * Throws `ExpError` if requests to the model have images and the server lists its capabilities without `vision`.
 * Servers before 0.6.4 list no capabilities; the first request then fails.
 * @param model one of the models of the config
 */
export function assertSupportsImages(
  config: MeasuredConfig,
  model: string,
  { capabilities }: Pick<ModelDescription, 'capabilities'>,
): void {
  if (capabilities === undefined || capabilities.includes('vision')) return
  for (const { config: kind } of requestKindsOf(config)) {
    const { samples, name } = kind.dataset
    if (kind.model.name !== model || samples.every(({ images }) => images === undefined)) continue
    throw new ExpError(
      'environment',
      `samples of \`${name}\` have images, and \`${model}\` does not support images: its capabilities are ${capabilities.join(', ')}`,
      'name a model with the capability `vision`, which `ollama show MODEL` lists, or samples without `images`',
    )
  }
}
