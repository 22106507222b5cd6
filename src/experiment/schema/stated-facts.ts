/** What a document states about the server of a recorded config: its form in the file, and its meaning as facts of a server. */
import { z } from 'zod'
import { alternatives, quoted } from '../../errors/quote.ts'
import type { FactId, FactValue } from '../../results/facts.ts'
import type { Facts } from '../experiment.ts'
import { type Reading, readChecked } from '../values/reading.ts'
import { filledText, matching, readAs } from './written-text.ts'

const deviceNames = ['CPU', 'GPU', 'Metal', 'CUDA', 'ROCm', 'Vulkan'] as const

const count = z.int().min(1).max(1_000_000_000)

const memory = readAs(parseBytes, 'quantity').meta({ examples: ['5.1GB'] })

export const statedFacts = z
  .strictObject({
    ollama: matching(
      /^v?\d+\.\d+[\w.+-]*$/,
      'wrong-value',
      'is not a version',
      'write the version that `ollama --version` prints, such as `0.12.3`',
    ).meta({ description: 'Version of Ollama.' }),
    device: matching(
      new RegExp(`^(?:${deviceNames.join('|')})$`, 'i'),
      'wrong-value',
      'is not a compute device',
      `write ${alternatives(deviceNames)}; the name of the machine belongs to \`hardware\``,
    ).meta({ description: '`CPU`, `GPU`, or the library that the GPU is used with.' }),
    layers: readAs(parseLayers, 'wrong-value').meta({
      description: 'Layers on the GPU and all layers, as in the log: `42/43`.',
      pattern: String.raw`^\d+ ?/ ?\d+$`,
    }),
    vram: memory.meta({ description: 'Memory of the GPU that the model uses.' }),
    size: memory.meta({ description: 'Memory that the model uses in total: SIZE of `ollama ps`.' }),
    context: count.meta({ description: 'Context of one slot, in tokens.' }),
    slots: count.meta({ description: 'Requests that the server computes at once.' }),
    threads: count.meta({ description: 'Inference threads.' }),
    batchSize: count.meta({ description: 'Tokens of a batch.' }),
    cpuCount: count.meta({ description: 'Logical CPUs of the machine.' }),
    quantization: matching(
      /^[A-Za-z][A-Za-z0-9_]*$/,
      'wrong-value',
      'is not a quantisation',
      'write it as `ollama show` prints it, such as `Q4_K_M`',
    ).meta({ description: 'Quantisation of the model.' }),
    kvCacheType: matching(
      /^[A-Za-z][A-Za-z0-9_]*$/,
      'wrong-value',
      'is not a type of the KV cache',
      'write `f16`, `q8_0` or `q4_0`',
    ).meta({ description: 'Precision of the KV cache.' }),
    flashAttention: z
      .union([z.boolean(), z.enum(['on', 'off', 'auto'])])
      .meta({ description: 'Whether flash attention is used.' }),
    image: filledText.meta({ description: 'Image of the container that the server ran in.' }),
    modelDigest: matching(
      /^(?:sha256:)?[0-9a-f]{12,64}$/i,
      'wrong-value',
      'is not the digest of a model',
      'write the ID that `ollama list` prints: at least 12 hexadecimal digits',
    ).meta({ description: 'Digest of the model, or its first 12 digits.' }),
  })
  .partial()
export type StatedFacts = Readonly<z.infer<typeof statedFacts>>

/** The facts of a server that the document states. */
export function factsStatedBy(written: StatedFacts): Facts {
  return Object.fromEntries(pairsStatedBy(written))
}

