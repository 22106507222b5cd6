/** Writes GGUF version 3, the file format of llama.cpp: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. */
import { endianness } from 'node:os'

export type GgufValue =
  | { readonly kind: 'uint32'; readonly value: number }
  | { readonly kind: 'float32'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'int32s'; readonly value: readonly number[] }
  | { readonly kind: 'float32s'; readonly value: readonly number[] }

export interface GgufTensor {
  readonly name: string
  /** Fastest-moving dimension first: a matrix of `rows` by `columns` is `[columns, rows]`. */
  readonly shape: readonly number[]
  /** 32-bit floats, or 16-bit floats as their bits. */
  readonly data: Float32Array | Uint16Array
}

const alignment = 32
const tensorTypes = { float32: 0, float16: 1 } as const
const valueTypes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const

/** Encodes the whole file: little-endian, tensors aligned to 32 bytes. */
export function encodeGguf(
  metadata: ReadonlyMap<string, GgufValue>,
  tensors: readonly GgufTensor[],
): Buffer {
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(metadata.size),
    ...[...metadata].flatMap(([key, value]) => [string(key), typedValue(value)]),
    ...describeTensors(tensors),
  ])
  const parts = [head, ...tensors.map(({ data }) => littleEndian(data))]
  return Buffer.concat(
    parts.flatMap((part) => [part, Buffer.alloc(padded(part.length) - part.length)]),
  )
}

/** The header's entry of each tensor: name, shape, type and offset. */
function describeTensors(tensors: readonly GgufTensor[]): readonly Buffer[] {
  let offset = 0
  return tensors.map(({ name, shape, data }) => {
    const encodedOffset = uint64(offset)
    offset += padded(data.byteLength)
    return Buffer.concat([
      string(name),
      uint32(shape.length),
      ...shape.map(uint64),
      uint32(data instanceof Float32Array ? tensorTypes.float32 : tensorTypes.float16),
      encodedOffset,
    ])
  })
}

function typedValue({ kind, value }: GgufValue): Buffer {
  switch (kind) {
    case 'uint32':
      return Buffer.concat([uint32(valueTypes.uint32), uint32(value)])
    case 'float32':
      return Buffer.concat([uint32(valueTypes.float32), float32(value)])
    case 'bool':
      return Buffer.concat([uint32(valueTypes.bool), Buffer.from([value ? 1 : 0])])
    case 'string':
      return Buffer.concat([uint32(valueTypes.string), string(value)])
    case 'strings':
      return array(valueTypes.string, value.map(string))
    case 'int32s':
      return array(valueTypes.int32, value.map(int32))
    case 'float32s':
      return array(valueTypes.float32, value.map(float32))
  }
}

const array = (type: number, items: readonly Buffer[]): Buffer =>
  Buffer.concat([uint32(valueTypes.array), uint32(type), uint64(items.length), ...items])

function string(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint64(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

const padded = (length: number): number => Math.ceil(length / alignment) * alignment

function littleEndian(data: GgufTensor['data']): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (endianness() === 'LE') return bytes
  const copy = Buffer.from(bytes)
  return data instanceof Float32Array ? copy.swap32() : copy.swap16()
}

/**
 * Returns the bits of the 16-bit float (IEEE 754 binary16) nearest to a number, ties to even. Numbers that are too
 * small become zero of the same sign (no subnormals); numbers that are too large become infinity.
 */
export function halfFloatBits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15
  if (exponent <= 0) return sign
  if (exponent >= 31) return sign | 0x7c00
  const mantissa = bits & 0x7fffff
  const truncated = sign | (exponent << 10) | (mantissa >>> 13)
  const droppedBits = mantissa & 0x1fff
  const roundUp = droppedBits > 0x1000 || (droppedBits === 0x1000 && (truncated & 1) === 1)
  return roundUp ? truncated + 1 : truncated
}
