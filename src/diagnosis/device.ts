/** What computes: told by the log, by `/api/ps`, or by the count of layers, in this order. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { keyOf } from './case.ts'
import { numberOf, textOf } from './config-facts.ts'
import { config, count, literal, percent, statement, type Statement } from './statement.ts'

export interface Device {
  readonly kind: 'cpu' | 'gpu' | 'partial'
  /** Of the model on the GPU, in percent, by layers or by memory; absent where only the device's name is known. */
  readonly gpuShare?: number
  readonly evidence: readonly Statement[]
}

/** Undefined where nothing tells; the log wins over `/api/ps`, which says "all on the GPU" where it does not know. */
export function deviceOf(side: ConfigAnalysis): Device | undefined {
  const key = config(keyOf(side))
  const name = textOf(side, 'computeDevice')
  const [vram, size] = [numberOf(side, 'vramBytes'), numberOf(side, 'loadedSizeBytes')]
  const [some, all] = [numberOf(side, 'layersOffloaded'), numberOf(side, 'layersTotal')]
  const evidence: Statement[] = []
  if (name !== undefined)
    evidence.push(
      statement(name === 'CPU' ? 'device.cpu' : 'device.gpu', {
        config: key,
        device: literal(name),
      }),
    )
  if (some !== undefined && all !== undefined)
    evidence.push(
      statement('device.layers', { config: key, layers: count(some), total: count(all) }),
    )
  const inMemory = shareOf(vram, size)
  if (inMemory !== undefined)
    evidence.push(
      inMemory === 0
        ? statement('device.no-vram', { config: key })
        : statement('device.vram', { config: key, share: percent(inMemory) }),
    )
  if (name === 'CPU') return { kind: 'cpu', gpuShare: 0, evidence }
  const gpuShare = shareOf(some, all) ?? inMemory
  if (gpuShare !== undefined)
    return { kind: gpuShare === 0 ? 'cpu' : gpuShare < 100 ? 'partial' : 'gpu', gpuShare, evidence }
  return name === undefined ? undefined : { kind: 'gpu', evidence }
}

/** In percent, 100 at most; undefined without both. */
function shareOf(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0) return undefined
  return Math.min(100, (part / whole) * 100)
}