function pairsStatedBy(written: StatedFacts): readonly (readonly [FactId, FactValue])[] {
  const { ollama, device, layers, vram, size, flashAttention } = written
  const onGpu = layers === undefined ? undefined : readChecked(parseLayers(layers))
  const pairs: readonly (readonly [FactId, FactValue | undefined])[] = [
    ['serverVersion', ollama?.replace(/^v/, '')],
    ['computeDevice', deviceNames.find((name) => name.toLowerCase() === device?.toLowerCase())],
    ['layersOffloaded', onGpu?.some],
    ['layersTotal', onGpu?.all],
    ['vramBytes', vram === undefined ? undefined : readChecked(parseBytes(vram))],
    ['loadedSizeBytes', size === undefined ? undefined : readChecked(parseBytes(size))],
    ['contextLength', written.context],
    ['slots', written.slots],
    ['threads', written.threads],
    ['batchSize', written.batchSize],
    ['cpuCount', written.cpuCount],
    ['quantization', written.quantization?.toUpperCase()],
    ['kvCacheType', written.kvCacheType?.toLowerCase()],
    [
      'flashAttention',
      typeof flashAttention === 'boolean' ? onOrOff(flashAttention) : flashAttention,
    ],
    ['containerImage', written.image],
    ['modelDigest', written.modelDigest?.toLowerCase().replace('sha256:', '')],
  ]
  return pairs.flatMap(([id, value]) => (value === undefined ? [] : [[id, value] as const]))
}

function onOrOff(isOn: boolean): string {
  return isOn ? 'on' : 'off'
}

function parseLayers(text: string): Reading<{ readonly some: number; readonly all: number }> {
  const [, some, all] = /^(\d+) ?\/ ?(\d+)$/.exec(text.trim()) ?? []
  if (some === undefined || all === undefined)
    return {
      message: `${quoted(text)} is not a number of layers and their total`,
      hint: 'write both as the log prints them, such as `42/43`; an option that was set belongs to `options: {num_gpu: …}`',
    }
  if (Number(some) > Number(all) || Number(all) === 0)
    return {
      message: `${quoted(text)} puts more layers on the GPU than the model has`,
      hint: 'write the layers on the GPU first, then all layers, such as `42/43`',
    }
  return { value: { some: Number(some), all: Number(all) } }
}

const bytesIn: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
}

/** Reads `5.1GB` (10⁹ bytes, as `ollama ps` prints it) or `4.8 GiB` as bytes. */
function parseBytes(text: string): Reading<number> {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim()) ?? []
  const factor = Number(amount) === 0 && unit === '' ? 1 : bytesIn[unit.toLowerCase()]
  if (amount === undefined || factor === undefined)
    return {
      message: `${quoted(text)} is not an amount of memory`,
      hint: 'write a number and its unit, such as `5.1GB` or `4800 MiB`',
    }
  return { value: Math.round(Number(amount) * factor) }
}

/** A contradiction between two facts of one document. */
export interface Contradiction {
  readonly key: keyof StatedFacts
  readonly message: string
  /** Two statements of the document: the file can be used all the same. */
  readonly severity?: 'warning'
}

/** Where the stated facts contradict each other, or a log excerpt of the same server. */
export function contradictionsIn(
  written: StatedFacts,
  excerpt: Facts = {},
): readonly Contradiction[] {
  const againstLog = statedFacts.keyof().options.flatMap((key) => {
    const pairs = pairsStatedBy({ [key]: written[key] })
    const isOther = pairs.some(([id, value]) => contradicts(value, excerpt[id]))
    const shown = pairs.map(([id]) => String(excerpt[id] ?? '?')).join('/')
    return isOther
      ? [{ key, message: `the log shows ${quoted(shown)}, not ${quoted(written[key])}` }]
      : []
  })
  const {
    computeDevice,
    layersOffloaded = 0,
    vramBytes = 0,
    loadedSizeBytes,
  } = factsStatedBy(written)
  const onGpu = { layers: layersOffloaded, vram: vramBytes }
  const againstDevice = (['layers', 'vram'] as const).filter(
    (key) => computeDevice === 'CPU' && onGpu[key] !== 0,
  )
  return [
    ...againstLog,
    ...againstDevice.map((key) => ({
      key,
      severity: 'warning' as const,
      message: `${quoted(written[key])} on the GPU contradicts \`device: CPU\``,
    })),
    ...(loadedSizeBytes !== undefined && vramBytes > loadedSizeBytes
      ? [
          {
            key: 'vram' as const,
            severity: 'warning' as const,
            message: '`vram` is a part of `size`, but it is larger',
          },
        ]
      : []),
  ]
}

/** True if the log shows another value. A document may name any GPU `GPU`; an automatic value may be on or off. */
function contradicts(stated: FactValue, shown: FactValue | undefined): boolean {
  if (shown === undefined || stated === shown) return false
  if ([stated, shown].includes('auto')) return false
  return stated !== 'GPU' || shown === 'CPU'
}
