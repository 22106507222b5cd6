/**
 * What a document states about the server of a recorded config: its form in the file, and its meaning as facts of a
 * server.
 */
import { z } from 'zod'
import { alternatives, quoted } from '../../errors/quote.ts'
import type { FactId, FactValue } from '../../results/facts.ts'
import type { Facts } from '../experiment.ts'
import { convertAmount, halfWidth, otherExamples, parseAmount } from '../values/amount.ts'
import { type Reading, isRead, readChecked } from '../values/reading.ts'
import { ofLimit } from '../values/recorded-text.ts'
import { filledText, matching, readAs } from './written-text.ts'

const deviceNames = ['CPU', 'GPU', 'Metal', 'CUDA', 'ROCm', 'Vulkan'] as const

const maxCount = 1_000_000_000
const count = z.union([z.int().min(1).max(maxCount), readAs(parseCount, 'quantity')])

/** `42/43`, or the line of the log: `offloaded 42/43 layers to GPU`. */
const layersForm = /^(?:offloaded )?(\d+) ?(?:\/|of) ?(\d+)(?: layers(?: to GPU)?)?$/

const memory = readAs(parseBytes, 'quantity').meta({ examples: ['5.1GB'] })

export const statedFacts = z
  .strictObject({
    ollama: matching(
      /^(?:ollama version is )?v?\d+\.\d+[\w.+-]*$/,
      'wrong-value',
      'is not a version',
      'write the version that `ollama --version` prints, such as `0.12.3`',
    ).meta({ description: 'Version of Ollama.' }),
    device: matching(
      new RegExp(`^(?:100 ?% ?)?(?:${deviceNames.join('|')})$`, 'i'),
      'wrong-value',
      'is not a compute device',
      (text) =>
        text.includes('%')
          ? `write ${alternatives(deviceNames)} here, and the share as a figure: \`gpuShare: ${text}\``
          : `write ${alternatives(deviceNames)}; the name of the machine belongs to \`hardware\``,
    ).meta({ description: '`CPU`, `GPU`, or the library that the GPU is used with.' }),
    layers: readAs(parseLayers, 'wrong-value').meta({
      description: 'Layers on the GPU and all layers, as in the log: `42/43`.',
      pattern: layersForm.source,
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
      .union([
        z.boolean(),
        matching(
          /^(?:on|off|auto|true|false|yes|no|enabled|disabled|[01])$/i,
          'wrong-value',
          'does not say whether flash attention is used',
          'write `on`, `off` or `auto`',
        ),
      ])
      .meta({ description: 'Whether flash attention is used: `on`, `off` or `auto`.' }),
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
    ['serverVersion', ollama?.replace(/^(?:ollama version is )?v?/, '')],
    ['computeDevice', deviceOf(device)],
    ['layersOffloaded', onGpu?.some],
    ['layersTotal', onGpu?.all],
    ['vramBytes', vram === undefined ? undefined : readChecked(parseBytes(vram))],
    ['loadedSizeBytes', size === undefined ? undefined : readChecked(parseBytes(size))],
    ['contextLength', countOf(written.context)],
    ['slots', countOf(written.slots)],
    ['threads', countOf(written.threads)],
    ['batchSize', countOf(written.batchSize)],
    ['cpuCount', countOf(written.cpuCount)],
    ['quantization', written.quantization?.toUpperCase()],
    ['kvCacheType', written.kvCacheType?.toLowerCase()],
    ['flashAttention', flashAttention === undefined ? undefined : flashState(flashAttention)],
    ['containerImage', written.image],
    ['modelDigest', written.modelDigest?.toLowerCase().replace('sha256:', '')],
  ]
  return pairs.flatMap(([id, value]) => (value === undefined ? [] : [[id, value] as const]))
}

function deviceOf(device: string | undefined): string | undefined {
  return deviceNames.find((name) => device?.toLowerCase().endsWith(name.toLowerCase()))
}

function countOf(written: number | string | undefined): number | undefined {
  return typeof written === 'string' ? readChecked(parseCount(written)) : written
}

function flashState(written: boolean | string): string {
  const text = String(written).toLowerCase()
  if (text === 'auto') return text
  return /^(?:on|true|yes|enabled|1)$/.test(text) ? 'on' : 'off'
}

/** Reads `8,192` or `8192 tokens`. Refuses `8k`, which may mean 8,000 or 8,192. */
function parseCount(text: string): Reading<number> {
  const amount = parseAmount(text)
  const value = isRead(amount) ? convertAmount(amount.value, 'tokens') : undefined
  if (value !== undefined && Number.isInteger(value) && value >= 1 && value <= maxCount)
    return { value }
  return {
    message: `${quoted(text)} is not a whole number above 0`,
    hint: `write all its digits and no unit, such as ${otherExamples(text, ['4096', '8192'])}`,
  }
}

function parseLayers(text: string): Reading<{ readonly some: number; readonly all: number }> {
  const [, some, all] = layersForm.exec(halfWidth(text).trim()) ?? []
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

/** Reads `5.1GB` (10⁹ bytes, as `ollama ps` prints it), `4.8 GiB` or `5615MiB / 15360MiB` as bytes. */
function parseBytes(text: string): Reading<number> {
  const amount = parseAmount(halfWidth(text).trim().replace(ofLimit, '$1'))
  const gigabytes = !isRead(amount)
    ? undefined
    : amount.value.value === 0 && amount.value.unit === ''
      ? 0
      : convertAmount(amount.value, 'GB')
  if (gigabytes === undefined || gigabytes < 0)
    return {
      message: `${quoted(text)} is not an amount of memory`,
      hint: `write a number and its unit, such as ${otherExamples(text, ['5.1GB', '4800 MiB'])}`,
    }
  return { value: Math.round(gigabytes * 1e9) }
}

/** A contradiction between two facts of one document. */
export interface Contradiction {
  readonly key: keyof StatedFacts
  readonly message: string
  /** A warning if both statements are from the document: the file can still be used. */
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
