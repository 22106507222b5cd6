/** Determines the compute device from the server's log, the number of layers on the GPU, or `/api/ps`. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { keyOf, numberOf, textOf } from './config-facts.ts'
import { config, count, literal, percent, sharedStatement, type Statement } from './statement.ts'

export interface Device {
  readonly kind: 'cpu' | 'gpu' | 'partial'
  /** Percent of the model on the GPU, by layers or by memory; absent if only the device's name is known. */
  readonly gpuShare?: number
  readonly evidence: readonly Statement[]
}

/** `undefined` without evidence. The log takes precedence over `/api/ps`, which also reports "all on the GPU" if it does not know. */
export function deviceOf(side: ConfigAnalysis): Device | undefined {
  const key = config(keyOf(side))
  const name = textOf(side, 'computeDevice')
  const [vram, size] = [numberOf(side, 'vramBytes'), numberOf(side, 'loadedSizeBytes')]
  const [some, all] = [numberOf(side, 'layersOffloaded'), numberOf(side, 'layersTotal')]
  const evidence: Statement[] = []
  if (name !== undefined)
    evidence.push(
      sharedStatement(name === 'CPU' ? 'device.cpu' : 'device.gpu', {
        config: key,
        device: literal(name),
      }),
    )
  if (some !== undefined && all !== undefined)
    evidence.push(
      sharedStatement('device.layers', { config: key, layers: count(some), total: count(all) }),
    )
  const inMemory = shareOf(vram, size)
  if (inMemory !== undefined)
    evidence.push(
      inMemory === 0
        ? sharedStatement('device.no-vram', { config: key })
        : sharedStatement('device.vram', { config: key, share: percent(inMemory) }),
    )
  if (name === 'CPU') return { kind: 'cpu', gpuShare: 0, evidence }
  const gpuShare = shareOf(some, all) ?? inMemory
  if (gpuShare !== undefined)
    return { kind: gpuShare === 0 ? 'cpu' : gpuShare < 100 ? 'partial' : 'gpu', gpuShare, evidence }
  return name === undefined ? undefined : { kind: 'gpu', evidence }
}

/** In percent, at most 100; `undefined` if either is unknown. */
function shareOf(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0) return undefined
  return Math.min(100, (part / whole) * 100)
}
