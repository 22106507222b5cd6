/** Layers on the GPU in the place of the share of the model that is on the GPU. */
import { quoted } from '../../errors/quote.ts'
import type { Metric } from '../../metrics/catalog.ts'
import { halfWidth } from './amount.ts'

const layersForm = /\d\s*(?:\/|of)\s*\d|\blayers?\b/i

/**
 * Layers differ in size, and the context and the buffers are memory too, so that 42 of 43 layers are not 97.7 % of the
 * model. Undefined if the figure is not a number of layers.
 */
export function layersAsShare(metric: Metric, written: string | number) {
  return metric.id === 'gpuShare' && layersForm.test(halfWidth(String(written)))
    ? {
        message: `${quoted(written)} counts layers, but ${quoted(metric.id)} is a share of memory`,
        hint: 'write what `ollama ps` shows, such as `97%` or `3%/97% CPU/GPU`, or remove the line: layers differ in size',
      }
    : undefined
}
