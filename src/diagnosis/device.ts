/** What computes: told by the log, by `/api/ps`, or by the count of layers, in this order. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { keyOf } from './case.ts'
import { numberOf, textOf } from './seen.ts'
import { config, count, literal, percent, statement, type Statement } from './statement.ts'

export interface Device {
  readonly kind: 'cpu' | 'gpu' | 'partial'
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
  if (vram !== undefined && size !== undefined && size > 0)
    evidence.push(
      vram === 0
        ? statement('device.no-vram', { config: key })
        : statement('device.vram', {
            config: key,
            share: percent(Math.min(100, (vram / size) * 100)),
          }),
    )
  const kind = kindOf(name, some, all, vram, size)
  return kind === undefined ? undefined : { kind, evidence }
}

function kindOf(
  name: string | undefined,
  some: number | undefined,
  all: number | undefined,
  vram: number | undefined,
  size: number | undefined,
): Device['kind'] | undefined {
  if (name === 'CPU' || some === 0) return 'cpu'
  if (some !== undefined && all !== undefined) return some < all ? 'partial' : 'gpu'
  if (vram !== undefined && size !== undefined && size > 0) {
    if (vram === 0) return 'cpu'
    return vram < size ? 'partial' : 'gpu'
  }
  return name === undefined ? undefined : 'gpu'
}
